"""The invariants, one function each: P1 to P7 of the design as numbers that have to be zero."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from balie.rehearse.judge.draw import faults_in_file, numbers_in, numbers_of
from balie.rehearse.judge.evidence import AcceptedMail, ClientLog, Draw
from balie.rehearse.judge.stored import Order, Stored, Ticket


def lost_orders(stored: Stored, log: ClientLog) -> list[str]:
    """Numbers that a client was told and that are not stored for it, or not with the lines it was promised."""
    kept = {(order.practice, order.number): order for order in stored.orders}
    lost = []
    for practice, numbers in log.numbers.items():
        for number in numbers:
            order = kept.get((practice, number))
            if order is None or order.lines != log.promised.get(order.hold_key, order.lines):
                lost.append(number)
    return sorted(lost)


def doubled_orders(stored: Stored) -> int:
    """Orders beyond the first of a practice, and numbers beyond their first use."""
    by_practice = Counter(order.practice for order in stored.orders)
    by_number = Counter(order.number for order in stored.orders)
    return sum(by_practice.values()) - len(by_practice) + sum(by_number.values()) - len(by_number)


def indeterminate_clicks(log: ClientLog) -> int:
    """Holds of which some confirmation got no certain answer: the order may or may not exist, once."""
    return len({click.key for click in log.clicks if click.uncertain})


def unasked_orders(stored: Stored, log: ClientLog) -> list[str]:
    """Orders of our practices that none of their clicks asked for; nor, placed in the background, a wish to sleep."""
    asked = {click.key for click in log.clicks}
    accepted = {act.number for act in log.acts if act.kind == "accept"}
    return sorted(
        o.number
        for o in stored.orders
        if o.practice in log.practices | log.asleep
        and o.number not in accepted
        and not (o.practice in log.asleep & stored.sleepers.asked.keys() if o.auto else o.hold_key in asked)
    )


def unserved_sleepers(stored: Stored, log: ClientLog, *, room_came_free: bool = False) -> dict[int, str]:
    """Practices without a browser that have no order, and why: `full` where they were told so and it is true, or, where
    `room_came_free` after they were told, was.
    """
    served = {order.practice for order in stored.orders}
    passed = set() if room_came_free else set(stored.sleepers.passed_over)
    return {
        practice: "full" if stored.sleepers.asked.get(practice) and practice not in passed else "passed over"
        for practice in sorted(log.asleep - served)
    }


def wrongly_expired(log: ClientLog) -> int:
    """Clicks sent before the hold's end, by the client's own record, that heard `lapsed`."""
    return sum(click.heard == "lapsed" and click.sent_at < click.hold_ends_at for click in log.clicks)


def cut_off_clicks(log: ClientLog) -> int:
    """Holds that lapsed after a click in time got no answer at all. Not judged: that click may never have arrived."""
    tried = {click.key for click in log.clicks if click.uncertain and click.sent_at < click.hold_ends_at}
    return sum(click.heard == "lapsed" and click.key in tried for click in log.clicks)


def missing_mail(stored: Stored, accepted: Iterable[AcceptedMail] | None) -> list[str]:
    """Orders of which the mail server took no confirmation; without its log, those that the outbox does not call sent.

    Copies of one message share their Message-ID, so an order with mail under two of them counts as missing too.
    """
    ids: dict[str, set[str]] = defaultdict(set)
    said_sent: set[str] = set()
    for mail in stored.mail:
        ids[mail.order].add(mail.message_id.strip("<>"))
        if mail.state == "sent":
            said_sent.add(mail.order)
    if accepted is None:
        arrived = said_sent
    else:
        taken = {mail.message_id.strip("<>") for mail in accepted}
        arrived = {order for order, known in ids.items() if known & taken}
    return sorted(o.number for o in stored.orders if o.number not in arrived or len(ids[o.number]) > 1)


def draw_faults(stored: Stored, log: ClientLog, draw: Draw) -> list[str]:
    """Why the draw of any round is not as promised; empty when all are."""
    if draw.file is None:
        return ["the draw was never published"]
    faults = faults_in_file(draw.file, draw.seals)
    for drawn in draw.file["rounds"]:
        faults += [f"round {drawn['round']}: {fault}" for fault in _faults_of_round(stored.tickets, log, drawn)]
    faults += _wrong_places(stored.tickets, numbers_of(draw.file))
    given = {ticket.practice: ticket.number for ticket in stored.tickets}
    if any(given.get(practice) != number for practice, number in (*log.told.items(), *log.computed.items())):
        faults.append("a practice was told, or computed, another number than it has")
    own = {ticket.practice: ticket.round for ticket in stored.tickets}
    if any(own.get(practice) != told for practice, told in log.rounds.items()):
        faults.append("a practice was told another round than it was drawn in")
    return faults


def _faults_of_round(tickets: list[Ticket], log: ClientLog, drawn: Mapping[str, Any]) -> list[str]:
    """Whether exactly those who belong in the round and were there are in its draw, with the numbers that it gives."""
    faults = []
    numbers, held = numbers_in(drawn), {ticket.ticket: ticket for ticket in tickets}
    frozen_at = datetime.fromisoformat(drawn["frozen_at"]).timestamp()
    if any((had := held.get(ticket)) is None or had.number != number for ticket, number in numbers.items()):
        faults.append("a drawn ticket has another number than the draw gives")
    if any(ticket in held and held[ticket].round != drawn["round"] for ticket in numbers):
        faults.append("a ticket of another round is in the draw")
    in_hand = {ticket for ticket, had_at in log.tickets.values() if had_at < frozen_at}
    of_round = {ticket.ticket for ticket in tickets if ticket.round == drawn["round"]}
    if (in_hand & of_round) - numbers.keys():
        faults.append("a practice that had its ticket before the freeze is not in the draw")
    return faults


def _wrong_places(tickets: list[Ticket], drawn: dict[str, int]) -> list[str]:
    """Whether the numbers are 1, 2, 3 … without a gap, and those that no draw gave follow the order of arrival."""
    faults = []
    numbers = sorted(ticket.number for ticket in tickets if ticket.number is not None)
    if len(numbers) != len(tickets) or numbers != list(range(1, len(numbers) + 1)):
        faults.append("the numbers are not 1, 2, 3 … for everybody")
    late = sorted((t for t in tickets if t.ticket not in drawn), key=lambda t: (t.arrived_at, t.number or 0))
    given = [ticket.number or 0 for ticket in late]
    if given != sorted(given):
        faults.append("those who came after the freeze are not numbered in order of arrival")
    return faults


def deliver_ms(orders: list[Order], stored: Stored, accepted: Iterable[AcceptedMail]) -> list[float]:
    """How long after its order each first confirmation was accepted, in milliseconds."""
    first: dict[str, float] = {}
    for mail in accepted:
        message_id = mail.message_id.strip("<>")
        first[message_id] = min(mail.at, first.get(message_id, mail.at))
    of_order = {mail.order: first.get(mail.message_id.strip("<>")) for mail in stored.mail}
    return [
        (at - order.placed_at.timestamp()) * 1000 for order in orders if (at := of_order.get(order.number)) is not None
    ]
