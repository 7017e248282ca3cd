"""One page: everybody reads subjects and answers, who is logged in suggests, staff put together and answer."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.practices.access import LONGEST_KEY, access_organiser
from balie.practices.models import Suggestion, Topic
from balie.practices.standing import standing_of
from balie.practices.suggestions.services import ANSWER_MOST, TEXT_MOST, answer, own, put_under, suggest, topics, unread
from balie.practices.views.acts import errors_by_field

T = TypeVar("T", Suggestion, Topic)
STATES = {
    Topic.State.READING: gettext_lazy("Wij denken erover"),
    Topic.State.PLANNED: gettext_lazy("Komt eraan"),
    Topic.State.DONE: gettext_lazy("Is er nu"),
    Topic.State.DECLINED: gettext_lazy("Doen wij niet"),
}
LOOKS = {
    Topic.State.READING: "neutral",
    Topic.State.PLANNED: "ok",
    Topic.State.DONE: "ok",
    Topic.State.DECLINED: "neutral",
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def suggestions(request: HttpRequest) -> HttpResponse:
    """A POST does one of `ACTS`; where it is refused, the page comes again with what was typed."""
    if request.method == "POST":
        return _act(request)
    return _page(request)


@login_required
def _act(request: HttpRequest) -> HttpResponse:
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    try:
        done = act(request)
    except ValidationError as error:
        return _page(request, error)
    messages.success(request, done)
    return redirect("suggestions")


def _suggest(request: HttpRequest) -> str:
    standing = standing_of(request)
    if standing is None or standing.mandate:
        raise Http404
    suggest(person=standing.person, practice=standing.practice, text=request.POST.get("text", ""))
    return _("Dank u. Wij lezen het, en antwoorden op deze pagina.")


def _group(request: HttpRequest) -> str:
    actor = access_organiser(request)
    suggestion = _found(Suggestion, request.POST.get("suggestion", ""))
    chosen = request.POST.get("topic", "")
    topic = _found(Topic, chosen) if chosen else None
    put_under(suggestion=suggestion, topic=topic, title=request.POST.get("title", ""), actor=actor)
    return _("Ingedeeld.")


def _answer(request: HttpRequest) -> str:
    actor = access_organiser(request)
    topic = _found(Topic, request.POST.get("topic", ""))
    answer(topic=topic, state=request.POST.get("state", ""), text=request.POST.get("answer", ""), actor=actor)
    return _("Iedereen leest nu dit antwoord.")


def _found(model: type[T], key: str) -> T:
    """Raises Http404."""
    if not key.isascii() or not key.isdecimal() or len(key) > LONGEST_KEY:
        raise Http404
    row = model.objects.filter(pk=int(key)).first()
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, error: ValidationError | None = None) -> HttpResponse:
    standing = standing_of(request)
    staff = standing is not None and standing.decides
    context = {
        "topics": [(each, STATES[Topic.State(each.state)], LOOKS[Topic.State(each.state)]) for each in topics()],
        "states": STATES.items(),
        "staff": staff,
        "unread": unread() if staff else [],
        "own": own(standing.person) if standing else [],
        "errors": errors_by_field(error),
        "typed": request.POST,
        "text_most": TEXT_MOST,
        "answer_most": ANSWER_MOST,
    }
    return render(request, "practices/suggestions.html", context, status=422 if error else 200)


ACTS: dict[str, Callable[[HttpRequest], str]] = {"suggest": _suggest, "group": _group, "answer": _answer}
