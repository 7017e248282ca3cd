"""Second factors: allauth's pages about them, and what they lack here.

Whoever adds a factor has just shown that they have it, so the session counts as confirmed with it.
"""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.httpkit import authenticated_user
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from balie.practices.factors import confirm_with, factors_of
from balie.practices.standing import standing_of
from balie.practices.views.switching import way_back
from balie.practices.waivers import WaiverGoneError, open_waiver, use_waiver

NOT_THIS_PASSKEY = _("Deze passkey hoort niet bij een account hier, of het duurde te lang. Probeer het opnieuw.")


class Account(base.IndexView):
    """One's account: password, second factors, recovery codes."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = authenticated_user(self.request)
        records = get_authentication_records(self.request, person)
        codes = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.RECOVERY_CODES).first()
        return super().get_context_data(**kwargs) | {
            "waived": bool(records) and records[-1]["method"] == "waiver",
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        }


class SecondStep(base.AuthenticateView):
    """The second step of logging in, by whichever factors this person has."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.stage.login.user
        factors = factors_of(person)
        if Authenticator.Type.WEBAUTHN not in factors:
            self.webauthn_form = None  # else every visit would write a challenge into the session
        return super().get_context_data(**kwargs) | {"factors": factors, "waiver": open_waiver(person)}


@login_stage_required(  # type: ignore[untyped-decorator]
    stage=AuthenticateStage.key, redirect_urlname="account_login"
)
@require_POST
def without_second_step(request: HttpRequest) -> HttpResponse:
    """Log in without it, where the organiser granted that; and on to setting up a new one."""
    stage = request._login_stage  # type: ignore[attr-defined]  # noqa: SLF001 - allauth's name for it
    try:
        use_waiver(person=stage.login.user)
    except WaiverGoneError:
        messages.error(request, gettext("Dit kan niet meer: het is al gebruikt, of de 15 minuten zijn voorbij."))
        return redirect("mfa_authenticate")
    record_authentication(request, stage.login.user, "waiver")
    stage.login.redirect_url = reverse("mfa_index")
    response: HttpResponse = stage.exit()
    return response


@login_required
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Where staff come who were not confirmed with the second factor they need: set one up, or confirm with it."""
    standing = standing_of(request)
    assert standing is not None
    if standing.two_factors or not standing.person.needs_two_factors:
        return redirect(way_back(request, request.GET))
    context = {"factors": factors_of(standing.person), "next": way_back(request, request.GET)}
    return render(request, "mfa/needed.html", context)


class ActivateApp(totp.ActivateTOTPView):
    """Set up an app with codes."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        confirm_with(self.request, Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP))
        return response


class AddPasskey(webauthn.AddWebAuthnView):
    """Every key here is a passkey: it is kept on the device, and asks for a finger, a face or a PIN."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # which begins a ceremony of its own; the last one begun counts
        options = begin_registration(authenticated_user(self.request), passwordless=True)
        return context | {"js_data": {"creation_options": options}}

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        passkeys = Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.WEBAUTHN)
        confirm_with(self.request, passkeys.latest("pk"))
        return response


class LogInWithPasskey(webauthn.LoginWebAuthnView):
    """Without a password."""

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ARG002 - allauth's signature
        messages.error(self.request, NOT_THIS_PASSKEY)
        return redirect("account_login")


class ConfirmWithPasskey(webauthn.ReauthenticateWebAuthnView):
    """Before something delicate."""

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ARG002 - allauth's signature
        messages.error(self.request, NOT_THIS_PASSKEY)
        return redirect(self.request.get_full_path())
