"""What `balie watch` does about subscribers, once a second, beside its looks: `Subscribers.run`."""

import re
from datetime import datetime
from typing import Final

import msgspec
import structlog
from django.db import transaction

from balie.mail.troubles import trouble_of
from balie.ops.graph import Graph
from balie.ops.oncall import deliveries
from balie.ops.oncall.deliveries import Outcome
from balie.ops.oncall.sending import Couriers, Sender
from balie.ops.router import DATABASE
from balie.ops.subscribers import ledger
from balie.ops.subscribers.joining import confirm, forget_unconfirmed, leave
from balie.ops.subscribers.models import Sending, Subscriber
from balie.ops.subscribers.sending import ENDED, deliver
from balie.ops.subscribers.words import Letter, message_of, write_json, write_mail, write_post
from balie.ops.tending import Duty

log = structlog.get_logger()

UNDER_WAY_MOST: Final = 20
# A bare 550 may be about us, and would send everybody away at once.
ABOUT_ITS_ADDRESS: Final = re.compile(r"5\d\d[ -]5\.[12]\.")
Channel = Subscriber.Channel


class Subscribers(Duty):
    """At most `UNDER_WAY_MOST` messages are under way; one that hangs delays none of the others."""

    name = "subscribers"

    def __init__(self, graph: Graph, sender: Sender[Letter] | None = None) -> None:
        super().__init__()
        self._graph = graph
        self._sender: Sender[Letter] = sender or Couriers(deliver, self.wake)
        self._under_way: set[tuple[int, int]] = set()

    def tend(self, now: datetime) -> None:
        """Everything that is to be done at this moment."""
        seldom = (lambda: deliveries.give_up_lost(now, Sending), lambda: forget_unconfirmed(now))
        often = (lambda: ledger.plan(self._graph, now), lambda: self._send(now))
        self._take((lambda: self._record(now), *(seldom if self._is_seldom(now) else ()), *often))

    def _record(self, now: datetime) -> None:
        for outcome in self._sender.outcomes():
            self._under_way.discard((outcome.notification, outcome.claim))
            with transaction.atomic(using=DATABASE):
                if deliveries.record(outcome, Sending):
                    _follow(outcome, now)

    def _send(self, now: datetime) -> None:
        for sending in ledger.waiting(now, UNDER_WAY_MOST - len(self._under_way)):
            if ledger.claim(sending, now):
                try:
                    self._sender.send(letter(sending, self._graph))
                except Exception as fault:
                    log.exception("subscriber_not_told", sending=sending.pk)
                    refused = Sending.Outcome.REFUSED.value
                    why = f"could not be sent: {fault}"
                    deliveries.record(Outcome(sending.pk, sending.claims, refused, why, now), Sending)
                else:
                    self._under_way.add((sending.pk, sending.claims))


def _follow(outcome: Outcome, now: datetime) -> None:
    """A webhook that gave the challenge back has said yes. One that says it is gone has left, and so has whoever read
    mail at an address that is there no longer.
    """
    sending = Sending.objects.select_related("subscriber").get(pk=outcome.notification)
    if sending.subscriber.channel == Channel.MAIL and outcome.word == Sending.Outcome.REFUSED:
        if ABOUT_ITS_ADDRESS.match(outcome.answer) and trouble_of(outcome.answer).lasting:
            leave(sending.subscriber, now, lost=True)
        return
    if sending.subscriber.channel != Channel.WEBHOOK:
        return
    if outcome.answer == ENDED:
        leave(sending.subscriber, now)
    elif outcome.word == Sending.Outcome.SENT and sending.asks:
        confirm(sending.subscriber, now)


def letter(sending: Sending, graph: Graph) -> Letter:
    """Ready to go."""
    subscriber = sending.subscriber
    return Letter(
        notification=sending.pk,
        claim=sending.claims,
        channel=subscriber.channel,
        message=message_of(sending),
        asks=sending.asks,
        address=subscriber.address,
        secret=subscriber.secret,
        content=_content(sending, graph),
    )


def _content(sending: Sending, graph: Graph) -> bytes:
    match sending.subscriber.channel:
        case Channel.MAIL:
            return write_mail(sending, graph)
        case Channel.POST:
            return msgspec.json.encode(write_post(sending, graph))
    return msgspec.json.encode(write_json(sending, graph))
