"""How long consultaties take: figures of one's practice, on a page and as CSV."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.consult.access import access_consultation_figures
from balie.consult.consultations.figures import Figures, read_figures
from balie.consult.models import Agreement
from balie.lib.csvfile import csv_reply

PERIODS = (30, 90, 365)  # days
DEFAULT = 90


@login_required
@require_safe
@never_cache
def consultation_figures(request: HttpRequest) -> HttpResponse:
    """Of the last days: requests, times to pick-up and to conclusion, and the share in time."""
    practice, days = access_consultation_figures(request), _days(request)
    found = _read(practice.pk, days)
    tables = [
        (_("Gevraagd door uw praktijk"), [_row(each) for each in found if each.ours]),
        (_("Gevraagd aan uw teams"), [_row(each) for each in found if not each.ours]),
    ]
    context = {"section": "consult", "practice": practice, "tables": tables, "days": days, "periods": PERIODS}
    return render(request, "consult/consultation_figures.html", context)


@login_required
@require_safe
@never_cache
def consultation_figures_csv(request: HttpRequest) -> HttpResponse:
    """The same rows; times in hours, shares in percent."""
    practice, days = access_consultation_figures(request), _days(request)
    header = [
        _("richting"),
        _("afspraak"),
        _("groep"),
        _("gevraagd"),
        _("opgepakt"),
        _("oppakken mediaan (uur)"),
        _("oppakken 90% (uur)"),
        _("afgerond"),
        _("afronden mediaan (uur)"),
        _("afronden 90% (uur)"),
        _("op tijd (%)"),
    ]
    rows = [
        [
            _("door ons") if each.ours else _("aan ons"),
            agreement_of(each),
            team_of(each),
            each.asked,
            each.picked_up,
            _hours(each.pick_up_median),
            _hours(each.pick_up_p90),
            each.concluded,
            _hours(each.conclude_median),
            _hours(each.conclude_p90),
            None if each.share_in_time is None else number_format(round(100 * each.share_in_time, 1), 1),
        ]
        for each in _read(practice.pk, days)
    ]
    return csv_reply(f"consultaties-{days}.csv", header, rows)


def _row(each: Figures) -> dict[str, object]:
    share = each.share_in_time
    return {
        "agreement": agreement_of(each),
        "team": team_of(each),
        "figures": each,
        "pick_up": _spread(each.pick_up_median, each.pick_up_p90),
        "conclude": _spread(each.conclude_median, each.conclude_p90),
        "in_time": "" if share is None else f"{round(100 * share)}%",
    }


def _spread(median: timedelta | None, p90: timedelta | None) -> str:
    if median is None:
        return ""
    times = {"median": _hours(median), "p90": _hours(p90)}
    return _("mediaan %(median)s uur, 90%% binnen %(p90)s uur") % times


def agreement_of(each: Figures) -> str:
    kind = _("Meekijkconsult") if each.kind == Agreement.Kind.ADVICE_CONSULT else _("Consultatie")
    if each.unit == Agreement.Unit.HOUR:
        within = ngettext("binnen %(count)d uur", "binnen %(count)d uur", each.within) % {"count": each.within}
    else:
        within = ngettext("binnen %(count)d werkdag", "binnen %(count)d werkdagen", each.within) % {
            "count": each.within
        }
    return f"{kind}, {within}"


def team_of(each: Figures) -> str:
    return each.team or _("Rechtstreeks aan een specialist")


def _read(practice: int, days: int) -> list[Figures]:
    now = timezone.now()
    return list(read_figures(practice=practice, since=now - timedelta(days=days), until=now))


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("dagen", "")
    return int(asked) if asked in {str(each) for each in PERIODS} else DEFAULT


def _hours(span: timedelta | None) -> str | None:
    return None if span is None else number_format(round(span / timedelta(hours=1), 1), 1)
