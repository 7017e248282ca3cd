"""The waiting list of who has no order: asking, giving up, and taking what is offered. `balie work` makes the offers
(`balie/ordering/swapping.py`), in the same line as standing swaps.
"""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.hot import Line
from balie.ordering.models import Campaign, Hold, Swap
from balie.ordering.queries.whereabouts import has_ordered, is_called
from balie.ordering.queries.wishes import find_wish
from balie.ordering.rules import Finding, RulesError
from balie.ordering.services.changes import columns_of, say_error
from balie.ordering.services.placing import lock_hold
from balie.practices.models import Person, Practice
from balie.practices.services import record, tell_origin
from balie.runtime.services import notify_after_commit

CHECK = """
select (ordering_check_lines_v1(%s, array[%s::bigint], array[1], array[%s], %s::bigint[], %s::bigint[], %s::bigint[],
                                %s::date[], array[1], array[0], '{}'))[1],
       clock_timestamp() at time zone 'Europe/Amsterdam' >= ordering_last_free_day_v1(%s, %s) + 1
"""
ACCEPT = "select outcome, number from ordering_accept_offer_v1(%s, %s, %s)"
END = "select ordering_end_offer_v1(%s, 'withdrawn', %s)"


@transaction.atomic
def ask_for_room(*, campaign: Campaign, practice: Practice, lines: Sequence[Line], actor: Person) -> Swap:
    """Let Balie look out for room for these lines, all on one day, and offer it. An earlier wish is replaced.

    Raises RulesError: for what the rules forbid or comes too late, to who has ordered, may not, is not called yet, or
    has an offer to decide on.
    """
    hold = lock_hold(campaign=campaign, practice=practice)
    _require_turn(campaign, practice, hold)
    _require_rules(campaign, practice, lines)
    standing = find_wish(campaign, practice.pk)
    if standing and standing.state == Swap.State.OFFERED:
        _refuse("offered", _("Er is al plaats voor u. Kies eerst of u die neemt."))
    if standing:
        _end_open(standing)
    products, locations, doses, days = columns_of(lines)
    wish = Swap.objects.create(
        campaign=campaign,
        practice=practice,
        number="",
        revision=0,
        line_product=products,
        line_location=locations,
        line_doses=doses,
        line_day=[day for day in days if day],
        asked_at=timezone.now(),
        asked_by=actor,
    )
    _record(wish, "order.wish_asked", actor)
    return wish


@transaction.atomic
def give_up_wish(*, wish: Swap, actor: Person) -> None:
    """The practice waits no longer; what it was offered goes to the next. Raises RulesError where it is settled."""
    lock_hold(campaign=wish.campaign, practice=wish.practice)
    with connection.cursor() as cursor:
        cursor.execute(END, [wish.pk, settings.MAIL_DOMAIN])
        (was_offered,) = cursor.fetchone()
    if not was_offered and not _end_open(wish):
        _refuse("settled", _("Balie wacht hier niet meer op."))
    if was_offered:
        notify_after_commit(f"days:{wish.campaign_id}")
    _record(wish, "order.offer_refused" if was_offered else "order.wish_withdrawn", actor)


@transaction.atomic
def accept_offer(*, wish: Swap, actor: Person) -> str:
    """Order what is offered, by the SQL that places all orders; its number. A click that comes again gets the same.

    Raises RulesError where the offer went to another, or the practice has ordered or may not.
    """
    tell_origin()
    with connection.cursor() as cursor:
        cursor.execute(ACCEPT, [wish.pk, actor.pk, settings.MAIL_DOMAIN])
        outcome, number = cursor.fetchone()
    notify_after_commit(f"days:{wish.campaign_id}")
    if outcome == "ordered":
        return str(number)
    say = {
        "already_ordered": _("U heeft al een bestelling. De plaats gaat naar een andere praktijk."),
        "blocked": _("U kunt nu niet bestellen. Bel de organisatie."),
    }
    raise RulesError(
        [Finding(at="wish", code=outcome, say=say.get(outcome, _("De plaats is naar een andere praktijk gegaan.")))]
    )


def _require_turn(campaign: Campaign, practice: Practice, hold: Hold) -> None:
    if has_ordered(campaign, practice):
        _refuse("already_ordered", _("U heeft al een bestelling. Wijzig die, en laat Balie daar op plaats wachten."))
    if hold.blocked:
        _refuse("blocked", _("U kunt nu niet bestellen. Bel de organisatie."))
    if not is_called(campaign, practice):
        _refuse("not_called", _("Wachten op plaats kan zodra uw nummer is opgeroepen."))
    if timezone.now() >= campaign.closes_at:
        _refuse("closed", _("Bestellen is gesloten."))


def _require_rules(campaign: Campaign, practice: Practice, lines: Sequence[Line]) -> None:
    days = {line.day for line in lines if line.day}
    if not lines:
        _refuse("empty", _("Vul bij ten minste één vaccin in hoeveel doses u wilt."))
    products, locations, doses, wanted = columns_of(lines)
    asked: list[Any] = [
        campaign.pk,
        practice.pk,
        len(lines),
        products,
        locations,
        doses,
        wanted,
        campaign.pk,
        min(days),
    ]
    with connection.cursor() as cursor:
        cursor.execute(CHECK, asked)
        errors, too_late = cursor.fetchone()
    if errors:
        raise RulesError([say_error(error, lines) for error in json.loads(errors)])
    if too_late:
        _refuse("late", _("Deze dag is te dichtbij. Kies een latere dag."), at="day")


def _refuse(code: str, say: str, *, at: str = "wish") -> NoReturn:
    raise RulesError([Finding(at=at, code=code, say=say)])


def _end_open(wish: Swap) -> int:
    waiting = Swap.objects.filter(pk=wish.pk, state=Swap.State.OPEN)
    return waiting.update(state=Swap.State.WITHDRAWN, settled_at=timezone.now())


def _record(wish: Swap, action: str, actor: Person) -> None:
    lines = zip(wish.line_day, wish.line_product, wish.line_doses, wish.line_location, strict=True)
    names = ("day", "product", "doses", "location")
    record(
        actor=actor,
        practice=wish.practice,
        action=action,
        subject=f"swap:{wish.pk}",
        detail={
            "campaign": wish.campaign.slug,
            "wanted": [dict(zip(names, (str(day), *rest), strict=True)) for day, *rest in lines],
        },
    )
