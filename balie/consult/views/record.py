"""How long conversations of a practice are kept, and which are held; for its GPs and managers."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.consult.access import access_record
from balie.consult.record import keeping
from balie.consult.record.models import YEARS_LEAST, YEARS_MOST
from balie.practices.models import Person, Practice
from balie.practices.views.acts import Act, do_one, refusal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def record(request: HttpRequest) -> HttpResponse:
    """A POST does one of `ACTS`; where it is refused, the page comes again and says why."""
    practice, actor = access_record(request)
    if request.method != "POST":
        return _page(request, practice)
    return do_one(request, practice, actor, acts=ACTS, to="record", refused=_page)


def _hold(practice: Practice, actor: Person, request: HttpRequest) -> str:
    keeping.hold(practice=practice, actor=actor, **_said(request, "name", "reason"))
    return _("Het gesprek blijft bewaard, tot uw praktijk dat beëindigt.")


def _lift(practice: Practice, actor: Person, request: HttpRequest) -> str:
    keeping.lift(practice=practice, actor=actor, **_said(request, "name", "reason"))
    return _("Uw praktijk houdt het gesprek niet meer vast. De gewone termijn geldt weer.")


def _years(practice: Practice, actor: Person, request: HttpRequest) -> str:
    years = keeping.keep_longer(practice=practice, actor=actor, **_said(request, "years", "reason"))
    return _("Uw praktijk bewaart gesprekken nu %(years)d jaar.") % {"years": years}


ACTS: dict[str, Act] = {"hold": _hold, "lift": _lift, "years": _years}


def _said(request: HttpRequest, *fields: str) -> dict[str, str]:
    return {field: request.POST.get(field, "") for field in fields}


def _page(request: HttpRequest, practice: Practice, error: ValidationError | None = None) -> HttpResponse:
    find = request.GET.get("zoek", "").strip().replace("\0", "")
    context = {
        "section": "consult",
        "practice": practice,
        "find": find,
        "found": keeping.read_kept(practice=practice, show="all", find=find) if find else [],
        "due": keeping.read_kept(practice=practice, show="due"),
        "held": keeping.read_kept(practice=practice, show="held"),
        "by_year": keeping.due_by_year(practice=practice),
        "most": keeping.SHOWN_MOST,
        "years": keeping.years_of(practice),
        "least": YEARS_LEAST,
        "longest": YEARS_MOST,
        "typed": request.POST,
        **refusal(request, error),
    }
    return render(request, "consult/record.html", context, status=422 if error else 200)
