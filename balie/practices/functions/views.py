"""Pages on which functions are closed and opened: of everybody and of any practice for the organiser, and one's own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.practices.access import LONGEST_KEY, access_any_practice, access_organiser, access_practice
from balie.practices.functions.hours import HOLIDAY, Span, after_hours, office_hours
from balie.practices.functions.models import Call, Function, Reason
from balie.practices.functions.queries import calls_for, look_at, notices_for, preview, set_up
from balie.practices.functions.services import (
    close_by_hand,
    end_hand,
    open_by_hand,
    read_spans,
    set_hours,
    tick_phoned,
)
from balie.practices.functions.words import FUNCTIONS, REASONS
from balie.practices.models import Person, Practice
from balie.practices.staff import DECIDES
from balie.practices.standing import standing_of
from balie.practices.views.acts import errors_by_field

SPANS_A_DAY = 2
MORNING = time(8)


@dataclass(frozen=True)
class Subject:
    """Which switch a page is about, who looks, and what they may do. `here` is the address of the page."""

    function: str
    practice: Practice | None
    campaign: int | None
    person: Person
    here: str
    decides: bool
    section: str
    of_practice: bool = False  # one of the practice itself looks, and not the organiser
    campaign_name: str = ""


@login_required
@require_safe
@never_cache
def functions(request: HttpRequest) -> HttpResponse:
    """What is open and closed: everywhere, and at practices that differ from that."""
    access_organiser(request)
    context = {
        "section": "functions",
        "everywhere": [(look_at(each), FUNCTIONS[each]) for each in Function],
        "practices": [(each, FUNCTIONS[each.function]) for each in set_up()],
    }
    return render(request, "practices/functions.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def function(request: HttpRequest, function: str) -> HttpResponse:
    """One function, for everybody."""
    person = access_organiser(request)
    return answer(
        request,
        Subject(_known(function), None, None, person, request.path, decides=person.decides, section="functions"),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def function_of_practice(request: HttpRequest, function: str, agb_code: str) -> HttpResponse:
    """One function of one practice, for the organiser's staff."""
    person, practice = access_organiser(request), access_any_practice(request, agb_code)
    return answer(
        request,
        Subject(_known(function), practice, None, person, request.path, decides=person.decides, section="functions"),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def own_functions(request: HttpRequest) -> HttpResponse:
    """The chat with patients of one's own practice; seen by all of it, switched by who decides there."""
    practice, standing = access_practice(request), standing_of(request)
    assert standing is not None
    if standing.mandate:  # no business of who orders by phone: there are names of patients
        raise Http404
    decides = standing.role in DECIDES
    about = Subject(
        Function.CONVERSATIONS, practice, None, standing.person, request.path, decides, "patients", of_practice=True
    )
    if request.method == "POST" and not decides and request.POST.get("do") not in {"phoned", "not_phoned"}:
        raise PermissionDenied
    return answer(request, about)


def answer(request: HttpRequest, about: Subject) -> HttpResponse:
    """The page, or what a POST does: one of `ACTS`. Closing is looked at before it is done."""
    if request.method != "POST":
        return _page(request, about)
    do = request.POST.get("do", "")
    if do == "look":
        return _page(request, about, looks=True)
    act = ACTS.get(do)
    if act is None:
        raise Http404
    try:
        done = act(request, about)
    except ValidationError as error:
        return _page(request, about, error=error)
    messages.success(request, done)
    return redirect(about.here)


def _scope(about: Subject) -> dict[str, Any]:
    return {"function": about.function, "practice": about.practice, "campaign": about.campaign, "actor": about.person}


def _close(request: HttpRequest, about: Subject) -> str:
    typed = request.POST
    close_by_hand(
        **_scope(about),
        reason=typed.get("reason", ""),
        text=typed.get("text", ""),
        phone=typed.get("phone", ""),
        until=_until(typed.get("until", "")),
        why=typed.get("why", ""),
    )
    return _("Gesloten. Iedereen ziet het binnen vijf seconden. Vergissing? Zet het hieronder weer open.")


def _open(request: HttpRequest, about: Subject) -> str:
    open_by_hand(**_scope(about), why=request.POST.get("why", ""))
    return _("Opengezet. Dat blijft zo tot iemand anders beslist.")


def _let_go(_request: HttpRequest, about: Subject) -> str:
    end_hand(**_scope(about))
    return _("Storing en openingstijden beslissen nu weer.")


def _hours(request: HttpRequest, about: Subject) -> str:
    if about.practice is None:
        raise Http404
    spans = {"post": after_hours, "office": office_hours, "none": list}.get(request.POST.get("kind", ""))
    set_hours(
        function=about.function,
        practice=about.practice,
        spans=spans() if spans else _typed_spans(request),
        actor=about.person,
    )
    return _("De openingstijden zijn bewaard.")


def _phoned(request: HttpRequest, about: Subject) -> str:
    key = request.POST.get("call", "")
    if not key.isdecimal() or len(key) > LONGEST_KEY:
        raise Http404
    ours = about.practice if about.of_practice else None
    call = Call.objects.filter(pk=key, practice=ours, notice__switch__function=about.function).first()
    if call is None:
        raise Http404
    phoned = request.POST["do"] == "phoned"
    tick_phoned(call=call, phoned=phoned, actor=about.person)
    return (_("%(name)s is gebeld.") if phoned else _("%(name)s staat weer op de bellijst.")) % {"name": call.name}


ACTS: dict[str, Callable[[HttpRequest, Subject], str]] = {
    "close": _close,
    "open": _open,
    "let_go": _let_go,
    "hours": _hours,
    "phoned": _phoned,
    "not_phoned": _phoned,
}


def _until(chosen: str) -> datetime | None:
    now = timezone.localtime()
    if chosen == "morning":
        morning = datetime.combine(now.date(), MORNING, now.tzinfo)
        return morning if morning > now else datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo)
    return now + timedelta(minutes=int(chosen)) if chosen in {"60", "120", "240"} else None


def _typed_spans(request: HttpRequest) -> list[Span]:
    spans = []
    for day in range(HOLIDAY + 1):
        for place in range(SPANS_A_DAY):
            begins, ends = (request.POST.get(f"{edge}-{day}-{place}", "") for edge in ("begins", "ends"))
            if not begins and not ends:
                continue
            try:
                spans.append(Span(day, time.fromisoformat(begins), time.fromisoformat(ends)))
            except ValueError:
                raise ValidationError({"hours": _("Vul bij elke openingstijd een begin en een einde in.")}) from None
    return spans


def _known(function: str) -> str:
    if function not in Function.values:
        raise Http404
    return function


def _page(
    request: HttpRequest, about: Subject, *, looks: bool = False, error: ValidationError | None = None
) -> HttpResponse:
    typed, ours = request.POST, about.practice if about.of_practice else None
    look = look_at(about.function, about.practice, about.campaign)
    spans = read_spans(look.own) if look.own else []
    seen = preview(
        about.function,
        about.practice,
        reason=typed.get("reason", Reason.OUTAGE) if typed.get("reason") in Reason.values else Reason.OUTAGE,
        text=typed.get("text", "").strip(),
        phone=typed.get("phone", "").strip() or settings.HELP_PHONE * (about.practice is None),
    )
    context = {
        "section": about.section,
        "about": about,
        "title": FUNCTIONS[about.function],
        "look": look,
        "looks": looks,
        "preview": seen,
        "reasons": REASONS,
        "untils": _untils(),
        "until": typed.get("until", ""),
        "notices": notices_for(about.function, about.practice, about.campaign),
        "calls": calls_for(about.function, ours, about.campaign) if about.of_practice or not about.practice else [],
        "spans": spans,
        "days": _days(spans),
        "errors": errors_by_field(error),
        "refused": request.POST.get("do", "") if error else "",
        "typed": typed,
    }
    return render(request, "practices/function.html", context, status=422 if error else 200)


def _untils() -> dict[str, str]:
    return {
        "": _("tot iemand het weer opent"),
        "60": _("1 uur"),
        "120": _("2 uur"),
        "240": _("4 uur"),
        "morning": _("tot 08.00 uur"),
    }


def _days(spans: list[Span]) -> list[tuple[int, str, list[tuple[int, str, str]]]]:
    """Rows of the form: a day, its name, and its spans with their places, as inputs of times want them."""
    names = [
        _("Maandag"),
        _("Dinsdag"),
        _("Woensdag"),
        _("Donderdag"),
        _("Vrijdag"),
        _("Zaterdag"),
        _("Zondag"),
        _("Feestdagen"),
    ]
    rows = []
    for day, name in enumerate(names):
        own = [(f"{each.begins:%H:%M}", f"{each.ends:%H:%M}") for each in spans if each.day == day]
        own += [("", "")] * (SPANS_A_DAY - len(own))
        rows.append((day, name, [(place, *edges) for place, edges in enumerate(own[:SPANS_A_DAY])]))
    return rows
