"""The rules of a campaign about what comes: telling the time beforehand, and reporting what was wrong."""

from dataclasses import asdict, dataclass, fields

from django.utils.translation import gettext as _

from balie.ordering.models import Campaign
from balie.ordering.rules import Findings

LONGEST_ALERT_DAYS = 30
LONGEST_REPORT_HOURS = 24 * 30
LONGEST_MINUTES = 24 * 60
TEMPERATURES = range(-30, 61)


@dataclass(frozen=True)
class DeliveryRules:
    """`alert_days` are working days before a delivery; who changed after its day was handed over hears no time where
    `late_without_alert`. What is short, damaged or warm is reported within `report_hours`.

    The cold chain, in minutes and degrees Celsius: into the fridge within `fridge_minutes`; broken below `coldest`,
    above `warmest`, and after more than `warm_minutes` above `warm_from`.
    """

    alert_days: int = 1
    late_without_alert: bool = True
    report_hours: int = 24
    fridge_minutes: int = 60
    coldest: int = 2
    warm_from: int = 8
    warmest: int = 21
    warm_minutes: int = 120


def delivery_rules_of(campaign: Campaign) -> DeliveryRules:
    """Those in force."""
    return DeliveryRules(**{each.name: getattr(campaign, each.name) for each in fields(DeliveryRules)})


def write_delivery_rules(campaign: Campaign, rules: DeliveryRules) -> None:
    """On the row, which the caller saves."""
    for name, value in asdict(rules).items():
        setattr(campaign, name, value)


def check_delivery_rules(rules: DeliveryRules, findings: Findings) -> None:
    """What makes no sense is noted under the name of its field: ``deliveries.alert_days``."""
    most = {"alert_days": LONGEST_ALERT_DAYS, "fridge_minutes": LONGEST_MINUTES, "warm_minutes": LONGEST_MINUTES}
    for name, limit in most.items():
        say = _("Kies een getal van 0 tot %(most)s.") % {"most": limit}
        findings.require(0 <= getattr(rules, name) <= limit, f"deliveries.{name}", "range", say)
    findings.require(
        1 <= rules.report_hours <= LONGEST_REPORT_HOURS,
        "deliveries.report_hours",
        "range",
        _("Kies een getal van 1 tot %(most)s.") % {"most": LONGEST_REPORT_HOURS},
    )
    for name in ("coldest", "warm_from", "warmest"):
        say = _("Kies een temperatuur van -30 tot 60 graden.")
        findings.require(getattr(rules, name) in TEMPERATURES, f"deliveries.{name}", "range", say)
    say = _("Te koud ligt onder warm, en warm onder te warm.")
    findings.require(rules.coldest < rules.warm_from <= rules.warmest, "deliveries.coldest", "order", say)
