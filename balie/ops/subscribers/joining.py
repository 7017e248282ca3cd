"""Joining by two steps, and leaving by one. Whoever asks learns nothing about an address: only whoever reads there
does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Final

from django.db import transaction

from balie.lib.webhooks import write_secret
from balie.ops.router import DATABASE
from balie.ops.subscribers.models import Sending, Subscriber

GOOD_FOR: Final = timedelta(hours=24)
AGAIN_AFTER: Final = timedelta(minutes=10)
ASKED_MOST: Final = 3  # of one address within `GOOD_FOR`
Channel = Subscriber.Channel


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody filled in."""

    channel: Channel
    address: str
    language: str
    components: Sequence[str] = ()


@transaction.atomic(using=DATABASE)
def ask(wish: Wish, now: datetime) -> Subscriber | None:
    """Have the question sent to that address; None where it has been sent too often, which nobody is told."""
    asked = Subscriber.objects.filter(
        channel=wish.channel, address=wish.address, confirmed_at=None, asked_at__gt=now - GOOD_FOR
    )
    if asked.count() >= ASKED_MOST or asked.filter(asked_at__gt=now - AGAIN_AFTER).exists():
        return None
    subscriber = Subscriber.objects.create(
        channel=wish.channel,
        address=wish.address,
        language=wish.language,
        components=list(wish.components),
        secret=_secret(wish) if wish.channel == Channel.WEBHOOK else "",
        asked_at=now,
    )
    Sending.objects.create(subscriber=subscriber)
    return subscriber


@transaction.atomic(using=DATABASE)
def confirm(subscriber: Subscriber, now: datetime) -> Subscriber:
    """Whoever reads there says yes: from now on it counts. An address that counted already stays one subscriber: a
    person's with what they want now, a program's as it was, since that gives back whatever anybody has us ask.
    """
    if subscriber.confirmed_at or subscriber.left_at:
        return subscriber
    before = _at(subscriber.channel, subscriber.address)
    if before is None:
        subscriber.confirmed_at = now
        subscriber.save(update_fields=["confirmed_at"])
        return subscriber
    if subscriber.channel != Channel.WEBHOOK:
        before.components, before.language = subscriber.components, subscriber.language
        before.save(update_fields=["components", "language"])
    subscriber.delete()
    return before


def _at(channel: str, address: str) -> Subscriber | None:
    """Who counts there."""
    return Subscriber.objects.filter(channel=channel, address=address, confirmed_at__isnull=False, left_at=None).first()


def _secret(wish: Wish) -> str:
    """The one that this webhook knows, or a new one."""
    before = _at(wish.channel, wish.address)
    return before.secret if before else write_secret(token_bytes(32))


@transaction.atomic(using=DATABASE)
def leave(subscriber: Subscriber, now: datetime, *, lost: bool = False) -> None:
    """Their address is forgotten, and what was still to go out does not; that somebody was there stays, and whether
    they left or were `lost`: the address is there no longer.
    """
    still = Subscriber.objects.filter(pk=subscriber.pk, left_at=None)
    still.update(left_at=now, address="", secret="", components=[], lost=lost)


def post_reads(practice: int) -> bool:
    """Whether this practice or post gets mail at its own addresses."""
    return _at(Channel.POST, str(practice)) is not None


@transaction.atomic(using=DATABASE)
def join_post(practice: int, now: datetime) -> None:
    """Said by somebody who decides there and is logged in, so it needs no second step."""
    if not post_reads(practice):
        Subscriber.objects.create(
            channel=Channel.POST, address=str(practice), language="nl", asked_at=now, confirmed_at=now
        )


def leave_post(practice: int, now: datetime) -> None:
    """As `leave`."""
    found = _at(Channel.POST, str(practice))
    if found:
        leave(found, now)


def forget_unconfirmed(now: datetime) -> None:
    """Nobody said yes in time: all of it goes."""
    Subscriber.objects.filter(confirmed_at=None, left_at=None, asked_at__lt=now - GOOD_FOR).delete()
