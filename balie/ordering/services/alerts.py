"""Giving the deliveries of a day their times, which `balie work` mails to the practices when that day is near."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.alert_file import TimesFile, Window
from balie.ordering.models import Campaign, DeliveryDay, PreAlert
from balie.ordering.queries.alerts import Alert, read_alerts
from balie.ordering.rules import Findings
from balie.practices.models import Person
from balie.practices.services import record


class Outcome(StrEnum):
    """What became of the time in one row; `without`: the practice hears none, as the campaign's rules say."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WITHOUT = "without"


@dataclass(frozen=True)
class Given:
    """A row of the report: where it stood, what it was about, and what became of it."""

    line: int
    alert: Alert
    window: Window
    outcome: Outcome


@transaction.atomic
def give_times(*, campaign: Campaign, day: date, file: TimesFile, actor: Person) -> list[Given]:
    """All of the file, in the order of its rows. What was given before stays; the same once more changes nothing.

    The day's row is locked, as when it is handed over. Raises DeliveryDay.DoesNotExist, and RulesError, giving nothing,
    where the day is over, or no longer has one of these deliveries. The file has no problems.
    """
    DeliveryDay.objects.select_for_update(no_key=True).get(campaign=campaign, day=day)
    known = {each.delivery: each for each in read_alerts(campaign, day)}
    findings = Findings()
    findings.require(day >= timezone.localdate(), "day", "over", _("Deze dag is voorbij."))
    say = _("De bezorgdag is intussen gewijzigd. Haal de lijst opnieuw op, en vul haar opnieuw in.")
    findings.require(file.windows.keys() <= known.keys(), "day", "changed", say)
    findings.refuse()
    report = [
        Given(file.lines[key], known[key], window, _judge(known[key], window)) for key, window in file.windows.items()
    ]
    _write(report, actor)
    counts = {outcome.value: sum(each.outcome is outcome for each in report) for outcome in Outcome}
    if counts["new"] or counts["changed"]:
        record(
            actor=actor,
            practice=None,
            action="deliveries.timed",
            subject=f"campaign:{campaign.slug}",
            detail={"day": day.isoformat(), **counts, "times": _told(report)},
        )
    return report


def _judge(alert: Alert, window: Window) -> Outcome:
    if alert.without:
        return Outcome.WITHOUT
    if alert.starts is None:
        return Outcome.NEW
    return Outcome.SAME if (alert.starts, alert.ends) == window else Outcome.CHANGED


def _write(report: list[Given], actor: Person) -> None:
    now = timezone.now()
    PreAlert.objects.bulk_create(
        PreAlert(
            consignment_id=each.alert.delivery,
            starts=each.window.starts,
            ends=each.window.ends,
            given_at=now,
            given_by=actor,
        )
        for each in report
        if each.outcome is Outcome.NEW
    )
    changed = {each.alert.delivery: each.window for each in report if each.outcome is Outcome.CHANGED}
    alerts = list(PreAlert.objects.filter(consignment__in=changed))
    for alert in alerts:
        alert.starts, alert.ends = changed[alert.consignment_id]
        alert.revision, alert.given_at, alert.given_by = F("revision") + 1, now, actor
    PreAlert.objects.bulk_update(alerts, ["starts", "ends", "revision", "given_at", "given_by"])


def _told(report: list[Given]) -> Mapping[str, str]:
    """What the log keeps, by the number of the delivery."""
    return {
        str(each.alert.delivery): f"{each.window.starts:%H:%M}-{each.window.ends:%H:%M}"
        for each in report
        if each.outcome in {Outcome.NEW, Outcome.CHANGED}
    }
