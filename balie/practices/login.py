"""How allauth behaves here: no public sign-up, mail through the outbox, limits that do not lock others out.

Accounts are made by the organiser (an import, or another member of staff), so addresses need no verification mail.
"""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from balie.mail.rendering import Rendered
from balie.mail.services import ACCOUNT_MESSAGE, enqueue
from balie.practices.accounts import note_account_change
from balie.practices.attempts import count_attempt, forget_attempts
from balie.practices.mandates import lay_down
from balie.practices.models import Person
from balie.practices.services import set_password

INCORRECT_CODE = _("Deze code klopt niet, of is al gebruikt. Wacht op de volgende en vul die in.")


# What allauth tells of, as the owner of the account reads it.
CHANGES = {
    "password_changed": _("Uw wachtwoord is veranderd."),
    "password_reset": _("Uw wachtwoord is veranderd, met een link uit een mail."),
    "recovery_codes_generated": _("Er zijn nieuwe herstelcodes gemaakt. De oude werken niet meer."),
    "totp_activated": _("Er is een app met codes toegevoegd als tweede stap."),
    "totp_deactivated": _("De app met codes is verwijderd als tweede stap."),
    "webauthn_added": _("Er is een passkey toegevoegd."),
    "webauthn_removed": _("Er is een passkey verwijderd."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Where allauth asks how this installation does it."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Dit account is gesloten."),
        "email_password_mismatch": _("Dit e-mailadres en dit wachtwoord horen niet bij elkaar."),
        "enter_current_password": _("Dit is niet uw huidige wachtwoord."),
        "incorrect_password": _("Dit wachtwoord klopt niet."),
        "invalid_password_reset": _("Deze link werkt niet meer."),
        "rate_limited": _("Dit ging te vaak achter elkaar. Wacht een minuut en probeer het opnieuw."),
        "too_many_login_attempts": _("Te vaak misgegaan. Wacht 5 minuten en probeer het opnieuw."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On our canonical address, whatever the Host of the request was; behind a proxy it may be plain http."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.ORIGINS[0]}{path}"

    def logout(self, request: HttpRequest) -> None:
        """Whoever leaves orders for nobody any more."""
        lay_down(request)
        super().logout(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail into the outbox: no mail server is ever waited for while somebody waits for a page."""
        language = context["user"].language or get_language()
        with override(language):
            message = self.render_mail(template_prefix, email, {"email": email, **context})
        assert isinstance(message, EmailMultiAlternatives)
        html = "".join(str(content) for content, _mimetype in message.alternatives)
        enqueue(
            kind=ACCOUNT_MESSAGE,
            reference=f"person:{context['user'].pk}",
            recipient=email,
            body=Rendered(subject=str(message.subject), text=str(message.body), html=html, language=language),
        )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,  # noqa: ARG002 - allauth's signature
        email: str | None = None,  # noqa: ARG002 - allauth's signature
    ) -> None:
        """Allauth tells of each change to an account here: it goes into the log, and its owner hears of it."""
        assert isinstance(user, Person)
        change = template_prefix.rpartition("/")[2]
        note_account_change(person=user, change=change, words=CHANGES[change])

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        assert isinstance(user, Person)
        set_password(person=user, password=password)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count it as an attempt, which allauth takes back when the password was right."""
        key = self._get_login_attempts_cache_key(request, **credentials)
        self._login_failed_rl_usage = count_attempt(request, key=key)
        if self._login_failed_rl_usage is None:
            raise self.validation_error("too_many_login_attempts")

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        forget_attempts(request, key=self._get_login_attempts_cache_key(request, **credentials))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Per address *and* per client: else anybody could lock a practice out by guessing, five minutes at a time."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{self.get_client_ip(request)}"


class MFAAdapter(DefaultMFAAdapter):
    """What is said of a code that does not fit, and for which site a passkey is."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": _("Zet eerst een tweede stap aan."),
        "incorrect_code": INCORRECT_CODE,
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Our canonical address, whatever the Host of the request was: a passkey is good for one site, for ever."""
        return {"id": urlsplit(settings.ORIGINS[0]).hostname or "", "name": "Balie"}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002 - as there
        return _("Passkey %(number)s") % {
            "number": Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        }


class _OnceForm(forms.Form):
    """A code counts once, for as long as it is valid at all. allauth itself forgets it after one period of 30 s."""

    user: Person

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        digits = "".join(sign for sign in code if sign.isdigit())
        lives_s = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
        if not cache.add(f"practices.code:{self.user.pk}:{digits}", value=True, timeout=lives_s):
            raise forms.ValidationError(INCORRECT_CODE)
        return code


class OnceAuthenticateForm(_OnceForm, AuthenticateForm):
    """The second step of logging in."""


class OnceReauthenticateForm(_OnceForm, ReauthenticateForm):
    """The same, before something delicate."""
