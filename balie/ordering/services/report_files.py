"""The figures of the report's chapters, for a spreadsheet: each part with a header and rows of plain numbers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.queries.fairness import Part
from balie.ordering.queries.report import LAST_STEP, STEP, Report
from balie.ordering.services.report_tables import minutes_as_rows

Rows = tuple[Sequence[str], Sequence[Sequence[object]]]


def _days(report: Report) -> Rows:
    header = [_("Dag"), _("Doses"), _("Doses hooguit"), _("Adressen"), _("Adressen hooguit"), _("Vol sinds")]
    rows = [
        (each.day.isoformat(), each.doses, each.doses_limit, each.addresses, each.addresses_limit, _stamp(each.full_at))
        for each in report.days
    ]
    return header, rows


def _regions(report: Report) -> Rows:
    header = [_("Eerste cijfer van de postcode"), _("Praktijken"), _("Afleveringen"), _("Doses")]
    return header, [(each.digit, each.practices, each.deliveries, each.doses) for each in report.regions]


def _shares(report: Report) -> Rows:
    header = [_("Vaccin"), _("Doses per 100 patiënten, vanaf"), _("Tot"), _("Praktijken")]
    rows = [
        (each.name, step * STEP, (step + 1) * STEP if step < LAST_STEP else "", practices)
        for each in report.shares
        for step, practices in each.steps
    ]
    return header, rows


def _mail(report: Report) -> Rows:
    names = {
        "sent": _("aangenomen"),
        "queued": _("onderweg"),
        "bounced": _("teruggekomen"),
        "failed": _("niet te versturen"),
    }
    return [_("Stand"), _("Bevestigingen")], [(names[state], count) for state, count in report.mails.items()]


def _draws(report: Report) -> Rows:
    header = [
        _("Loting"),
        _("Naar"),
        _("Deel"),
        _("Praktijken"),
        _("In de voorste helft"),
        _("Bij toeval vanaf (%)"),
        _("Bij toeval tot (%)"),
    ]
    rows: list[Sequence[object]] = []
    for draw in report.fairness:
        parts: Mapping[str, Sequence[Part]] = {_("aankomst"): draw.by_arrival, _("grootte"): draw.by_size}
        for by, found in parts.items():
            for at, part in enumerate(found, start=1):
                low, high = (round(100 * share, 1) for share in draw.band(part))
                rows.append((draw.name or draw.position, by, at, part.practices, part.in_front, low, high))
    return header, rows


PARTS: Final[Mapping[str, Callable[[Report], Rows]]] = {
    "aandeel": _shares,
    "bezorgdagen": _days,
    "loting": _draws,
    "mail": _mail,
    "minuten": lambda report: minutes_as_rows(report.minutes),
    "regios": _regions,
}


def _stamp(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%d-%m-%Y %H.%M.%S") if at else ""
