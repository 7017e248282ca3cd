"""Who places a practice's prepared order: the practice itself, or Balie on its turn.

The practice's hold row decides races: whoever has it first is served first, and `balie work` reads under it what was
last chosen (`sql/place_prepared_v1.sql`).
"""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from balie.ordering.models import FIRST, Campaign, Hold, PreparedOrder
from balie.practices.models import Person, Practice
from balie.practices.services import record


def lock_hold(*, campaign: Campaign, practice: Practice) -> Hold:
    """The row of the practice's first order, until the caller's transaction ends: its lock, and nobody holds or orders
    for it meanwhile.
    """
    Hold.objects.bulk_create([Hold(campaign=campaign, practice=practice)], ignore_conflicts=True)
    return Hold.objects.select_for_update(no_key=True).get(campaign=campaign, practice=practice, slot=FIRST)


def set_auto(*, prepared: PreparedOrder, auto: str, actor: Person) -> None:
    """Note who places the order from now on; the caller has the hold row. Choosing anew forgets an earlier failure."""
    before = prepared.auto
    if auto == before:
        return
    prepared.auto, prepared.auto_set_at, prepared.auto_set_by = auto, timezone.now(), actor
    prepared.failed_at, prepared.failure = None, ""
    prepared.save(update_fields=["auto", "auto_set_at", "auto_set_by", "failed_at", "failure"])
    # Whoever watches the hold's version reads again where the practice stands.
    own = Hold.objects.filter(campaign=prepared.campaign, practice=prepared.practice, slot=FIRST)
    own.update(version=F("version") + 1)
    record(
        actor=actor,
        practice=prepared.practice,
        action="prepared.auto_set",
        subject=f"prepared:{prepared.pk}",
        detail={"from": before, "to": auto},
    )


@transaction.atomic
def order_yourself(*, campaign: Campaign, practice: Practice, actor: Person) -> bool:
    """Balie does not order for the practice any more. False when the order was there already."""
    hold = lock_hold(campaign=campaign, practice=practice)
    if hold.state == Hold.State.ORDERED:
        return False
    prepared = PreparedOrder.objects.filter(campaign=campaign, practice=practice).first()
    if prepared:
        set_auto(prepared=prepared, auto=PreparedOrder.Auto.OFF, actor=actor)
    return True
