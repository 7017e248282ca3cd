"""The questionnaire of one's own organisation: edited as data, looked at, tried, and published as the next version."""

from typing import Any, Literal

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.consult.access import access_econsult_choices
from balie.consult.econsults.questionnaires import Own, publish, questionnaires_of, read_body, withdraw
from balie.consult.econsults.triage import Questionnaire, triage
from balie.practices.access import LONGEST_KEY, access_staff
from balie.practices.models import Person, Practice
from balie.practices.staff import DECIDES
from balie.practices.standing import standing_of
from balie.practices.views.acts import Act, do_one, refusal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def econsult_questionnaire(request: HttpRequest) -> HttpResponse:
    """`look` and `try` show what was typed and change nothing; the others are `ACTS`."""
    practice = access_econsult_choices(request)
    if request.method != "POST":
        return _page(request, practice)
    practice, actor = access_staff(request)
    if request.POST.get("do") in {"look", "try"}:
        return _look(request, practice)
    return do_one(request, practice, actor, acts=ACTS, to="econsult_questionnaire", refused=_page)


def _publish(practice: Practice, actor: Person, request: HttpRequest) -> str:
    latest = request.POST.get("latest", "")
    seen = int(latest) if latest.isdecimal() and len(latest) <= LONGEST_KEY else -1
    made = publish(practice=practice, body=request.POST.get("body", ""), latest=seen, actor=actor)
    return _("Versie %(version)s is gepubliceerd. Patiënten vullen nu deze in.") % {"version": made.version}


def _withdraw(practice: Practice, actor: Person, _request: HttpRequest) -> str:
    withdraw(practice=practice, actor=actor)
    return _("Patiënten vullen nu weer de vragenlijst van Balie in.")


ACTS: dict[str, Act] = {"publish": _publish, "withdraw": _withdraw}


def _look(request: HttpRequest, practice: Practice) -> HttpResponse:
    try:
        asked = read_body(request.POST.get("body", ""))
    except ValidationError as error:
        return _page(request, practice, error)
    return _page(request, practice, asked=asked)


def _page(
    request: HttpRequest,
    practice: Practice,
    error: ValidationError | None = None,
    *,
    asked: Questionnaire | None = None,
) -> HttpResponse:
    standing = standing_of(request)
    assert standing is not None
    own = questionnaires_of(practice)
    context = {
        "section": "consult",
        "practice": practice,
        "own": own,
        "decides": standing.role in DECIDES,
        "body": request.POST.get("body") or _shown(request, own),
        "preview": _preview(request, asked) if asked else None,
        **refusal(request, error),
    }
    return render(request, "consult/econsult_questionnaire.html", context, status=422 if error else 200)


def _shown(request: HttpRequest, own: Own) -> str:
    """The version that was asked for, or else what is offered now."""
    wanted = request.GET.get("versie", "")
    found = next((each for each in own.versions if str(each.version) == wanted), own.offered)
    return found.body.strip() if found else ""


def _preview(request: HttpRequest, asked: Questionnaire) -> dict[str, Any]:
    """As a patient reads it, in the language of whoever looks; and what follows from the answers that were tried."""
    language: Literal["nl", "en"] = "en" if get_language() == "en" else "nl"
    tried = {each.code: request.POST.get(f"antwoord-{each.code}", "") for each in asked.questions}
    outcome = triage(asked, tried) if request.POST.get("do") == "try" else None
    return {
        "questions": [
            {
                "code": each.code,
                "label": each.label[language],
                "choices": [(c.code, c.label[language], tried[each.code] == c.code) for c in each.choices],
            }
            for each in asked.questions
        ],
        "story": [each.label[language] for each in asked.story],
        "advice": asked.advice[language],
        "tried": outcome is not None,
        "urgency": outcome.urgency if outcome else None,
        "route": _routes()[outcome.route] if outcome else "",
    }


def _routes() -> dict[str, str]:
    return {
        "112": _("de patiënt belt 112"),
        "phone": _("de patiënt belt uw praktijk"),
        "queue": _("de vraag komt in de rij"),
        "self-care": _("de patiënt leest het advies, en mag de vraag toch sturen"),
    }
