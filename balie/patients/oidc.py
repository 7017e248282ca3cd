"""Logging in with DigiD, through a broker that speaks OpenID Connect: allauth does that, we say who it is.

The broker tells a BSN. It is looked up and forgotten: no account of the broker's is kept, so neither the number nor
what the broker calls somebody stands in our database. Nobody gets an account by this; that takes an invitation.
"""

from typing import Any

from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse

from balie.patients.bsn import clean_bsn, find_by_bsn
from balie.practices.models import Person
from balie.practices.services import record

PROVIDER = "digid"


class OidcAdapter(DefaultSocialAccountAdapter):
    """Where allauth asks what becomes of somebody whom the broker vouches for."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 - allauth's
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Log in whoever has this BSN here, second step and all; nothing of `sociallogin` is kept, whatever happens."""
        person = _person_of(sociallogin.account.extra_data)
        if person is None:
            raise ImmediateHttpResponse(render(request, "patients/unknown.html", status=403))
        record(actor=person, practice=None, action="patient.logged_in", subject=f"person:{person.pk}")
        raise ImmediateHttpResponse(perform_login(request, person, redirect_url=reverse("patient")))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,  # noqa: ARG002 - allauth's signature
        error: Any = None,  # noqa: ARG002
        exception: Any = None,  # noqa: ARG002
        extra_context: Any = None,  # noqa: ARG002
    ) -> None:
        """The broker says no, or says nothing."""
        raise ImmediateHttpResponse(render(request, "patients/oidc_failed.html", status=503))


def _person_of(told: dict[str, Any]) -> Person | None:
    """Who has the BSN that the broker tells, at whatever practice; None when nobody has who may log in."""
    claims = {**(told.get("id_token") or {}), **(told.get("userinfo") or {})}
    try:
        treated = find_by_bsn(clean_bsn(str(claims.get(settings.OIDC_BSN_CLAIM, ""))))
    except ValidationError:
        return None
    people = [each.person for each in treated if each.person and each.person.is_active]
    return people[0] if people else None
