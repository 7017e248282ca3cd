"""Asking for a standing swap, and giving it up. `balie work` serves them (`balie/ordering/swapping.py`)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign, Order, Swap
from balie.ordering.rules import Finding, RulesError
from balie.ordering.services.changes import Change, change_addresses, columns_of, preview_change
from balie.ordering.services.orders import NoOrderError
from balie.ordering.services.placing import lock_hold
from balie.practices.models import Person, Practice
from balie.practices.services import record


@transaction.atomic
def ask_for_swap(*, campaign: Campaign, practice: Practice, change: Change, actor: Person, at: datetime) -> Swap:
    """Let Balie change the order as soon as that fits; it stands as it is until then. An earlier wish is replaced.

    Raises NoOrderError, and RulesError where it fits already, or cannot be done for another reason than room.
    """
    lock_hold(campaign=campaign, practice=practice)
    if not Order.objects.filter(campaign=campaign, practice=practice, number=change.number).exists():
        raise NoOrderError(change.number)
    _require_full(campaign, practice, change, actor, at)
    change_addresses(campaign=campaign, practice=practice, addresses=change.addresses, actor=actor)
    products, locations, doses, days = columns_of(change.lines)
    _end_open(change.number)
    swap = Swap.objects.create(
        campaign=campaign,
        practice=practice,
        number=change.number,
        revision=change.revision,
        line_product=products,
        line_location=locations,
        line_doses=doses,
        line_day=[day for day in days if day],
        asked_at=timezone.now(),
        asked_by=actor,
    )
    _record(swap, "order.swap_asked", actor)
    return swap


@transaction.atomic
def withdraw_swap(*, swap: Swap, actor: Person) -> None:
    """The order stays as it is. Raises RulesError where Balie was first."""
    lock_hold(campaign=swap.campaign, practice=swap.practice)
    if not _end_open(swap.number):
        raise RulesError([Finding(at="swap", code="settled", say=_("Balie wacht hier niet meer op."))])
    _record(swap, "order.swap_withdrawn", actor)


def _require_full(campaign: Campaign, practice: Practice, change: Change, actor: Person, at: datetime) -> None:
    try:
        preview_change(campaign=campaign, practice=practice, change=change, actor=actor, at=at)
    except RulesError as error:
        if error.findings[0].code == "full":
            return
        raise
    say = _("Dit past nu. Kijk wat er verandert, en bevestig het.")
    raise RulesError([Finding(at="swap", code="fits", say=say)])


def _end_open(number: str) -> int:
    waiting = Swap.objects.filter(number=number, state=Swap.State.OPEN)
    return waiting.update(state=Swap.State.WITHDRAWN, settled_at=timezone.now())


def _record(swap: Swap, action: str, actor: Person) -> None:
    lines = zip(swap.line_day, swap.line_product, swap.line_doses, swap.line_location, strict=True)
    names = ("day", "product", "doses", "location")
    record(
        actor=actor,
        practice=swap.practice,
        action=action,
        subject=swap.number,
        detail={
            "swap": swap.pk,
            "wanted": [dict(zip(names, (str(day), *rest), strict=True)) for day, *rest in lines],
        },
    )
