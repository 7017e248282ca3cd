"""Noting that a delivery was offered in vain: from the third time on it costs something."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign, Consignment, MissedDelivery
from balie.ordering.rules import Findings
from balie.practices.models import Person
from balie.practices.services import record


@transaction.atomic
def note_missed(*, campaign: Campaign, delivery: int, day: date, actor: Person) -> Consignment:
    """Nobody was there when this delivery came on that day. Raises RulesError where that cannot be, or is noted.

    `delivery` is the number that the distributor's file gives it.
    """
    findings = Findings()
    found = Consignment.objects.select_related("practice").filter(campaign=campaign, pk=delivery).first()
    findings.require(found, "delivery", "unknown", _("Er is geen bezorging met dit nummer in deze campagne."))
    findings.refuse()
    assert found is not None
    findings.require(day <= timezone.localdate(), "day", "range", _("Die dag moet nog komen."))
    findings.require(day >= found.day, "day", "range", _("Deze bezorging is van een latere dag."))
    findings.refuse()
    _missed, made = MissedDelivery.objects.get_or_create(
        consignment=found, day=day, defaults={"noted_at": timezone.now(), "noted_by": actor}
    )
    findings.require(made, "delivery", "repeated", _("Dit was al genoteerd. Er komt niets bij."))
    findings.refuse()
    _record(found, "delivery.missed", day, actor)
    return found


@transaction.atomic
def take_back_missed(*, campaign: Campaign, delivery: int, day: date, actor: Person) -> Consignment:
    """It was noted by mistake. Raises RulesError where it is not noted."""
    found = Consignment.objects.select_related("practice").filter(campaign=campaign, pk=delivery).first()
    gone = MissedDelivery.objects.filter(consignment=found, day=day).delete()[0] if found else 0
    findings = Findings()
    findings.require(gone, "delivery", "unknown", _("Dit staat er niet (meer)."))
    findings.refuse()
    assert found is not None
    _record(found, "delivery.missed_taken_back", day, actor)
    return found


def _record(consignment: Consignment, action: str, day: date, actor: Person) -> None:
    record(
        actor=actor,
        practice=consignment.practice,
        action=action,
        subject=consignment.number,
        detail={"delivery": consignment.pk, "day": day.isoformat()},
    )
