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

from balie.practices.access import access_membership_of, access_organiser, access_person
from balie.practices.context import role_names
from balie.practices.factors import kept_factors
from balie.practices.models import Membership, Person
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

Act = Callable[[Person, Person, HttpRequest], str]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """Search by name, e-mail address or AGB code. A POST adds somebody to the staff of organiser or distributor."""
    actor, error = access_organiser(request), None
    if request.method == "POST":
        email, name = request.POST.get("email", ""), request.POST.get("name", "")
        try:
            add = add_distributor if request.POST.get("office") == "distributor" else add_organiser
            added = add(email=email, name=name, actor=actor)
        except ValidationError as refused:
            error = refused
        else:
            messages.success(request, _("%(name)s krijgt een mail om in te loggen.") % {"name": added.name})
            return redirect("people")
    words = request.GET.get("zoek", "")
    context = {
        "section": "people",
        "words": words,
        "found": [(each, _works_for(each)) for each in find_people(words)],
        "organisers": organisers(),
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


ACTS: dict[str, Act] = {"waive": _waive, "end": _end, "deactivate": _deactivate, "reactivate": _reactivate}


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")


def _works_for(somebody: Person) -> list[tuple[Membership, str]]:
    names = role_names()
    return [(member, names[member.role]) for member in somebody.memberships.all()]


def _page(request: HttpRequest, about: Person, actor: Person, *, error: ValidationError | None = None) -> HttpResponse:
    context = {
        "section": "people",
        "person": about,
        "oneself": about == actor,
        "members": _works_for(about),
        "factors": kept_factors(about),
        "waiver": open_waiver(about),
        "log": list(read_person_log(about, most=LOG_MOST)),
        "refused": request.POST.get("do", "") if error else "",
        "errors": errors_by_field(error),
        "typed": request.POST,
    }
    return render(request, "practices/person.html", context, status=422 if error else 200)
