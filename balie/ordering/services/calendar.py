"""Delivery days: which days lorries drive, and how much they carry on each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import ceil

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from balie.lib.workdays import is_working_day
from balie.ordering.models import Campaign, DeliveryDay
from balie.ordering.rules import Findings, grouped
from balie.practices.models import Person
from balie.practices.services import record
from balie.runtime.services import notify_after_commit

LONGEST_PERIOD = timedelta(days=400)
MOST_A_DAY = 1_000_000


@dataclass(frozen=True)
class Ramp:
    """How capacity grows in the first weeks, when vaccine is still being released.

    The first working day has `start` of a full day (over 0, at most 1), the next ones evenly more, and the one after
    `days` working days is a full one.
    """

    start: float = 1.0
    days: int = 0

    def share(self, index: int) -> float:
        """The part of a full day that working day `index` (from 0) has."""
        if index >= self.days:
            return 1.0
        return self.start + (1.0 - self.start) * index / self.days


FLAT = Ramp()


def working_days(first: date, last: date, *, closed: Collection[date] = ()) -> list[date]:
    """Mondays to Fridays from `first` through `last`, without Dutch public holidays and the days in `closed`."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if is_working_day(day) and day not in closed]


def full_day_for(total: int, *, days: int, ramp: Ramp) -> int:
    """How much a full day must have for `days` working days with this ramp to add up to at least `total`."""
    return ceil(total / sum(ramp.share(index) for index in range(days)))


@transaction.atomic
def generate_delivery_days(
    *,
    campaign: Campaign,
    first: date,
    last: date,
    doses: int,
    addresses: int,
    ramp: Ramp = FLAT,
    closed: Collection[date] = (),
    actor: Person | None = None,
) -> list[DeliveryDay]:
    """Add the working days of a period; a full day carries `doses` to `addresses`. Doses are rounded down to tens.

    Raises RulesError, and adds nothing, where the period or an amount makes no sense or a day exists already.
    """
    findings = Findings()
    _check_period(campaign, first, last, findings)
    _check_amounts(doses, addresses, ramp, findings)
    findings.refuse()
    days = working_days(first, last, closed=closed)
    _check_days(campaign, days)
    made = DeliveryDay.objects.bulk_create(
        DeliveryDay(
            campaign=campaign,
            day=day,
            doses_limit=int(doses * ramp.share(index)) // 10 * 10,
            addresses_limit=max(1, round(addresses * ramp.share(index))),
        )
        for index, day in enumerate(days)
    )
    record(
        action="calendar.generated",
        subject=f"campaign:{campaign.slug}",
        actor=actor,
        practice=None,
        detail={"first": first.isoformat(), "last": last.isoformat(), "days": len(made)},
    )
    notify_after_commit(f"days:{campaign.pk}")
    return made


@dataclass(frozen=True)
class Limits:
    """What a day carries at most."""

    doses: int
    addresses: int


@transaction.atomic
def change_days(
    *, campaign: Campaign, limits: Mapping[date, Limits], removed: Collection[date] = (), actor: Person, reason: str
) -> int:
    """Let days carry more or less, and take others out of the calendar; how many changed.

    Raises RulesError, and changes nothing, where a day would go below what is taken of it, where something is taken of
    one that would go, for a day that is not in the calendar, or without a reason.
    """
    days = {each.day: each for each in _locked(campaign, {*limits, *removed})}
    findings = Findings()
    findings.require(reason.strip(), "reason", "empty", _("Schrijf op waarom u dit wijzigt."))
    for day, limit in limits.items():
        _check_limits(day, days.get(day), limit, findings)
    for day in removed:
        _check_free(day, days.get(day), findings)
    findings.refuse()
    changed = {day: limit for day, limit in limits.items() if _limits_of(days[day]) != limit}
    for day, limit in changed.items():
        days[day].doses_limit, days[day].addresses_limit = limit.doses, limit.addresses
    DeliveryDay.objects.bulk_update([days[day] for day in changed], ["doses_limit", "addresses_limit"])
    DeliveryDay.objects.filter(pk__in=[days[day].pk for day in removed]).delete()
    if changed:
        _tell(campaign, actor, "calendar.changed", reason, {day.isoformat(): asdict(changed[day]) for day in changed})
    if removed:
        _tell(campaign, actor, "calendar.days_removed", reason, {"days": [day.isoformat() for day in sorted(removed)]})
    return len(changed) + len(removed)


def _locked(campaign: Campaign, days: Collection[date]) -> list[DeliveryDay]:
    """These days, locked as holding locks them: by date."""
    rows = DeliveryDay.objects.filter(campaign=campaign, day__in=days).order_by("day")
    return list(rows.select_for_update(no_key=True))


def _limits_of(day: DeliveryDay) -> Limits:
    return Limits(day.doses_limit, day.addresses_limit)


def _check_limits(day: date, row: DeliveryDay | None, limit: Limits, findings: Findings) -> None:
    if row is None:
        findings.add(f"doses-{day}", "absent", _("Deze dag staat niet in de kalender."))
        return
    for name, taken, asked in (
        ("doses", row.doses_taken, limit.doses),
        ("addresses", row.addresses_taken, limit.addresses),
    ):
        at = f"{name}-{day}"
        findings.require(0 <= asked <= MOST_A_DAY, at, "range", _("Geef een getal van 0 tot 1.000.000."))
        if asked < taken:
            findings.add(at, "taken", _("Er zijn er al %(taken)s vergeven.") % {"taken": grouped(taken)})


def _check_free(day: date, row: DeliveryDay | None, findings: Findings) -> None:
    at = f"gone-{day}"
    if row is None:
        findings.add(at, "absent", _("Deze dag staat niet in de kalender."))
    elif row.doses_taken or row.addresses_taken:
        findings.add(at, "taken", _("Op deze dag is al iets besteld of vastgehouden; de dag blijft."))


def _tell(campaign: Campaign, actor: Person, action: str, reason: str, detail: dict[str, object]) -> None:
    subject = f"campaign:{campaign.slug}"
    record(action=action, subject=subject, actor=actor, practice=None, reason=reason.strip(), detail=detail)
    notify_after_commit(f"days:{campaign.pk}")


def _check_period(campaign: Campaign, first: date, last: date, findings: Findings) -> None:
    findings.require(first <= last, "last", "order", _("De laatste dag ligt vóór de eerste."))
    findings.require(last - first <= LONGEST_PERIOD, "last", "too_long", _("De periode is langer dan een jaar."))
    opening = timezone.localdate(campaign.opens_at)
    findings.require(first > opening, "first", "too_early", _("Bezorgen kan pas na de opening van het bestellen."))


def _check_amounts(doses: int, addresses: int, ramp: Ramp, findings: Findings) -> None:
    findings.require(doses >= 10, "doses", "minimum", _("Geef minstens 10 doses per dag."))
    findings.require(addresses >= 1, "addresses", "minimum", _("Geef minstens 1 adres per dag."))
    sensible = 0 < ramp.start <= 1 and ramp.days >= 0
    findings.require(sensible, "ramp", "range", _("De aanloop begint tussen 0 en 1 van een volle dag."))


def _check_days(campaign: Campaign, days: Sequence[date]) -> None:
    findings = Findings()
    findings.require(days, "first", "empty", _("In deze periode valt geen werkdag."))
    for day in DeliveryDay.objects.filter(campaign=campaign, day__in=days).values_list("day", flat=True):
        findings.add("first", "repeated", _("%(day)s staat al in de kalender.") % {"day": date_format(day, "j F Y")})
    findings.refuse()
