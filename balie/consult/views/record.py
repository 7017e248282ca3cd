"""How long conversations of a practice are kept, which are held, and which destroyed; for its GPs and managers."""

from datetime import date, datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.consult.access import access_record
from balie.consult.record import certificates, erasing, keeping
from balie.consult.record.models import YEARS_LEAST, YEARS_MOST
from balie.consult.reserves.standing import read_standing
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


def _propose(practice: Practice, actor: Person, request: HttpRequest) -> str:
    erasing.propose(practice=practice, actor=actor, **_said(request, "name", "reason"))
    return _("Het voorstel staat klaar. Een andere huisarts of manager van uw praktijk beslist.")


def _ask(practice: Practice, actor: Person, request: HttpRequest) -> str:
    erasing.ask_for_patient(practice=practice, actor=actor, **_said(request, "name", "received", "reason"))
    return _("Het verzoek is genoteerd. Een andere huisarts of manager van uw praktijk beslist, binnen drie maanden.")


def _grant(practice: Practice, actor: Person, request: HttpRequest) -> str:
    if erasing.grant(practice=practice, actor=actor, **_said(request, "name")) is None:
        return _("Uw praktijk is akkoord. Het gesprek wordt vernietigd als de andere praktijk dat ook is.")
    return _("Het gesprek is vernietigd. Het bewijs staat onder Vernietigd.")


def _refuse(practice: Practice, actor: Person, request: HttpRequest) -> str:
    erasing.refuse(practice=practice, actor=actor, **_said(request, "name", "refused_for", "reason"))
    return _("Het verzoek is afgewezen. Laat de patiënt weten waarom.")


def _withdraw(practice: Practice, actor: Person, request: HttpRequest) -> str:
    erasing.withdraw(practice=practice, actor=actor, **_said(request, "name", "reason"))
    return _("Ingetrokken. Het gesprek blijft bewaard.")


ACTS: dict[str, Act] = {
    "hold": _hold,
    "lift": _lift,
    "years": _years,
    "propose": _propose,
    "ask": _ask,
    "grant": _grant,
    "refuse": _refuse,
    "withdraw": _withdraw,
}


def _said(request: HttpRequest, *fields: str) -> dict[str, str]:
    return {field: request.POST.get(field, "") for field in fields}


def _page(request: HttpRequest, practice: Practice, error: ValidationError | None = None) -> HttpResponse:
    find = request.GET.get("zoek", "").strip().replace("\0", "")
    pending = erasing.read_pending(practice=practice, today=timezone.localdate())
    context = {
        "section": "consult",
        "practice": practice,
        "find": find,
        "found": keeping.read_kept(practice=practice, show="all", find=find) if find else [],
        "due": keeping.read_kept(practice=practice, show="due"),
        "held": keeping.read_kept(practice=practice, show="held"),
        "pending": pending,
        "asked": {each.erasure.group_id for each in pending},
        "destroyed": erasing.read_destroyed(practice=practice, most=keeping.SHOWN_MOST),
        "now": timezone.now(),
        "today": timezone.localdate(),
        "reserves": read_standing(practice=practice),
        "by_year": keeping.due_by_year(practice=practice),
        "most": keeping.SHOWN_MOST,
        "years": keeping.years_of(practice),
        "least": YEARS_LEAST,
        "longest": YEARS_MOST,
        "typed": request.POST,
        **refusal(request, error),
    }
    return render(request, "consult/record.html", context, status=422 if error else 200)


@login_required
@require_safe
@never_cache
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """That a conversation was destroyed, to read and print."""
    practice, _actor = access_record(request)
    destruction = erasing.find_destruction(practice=practice, pk=pk)
    checked = erasing.check(destruction)
    said = checked.certificate
    context = {
        "section": "consult",
        "practice": practice,
        "pk": pk,
        "said": said,
        "at": destruction.at,
        "agreed": [
            {
                "said": each,
                "received": date.fromisoformat(each.received),
                "asked_at": datetime.fromisoformat(each.asked_at),
                "decided_at": datetime.fromisoformat(each.decided_at),
            }
            for each in said.agreed
        ],
        "kid": checked.kid,
        "public": erasing.public_keys()[checked.kid],
    }
    return render(request, "consult/certificate.html", context)


@login_required
@require_safe
@never_cache
def certificate_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The same, signed, as `balie verify-destruction` reads it."""
    practice, _actor = access_record(request)
    destruction = erasing.find_destruction(practice=practice, pk=pk)
    file = certificates.CertificateFile(certificate=destruction.certificate, listed=destruction.listed)
    name = f"vernietigd-{destruction.at:%Y-%m-%d}-{pk}.json"
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        certificates.write_file(file), content_type="application/json", headers={"Content-Disposition": disposition}
    )
