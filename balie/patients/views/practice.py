"""The patients of a practice, for everybody who works there: invited, invited again, withdrawn, ended."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.patients.access import access_patient, access_patients, access_relation
from balie.patients.bsn import show_bsn
from balie.patients.inviting import end_patient, invite, register_patient, withdraw_invitation
from balie.patients.listing import listed, patients_of
from balie.patients.models import Patient
from balie.patients.relations import end_relation, kind_names, state_relation
from balie.practices.models import Person, Practice
from balie.practices.views.acts import Act, do_one, refusal

# A BSN that was typed is not said again, not even to who typed it.
SAID_AGAIN = ("name", "birth_date", "email")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def patients(request: HttpRequest) -> HttpResponse:
    """A POST does one of `ACTS`; where it is refused, the page comes again with what was typed and what is wrong."""
    practice, actor = access_patients(request)
    if request.method != "POST":
        return _page(request, practice)
    if request.POST.get("do") == "bsn":
        return _show_bsn(practice, actor, request)
    return do_one(request, practice, actor, acts=ACTS, to="patients", refused=_page)


def _register(practice: Practice, actor: Person, request: HttpRequest) -> str:
    fields = {field: request.POST.get(field, "") for field in (*SAID_AGAIN, "bsn")}
    registered = register_patient(practice=practice, actor=actor, **fields)
    if registered.email:
        return _("%(name)s krijgt een mail met een uitnodiging.") % {"name": registered.name}
    return _("%(name)s staat erbij.") % {"name": registered.name}


def _again(practice: Practice, actor: Person, request: HttpRequest) -> str:
    patient = _named(practice, request)
    invite(patient=patient, actor=actor)
    return _("%(name)s krijgt een nieuwe mail. De vorige link werkt niet meer.") % {"name": patient.name}


def _withdraw(practice: Practice, actor: Person, request: HttpRequest) -> str:
    patient = _named(practice, request)
    withdraw_invitation(patient=patient, actor=actor)
    return _("De uitnodiging van %(name)s is ingetrokken.") % {"name": patient.name}


def _end(practice: Practice, actor: Person, request: HttpRequest) -> str:
    patient = _named(practice, request)
    end_patient(patient=patient, actor=actor, reason=request.POST.get("reason", ""))
    return _("%(name)s is geen patiënt van uw praktijk meer.") % {"name": patient.name}


def _relate(practice: Practice, actor: Person, request: HttpRequest) -> str:
    relation = state_relation(
        patient=_named(practice, request),
        email=request.POST.get("email", ""),
        kind=request.POST.get("kind", ""),
        child_agrees="child_agrees" in request.POST,
        actor=actor,
    )
    names = {"name": relation.representative.name, "child": relation.patient.name}
    return _("%(name)s handelt nu voor %(child)s.") % names


def _unrelate(practice: Practice, actor: Person, request: HttpRequest) -> str:
    relation = access_relation(practice, request.POST.get("relation", ""))
    end_relation(relation=relation, actor=actor, reason=request.POST.get("reason", ""))
    names = {"name": relation.representative.name, "child": relation.patient.name}
    return (
        _("%(name)s handelt niet meer voor %(child)s. Ging een gesprek over %(child)s? Haal %(name)s daar dan uit.")
        % names
    )


ACTS: dict[str, Act] = {
    "register": _register,
    "again": _again,
    "withdraw": _withdraw,
    "end": _end,
    "relate": _relate,
    "unrelate": _unrelate,
}


def _named(practice: Practice, request: HttpRequest) -> Patient:
    return access_patient(practice, request.POST.get("patient", ""))


def _show_bsn(practice: Practice, actor: Person, request: HttpRequest) -> HttpResponse:
    patient = _named(practice, request)
    try:
        bsn = show_bsn(patient=patient, actor=actor, reason=request.POST.get("reason", ""))
    except ValidationError as error:
        return _page(request, practice, error)
    return render(request, "patients/bsn.html", {"section": "patients", "patient": patient, "bsn": bsn})


def _page(request: HttpRequest, practice: Practice, error: ValidationError | None = None) -> HttpResponse:
    page = patients_of(practice, page=request.GET.get("pagina", ""))
    refused, typed = refusal(request, error), {field: request.POST.get(field, "") for field in SAID_AGAIN}
    context = {
        "section": "patients",
        "practice": practice,
        "page": page,
        "patients": listed(list(page)),
        "asks_bsn": bool(settings.BSN_KEY),
        "kinds": kind_names(),
        "typed": typed if refused["refused"] == "register" else {},
        **refused,
    }
    return render(request, "patients/patients.html", context, status=422 if error else 200)
