"""What somebody sees who was invited: is it really them, and with which account."""

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.patients.birth_dates import clean_birth_date
from balie.patients.inviting import accept_as, accept_with_password, account_for, find_invitation, shown_invitation
from balie.patients.models import Invitation
from balie.practices.models import Person
from balie.practices.views.acts import errors_by_field

SESSION_KEY = "invitation"
LONGEST_TOKEN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest) -> HttpResponse:
    """Asks the date of birth. Who is wrong hears the same, whatever is wrong."""
    if request.method != "POST":
        return render(request, "patients/invitation.html", {})
    typed = {"token": request.POST.get("token", "")[:LONGEST_TOKEN], "birth_date": request.POST.get("birth_date", "")}
    try:
        found = find_invitation(token=typed["token"], birth_date=clean_birth_date(typed["birth_date"]))
    except ValidationError as error:
        return render(request, "patients/invitation.html", {"typed": typed, "error": error.messages[0]}, status=422)
    if found is None:
        return render(request, "patients/invitation.html", {"typed": typed, "refused": True}, status=422)
    request.session[SESSION_KEY] = found.pk
    return redirect("invitation_account")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation_account(request: HttpRequest) -> HttpResponse:
    """With the account one is logged in with, with the one of this address, or with a new one."""
    found = shown_invitation(request.session.get(SESSION_KEY, 0))
    if found is None:
        return redirect("invitation")
    person = request.user if isinstance(request.user, Person) else None
    if request.method != "POST":
        return _account_page(request, found, person)
    try:
        if person is None:
            if account_for(found):
                return _account_page(request, found, person)
            person = accept_with_password(invitation=found, password=request.POST.get("password", ""))
            login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
            record_authentication(request, person, "password", email=person.email)
        else:
            accept_as(invitation=found, person=person)
    except ValidationError as error:
        return _account_page(request, found, person, error=error)
    request.session.pop(SESSION_KEY, None)
    practice = {"practice": found.patient.practice.name}
    messages.success(request, _("U kunt nu met %(practice)s praten.") % practice)
    return redirect("patient")


def _account_page(
    request: HttpRequest, found: Invitation, person: Person | None, *, error: ValidationError | None = None
) -> HttpResponse:
    errors = errors_by_field(error)
    context = {
        "patient": found.patient,
        "practice": found.patient.practice,
        "person": person,
        "has_account": person is None and account_for(found) is not None,
        "errors": errors,
        "fault": errors.get("all", ""),
    }
    return render(request, "patients/invitation_account.html", context, status=422 if error else 200)
