"""The organiser finds people: who lost their second step, who must leave, who joins the organiser's staff."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.practices.access import access_admin, access_membership_of, access_organiser, access_person
from balie.practices.context import organiser_role_name, organiser_role_names, role_names
from balie.practices.factors import kept_factors
from balie.practices.models import Membership, OrganiserRole, Person
from balie.practices.office import give_role
from balie.practices.people import (
    add_distributor,
    add_organiser,
    deactivate_person,
    distributors,
    find_people,
    organisers,
    reactivate_person,
)
from balie.practices.person_log import read_person_log
from balie.practices.staff import end_membership
from balie.practices.templatetags.balie import clock
from balie.practices.views.acts import errors_by_field
from balie.practices.waivers import grant_waiver, open_waiver

LOG_MOST = 20
DISTRIBUTOR = "distributor"

Act = Callable[[Person, Person, HttpRequest], str]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """Search by name, e-mail address or AGB code. A POST adds somebody to the organiser or the distributor."""
    actor, error = access_admin(request), None
    if request.method == "POST":
        try:
            added = _add(request, actor)
        except ValidationError as refused:
            error = refused
        else:
            messages.success(request, _("%(name)s krijgt een mail om in te loggen.") % {"name": added.name})
            return redirect("people")
    words = request.GET.get("zoek", "")
    context = {
        "section": "people",
        "words": words,
        "found": [(each, _works_for(each), organiser_role_name(each)) for each in find_people(words)],
        "organisers": [(each, organiser_role_name(each)) for each in organisers()],
        "offices": _offices().items(),
        "distributors": distributors(),
        "errors": errors_by_field(error),
        "typed": request.POST,
    }
    return render(request, "practices/people.html", context, status=422 if error else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def person(request: HttpRequest, key: int) -> HttpResponse:
    """One person. A POST does one of `ACTS`; where it is refused, the page comes again with what was typed."""
    actor = access_organiser(request)
    about = access_person(key)
    if about.needs_two_factors:
        access_admin(request)
    if request.method != "POST":
        return _page(request, about, actor)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    try:
        done = act(about, actor, request)
    except ValidationError as error:
        return _page(request, about, actor, error=error)
    messages.success(request, done)
    return redirect("person", key=key)


def _add(request: HttpRequest, actor: Person) -> Person:
    email, name, office = (request.POST.get(field, "") for field in ("email", "name", "office"))
    if office == DISTRIBUTOR:
        return add_distributor(email=email, name=name, actor=actor)
    role = OrganiserRole(office) if office in OrganiserRole.values else OrganiserRole.AUDITOR
    return add_organiser(email=email, name=name, actor=actor, role=role)


def _waive(about: Person, actor: Person, request: HttpRequest) -> str:
    waiver = grant_waiver(person=about, actor=actor, reason=_reason(request))
    until = {"name": about.name, "until": clock(waiver.expires_at)}
    return _("%(name)s kan tot %(until)s één keer inloggen zonder tweede stap.") % until


def _end(about: Person, actor: Person, request: HttpRequest) -> str:
    member = access_membership_of(about, request.POST.get("member", ""))
    end_membership(membership=member, actor=actor, reason=_reason(request))
    names = {"name": about.name, "practice": member.practice.name}
    return _("%(name)s werkt niet meer voor %(practice)s.") % names


def _deactivate(about: Person, actor: Person, request: HttpRequest) -> str:
    deactivate_person(person=about, actor=actor, reason=_reason(request))
    return _("Het account van %(name)s is gesloten. Op alle apparaten is dat nu uitgelogd.") % {"name": about.name}


def _reactivate(about: Person, actor: Person, request: HttpRequest) -> str:
    reactivate_person(person=about, actor=actor, reason=_reason(request))
    return _("Het account van %(name)s is weer open.") % {"name": about.name}


def _role(about: Person, actor: Person, request: HttpRequest) -> str:
    give_role(person=about, role=request.POST.get("role", ""), actor=actor, reason=_reason(request))
    return _("%(name)s is nu: %(role)s.") % {"name": about.name, "role": organiser_role_name(about)}


ACTS: dict[str, Act] = {
    "waive": _waive,
    "end": _end,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "role": _role,
}


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")


def _offices() -> dict[str, str]:
    """What somebody may who is added as such."""
    return {
        OrganiserRole.STAFF.value: _("organisator: leidt de avond, beslist op verzoeken en bestelt namens praktijken"),
        OrganiserRole.ADMIN.value: _("beheerder: verandert ook regels van campagnes, en wie welke rol heeft"),
        OrganiserRole.AUDITOR.value: _("auditor: leest alles mee en verandert niets"),
        DISTRIBUTOR: _("de distributeur: ziet alleen wat bezorgd wordt"),
    }


def _works_for(somebody: Person) -> list[tuple[Membership, str]]:
    names = role_names()
    return [(member, names[member.role]) for member in somebody.memberships.all()]


def _page(request: HttpRequest, about: Person, actor: Person, *, error: ValidationError | None = None) -> HttpResponse:
    context = {
        "section": "people",
        "person": about,
        "oneself": about == actor,
        "works_as": organiser_role_name(about),
        "roles": organiser_role_names().items(),
        "may": actor.is_admin if about.needs_two_factors else actor.decides,
        "members": _works_for(about),
        "factors": kept_factors(about),
        "waiver": open_waiver(about),
        "log": list(read_person_log(about, most=LOG_MOST)),
        "refused": request.POST.get("do", "") if error else "",
        "errors": errors_by_field(error),
        "typed": request.POST,
    }
    return render(request, "practices/person.html", context, status=422 if error else 200)
