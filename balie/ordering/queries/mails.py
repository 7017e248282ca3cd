"""Mails about orders as they stand that did not arrive, with whom to call about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from balie.mail.services import MailState, MailStatus, mails_in_trouble
from balie.ordering.models import ORDER_CHANGED, ORDER_CONFIRMATION, Campaign, MailMark, Order
from balie.practices.contact import recipients


class Care(Enum):
    """How far staff are with a mail."""

    OPEN = "open"
    CALLED = "called"
    SOLVED = "solved"


@dataclass(frozen=True)
class LostMail:
    """`arrived` are the practice's other addresses that did get the confirmation."""

    mail: MailStatus
    order: Order
    mark: MailMark | None
    in_use: bool
    arrived: Sequence[str]

    @property
    def care(self) -> Care:
        """An address that the practice gave up needs nobody's care."""
        if not self.in_use:
            return Care.SOLVED
        return Care(self.mark.outcome) if self.mark else Care.OPEN


def read_lost_mails(campaign: Campaign) -> list[LostMail]:
    """The latest first; those of practices that got nothing at all before the others."""
    by_order: dict[str, list[MailStatus]] = {}
    for kind in (ORDER_CONFIRMATION, ORDER_CHANGED):
        for mail in mails_in_trouble(kind=kind):
            by_order.setdefault(mail.reference, []).append(mail)
    numbers = {reference.partition(":")[0] for reference in by_order}
    found_orders = Order.objects.filter(campaign=campaign, number__in=numbers).select_related("campaign", "practice")
    orders = [order for order in found_orders if order.mail_reference in by_order]
    marks = {
        (mark.mail_id, mark.round): mark
        for mark in MailMark.objects.filter(mail__reference__in=by_order).select_related("by")
    }
    found = [
        _lost(mail, order, by_order[order.mail_reference], marks.get((mail.id, mail.round)))
        for order in orders
        for mail in by_order[order.mail_reference]
        if mail.undelivered_at
    ]
    return sorted(found, key=_urgency)


def _lost(mail: MailStatus, order: Order, mails: Sequence[MailStatus], mark: MailMark | None) -> LostMail:
    used = recipients(order.practice)
    return LostMail(
        mail=mail,
        order=order,
        mark=mark,
        in_use=mail.recipient in used,
        arrived=[each.recipient for each in mails if each.state is MailState.SENT and each.recipient in used],
    )


def _urgency(lost: LostMail) -> tuple[bool, float]:
    assert lost.mail.undelivered_at is not None
    return bool(lost.arrived), -lost.mail.undelivered_at.timestamp()
