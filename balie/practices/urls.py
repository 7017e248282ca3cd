"""Logging in, for which practice, who works there, imports. Of allauth only what we use: the rest does not exist."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path, reverse_lazy

from balie.practices.directory import views as directory
from balie.practices.functions import views as functions
from balie.practices.importing import views as importing
from balie.practices.suggestions.views import suggestions
from balie.practices.views import factors
from balie.practices.views.connections import connection_pass
from balie.practices.views.people import people, person
from balie.practices.views.staff import connection, staff
from balie.practices.views.switching import (
    choose_language,
    choose_scheme,
    put_away,
    stop_mandate,
    switch_practice,
)
from balie.practices.webhooks.views import webhooks

TO_ACCOUNT = reverse_lazy("mfa_index")

urlpatterns = [
    path("praktijk/", switch_practice, name="switch_practice"),
    path("taal/", choose_language, name="choose_language"),
    path("scherm/", choose_scheme, name="choose_scheme"),
    path("advies/weg/", put_away, name="put_away_advice"),
    path("medewerkers/", staff, name="staff"),
    path("medewerkers/koppeling/", connection, name="connection"),
    path("medewerkers/meldingen/", webhooks, name="webhooks"),
    path("koppeling/pas/", connection_pass, name="connection_pass"),
    path("mensen/", people, name="people"),
    path("mensen/<int:key>/", person, name="person"),
    path("praktijken/", directory.practices, name="practices"),
    path("praktijken/importeren/", importing.imports, name="imports"),
    path("praktijken/importeren/voorbeeld.csv", importing.example, name="import_example"),
    path("praktijken/importeren/<int:pk>/", importing.import_page, name="import"),
    path("praktijken/importeren/<int:pk>/voortgang/", importing.progress, name="import_progress"),
    path("praktijken/importeren/<int:pk>/rapport.csv", importing.report, name="import_report"),
    path("open-of-dicht/", functions.own_functions, name="own_functions"),
    path("functies/", functions.functions, name="functions"),
    path("functies/<str:function>/", functions.function, name="function"),
    path("functies/<str:function>/<str:agb_code>/", functions.function_of_practice, name="function_of_practice"),
    path("suggesties/", suggestions, name="suggestions"),
    path("namens/stop/", stop_mandate, name="stop_mandate"),
    path("praktijken/<str:agb_code>/", directory.practice_page, name="practice"),
    path("account/login/", account.login, name="account_login"),
    path("account/login/passkey/", factors.LogInWithPasskey.as_view(), name="mfa_login_webauthn"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/gesloten/", account.account_inactive, name="account_inactive"),
    path("account/bevestigen/", account.reauthenticate, name="account_reauthenticate"),
    path("account/wachtwoord/", account.password_change, name="account_change_password"),
    path("account/wachtwoord/vergeten/", account.password_reset, name="account_reset_password"),
    path("account/wachtwoord/vergeten/mail/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^account/wachtwoord/nieuw/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "account/wachtwoord/veranderd/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/tweestaps/", factors.Account.as_view(), name="mfa_index"),
    path("account/tweestaps/nodig/", factors.second_factor, name="second_factor"),
    path("account/tweestaps/code/", factors.SecondStep.as_view(), name="mfa_authenticate"),
    path("account/tweestaps/zonder/", factors.without_second_step, name="without_second_step"),
    path("account/tweestaps/bevestigen/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/tweestaps/aan/", factors.ActivateApp.as_view(), name="mfa_activate_totp"),
    path("account/tweestaps/uit/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/tweestaps/passkey/", factors.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path(
        "account/tweestaps/passkey/bevestigen/",
        factors.ConfirmWithPasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "account/tweestaps/passkey/<int:pk>/naam/",
        webauthn.EditWebAuthnView.as_view(success_url=TO_ACCOUNT),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/tweestaps/passkey/<int:pk>/weg/",
        webauthn.RemoveWebAuthnView.as_view(success_url=TO_ACCOUNT),
        name="mfa_remove_webauthn",
    ),
    path("account/tweestaps/herstelcodes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/tweestaps/herstelcodes/nieuw/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]
