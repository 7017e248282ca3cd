"""Whether a delivery stayed cold, by the rules of its campaign. Pure: no database or clock."""

from dataclasses import dataclass
from decimal import Decimal

from balie.ordering.models import Intake
from balie.ordering.services.delivery_rules import DeliveryRules


@dataclass(frozen=True)
class Cold:
    """What somebody at the fridge saw: the indicator, the measured temperature that was furthest from right (None:
    nothing was measured), for how many minutes it was warm, and after how many minutes all lay in the fridge.
    """

    indicator: str
    temperature: Decimal | None
    warm_minutes: int | None
    fridge_minutes: int | None


def is_warm(cold: Cold, rules: DeliveryRules) -> bool:
    """Whether one must know for how long."""
    return cold.temperature is not None and rules.warm_from < cold.temperature <= rules.warmest


def is_broken(cold: Cold, rules: DeliveryRules) -> bool:
    """Whether the doses may not be used until the organiser says so."""
    if cold.indicator == Intake.Indicator.TRIPPED:
        return True
    if cold.temperature is not None and not rules.coldest <= cold.temperature <= rules.warmest:
        return True
    return (cold.warm_minutes or 0) > rules.warm_minutes


def is_slow(cold: Cold, rules: DeliveryRules) -> bool:
    """Whether it took longer to the fridge than it may; on its own that breaks nothing."""
    return (cold.fridge_minutes or 0) > rules.fridge_minutes
