"""What an organisation chooses for its e-consults; seen by all who work there, changed by who decides."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.consult.access import access_econsult_choices
from balie.consult.econsults.posts import (
    answer_asker,
    askers_of,
    choices_of,
    choose_absence,
    choose_closing,
    choose_video,
)
from balie.consult.models import PostChoice
from balie.practices.access import access_staff
from balie.practices.models import Person, Practice
from balie.practices.staff import DECIDES
from balie.practices.standing import standing_of
from balie.practices.views.acts import Act, do_one, refusal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def econsult_choices(request: HttpRequest) -> HttpResponse:
    """A POST does one of `ACTS`; where it is refused, the page comes again with what was typed and what is wrong."""
    practice = access_econsult_choices(request)
    if request.method != "POST":
        return _page(request, practice)
    return do_one(request, *access_staff(request), acts=ACTS, to="econsult_choices", refused=_page)


def _closing(practice: Practice, actor: Person, request: HttpRequest) -> str:
    moves_to, say = (request.POST.get(field, "") for field in ("moves_to", "say"))
    chosen = choose_closing(practice=practice, moves_to=moves_to, say=say, actor=actor)
    if chosen.moves_to and not chosen.agreed_at:
        return _("Bewaard. Wie wacht, gaat naar %(name)s zodra die post akkoord is.") % {"name": chosen.moves_to.name}
    return _("Bewaard.")


def _absence(practice: Practice, actor: Person, request: HttpRequest) -> str:
    begin, end, say = (request.POST.get(field, "") for field in ("away_from", "away_until", "away_say"))
    choose_absence(practice=practice, begin=begin, end=end, say=say, actor=actor)
    return _("Bewaard.")


def _video(practice: Practice, actor: Person, request: HttpRequest) -> str:
    choose_video(practice=practice, link=request.POST.get("video_link", ""), actor=actor)
    return _("Bewaard.")


def _answer(practice: Practice, actor: Person, request: HttpRequest) -> str:
    agrees = request.POST["do"] == "agree"
    asker = answer_asker(practice=practice, asker=request.POST.get("asker", ""), agrees=agrees, actor=actor)
    if asker is None:
        raise Http404
    said = _("U neemt nu over van %(name)s.") if agrees else _("U neemt niet over van %(name)s.")
    return said % {"name": asker.name}


ACTS: dict[str, Act] = {
    "closing": _closing,
    "absence": _absence,
    "video": _video,
    "agree": _answer,
    "refuse": _answer,
}


def _kept(chosen: PostChoice) -> dict[str, str]:
    """As the fields of the forms have it."""
    return {
        "moves_to": chosen.moves_to.agb_code if chosen.moves_to else "",
        "say": chosen.say,
        "away_from": chosen.away_from.isoformat() if chosen.away_from else "",
        "away_until": chosen.away_until.isoformat() if chosen.away_until else "",
        "away_say": chosen.away_say,
        "video_link": chosen.video_link,
    }


def _page(request: HttpRequest, practice: Practice, error: ValidationError | None = None) -> HttpResponse:
    standing = standing_of(request)
    assert standing is not None
    chosen = choices_of(practice)
    context = {
        "section": "consult",
        "practice": practice,
        "chosen": chosen,
        "askers": askers_of(practice),
        "decides": standing.role in DECIDES,
        "fields": _kept(chosen) | request.POST.dict(),
        **refusal(request, error),
    }
    return render(request, "consult/econsult_choices.html", context, status=422 if error else 200)
