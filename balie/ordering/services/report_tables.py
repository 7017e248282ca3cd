"""The long tables of the report: per delivery day, and the figures that its plots are drawn from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from balie.ordering.queries.report import Day, Minute
from balie.practices.templatetags.balie import day, moment, number

MOST_ROWS = 60
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240)


@dataclass(frozen=True)
class Table:
    """The first column names the row; the others are figures, or `words`."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: bool = False


def tell_days(days: Sequence[Day]) -> Table:
    rows = [
        (
            day(each.day),
            _("%(part)s van %(whole)s") % {"part": number(each.doses), "whole": number(each.doses_limit)},
            _("%(part)s van %(whole)s") % {"part": number(each.addresses), "whole": number(each.addresses_limit)},
            moment(each.full_at) if each.full_at else "–",
        )
        for each in days
    ]
    return Table(_("Per bezorgdag"), [_("Dag"), _("Doses"), _("Adressen"), _("Vol sinds")], rows)


def tell_minutes(minutes: Sequence[Minute]) -> Table:
    """At most sixty rows: of a long night some minutes go together."""
    step = next(each for each in STEPS_MIN if len(minutes) <= each * MOST_ROWS or each == STEPS_MIN[-1])
    title = ngettext("Per minuut", "Per %(count)s minuten", step) % {"count": step}
    columns = [
        _("Vanaf"),
        _("Binnengekomen"),
        _("Opgeroepen"),
        _("Wachtend"),
        _("Besteld"),
        _("Doses"),
        _("Mail wacht"),
    ]
    return Table(title, columns, [_row(together) for together in _together(minutes, step)])


def _together(minutes: Sequence[Minute], step: int) -> Iterator[Sequence[Minute]]:
    for at in range(0, len(minutes), step):
        yield minutes[at : at + step]


def _row(minutes: Sequence[Minute]) -> Sequence[str]:
    last = minutes[-1]
    counts = [
        sum(each.arrivals for each in minutes),
        sum(each.calls for each in minutes),
        last.waiting,
        sum(each.orders for each in minutes),
        sum(each.doses for each in minutes),
        last.mail_waiting,
    ]
    return [timezone.localtime(minutes[0].at).strftime("%H.%M"), *map(number, counts)]


def minutes_as_rows(minutes: Sequence[Minute]) -> tuple[Sequence[str], list[Sequence[object]]]:
    """Every minute, for a spreadsheet: header and rows."""
    header = [
        _("Begin"),
        _("Einde"),
        _("Binnengekomen"),
        _("Opgeroepen"),
        _("Bestellingen"),
        _("Doses"),
        _("Mails aangenomen"),
        _("Wachtend"),
        _("Binnen"),
        _("Mail in wachtrij"),
    ]
    rows: list[Sequence[object]] = [
        (
            _stamp(each, 0),
            _stamp(each, 1),
            each.arrivals,
            each.calls,
            each.orders,
            each.doses,
            each.mails_sent,
            each.waiting,
            each.inside,
            each.mail_waiting,
        )
        for each in minutes
    ]
    return header, rows


def _stamp(minute: Minute, later: int) -> str:
    return timezone.localtime(minute.at + timedelta(minutes=later)).strftime("%d-%m-%Y %H.%M")
