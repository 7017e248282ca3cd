"""Logging in, for which practice, and importing practices. Of allauth only what we use: the rest does not exist."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.totp import views as totp
from django.urls import path, re_path

from balie.practices import views
from balie.practices.directory import views as directory
from balie.practices.importing import views as importing

urlpatterns = [
    path("praktijk/", views.switch_practice, name="switch_practice"),
    path("taal/", views.choose_language, name="choose_language"),
    path("praktijken/", directory.practices, name="practices"),
    path("praktijken/importeren/", importing.imports, name="imports"),
    path("praktijken/importeren/voorbeeld.csv", importing.example, name="import_example"),
    path("praktijken/importeren/<int:pk>/", importing.import_page, name="import"),
    path("praktijken/importeren/<int:pk>/voortgang/", importing.progress, name="import_progress"),
    path("praktijken/importeren/<int:pk>/rapport.csv", importing.report, name="import_report"),
    path("namens/stop/", views.stop_mandate, name="stop_mandate"),
    path("praktijken/<str:agb_code>/", directory.practice_page, name="practice"),
    path("account/login/", account.login, name="account_login"),
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
    path("account/tweestaps/", mfa.index, name="mfa_index"),
    path("account/tweestaps/code/", mfa.authenticate, name="mfa_authenticate"),
    path("account/tweestaps/bevestigen/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/tweestaps/aan/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/tweestaps/uit/", totp.deactivate_totp, name="mfa_deactivate_totp"),
]
