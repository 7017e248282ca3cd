"""One attempt to reach one subscriber, in a thread of its own."""

import asyncio
import ssl
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import cache
from typing import Final

import msgspec
import psycopg
from django.conf import settings

from balie.mail.delivery import Delivery, Outcome, Server, Verdict
from balie.mail.rendering import Parcel
from balie.ops.subscribers.models import Sending, Subscriber
from balie.ops.subscribers.webhooks import InsideError, echoes, post
from balie.ops.subscribers.words import Letter

STEP_S: Final = 4.0
ANSWER_S: Final = 8.0
GONE: Final = 410
ENDED: Final = "410: it wants nothing more"
ANSWER_MOST: Final = 300


def deliver(letter: Letter) -> tuple[Sending.Outcome, str]:
    """What came of it, in a word and for people."""
    if letter.channel == Subscriber.Channel.MAIL:
        return _mail(letter)
    if letter.channel == Subscriber.Channel.POST:
        return _to_practice(letter)
    return _post(letter)


def _mail(letter: Letter) -> tuple[Sending.Outcome, str]:
    parcel = Parcel(parseaddr(settings.MAIL_FROM)[1], letter.address, letter.content)
    outcome = asyncio.run(_hand_over(parcel))
    words = {Verdict.ACCEPTED: Sending.Outcome.SENT, Verdict.UNKNOWN: Sending.Outcome.UNKNOWN}
    return words.get(outcome.verdict, Sending.Outcome.REFUSED), outcome.answer[:ANSWER_MOST]


async def _hand_over(parcel: Parcel) -> Outcome:
    server = Server.from_url(settings.STATUS_SMTP_URL)
    client = server.client(context=_tls(server), our_name=settings.MAIL_DOMAIN, timeout_s=STEP_S)
    return await Delivery(client, parcel, answer_s=ANSWER_S).attempt()


@cache
def _tls(server: Server) -> ssl.SSLContext:
    return server.context()


def _to_practice(letter: Letter) -> tuple[Sending.Outcome, str]:
    """Into the outbox of Balie itself, which knows its addresses. Asked again it writes nothing twice."""
    told = msgspec.json.decode(letter.content)
    values = (int(letter.address), f"{letter.message}@{settings.MAIL_DOMAIN}", told["subject"], told["text"])
    try:
        with psycopg.connect(settings.WATCH_DSN, autocommit=True, connect_timeout=int(STEP_S)) as conn:
            conn.execute("select practices_tell_v1(%s, %s, %s, %s)", values)
    except psycopg.Error as fault:
        return Sending.Outcome.REFUSED, " ".join(str(fault).split())[:ANSWER_MOST]
    return Sending.Outcome.SENT, "in the outbox"


def _post(letter: Letter) -> tuple[Sending.Outcome, str]:
    at = datetime.now(UTC)
    try:
        status, answer = post(letter.address, letter.content, message=letter.message, secret=letter.secret, at=at)
    except TimeoutError:
        return Sending.Outcome.UNKNOWN, "no answer in time"
    except (InsideError, OSError) as fault:
        return Sending.Outcome.REFUSED, str(fault)[:ANSWER_MOST]
    taken = 200 <= status < 300
    if taken and letter.asks and not echoes(answer, letter.message):
        return Sending.Outcome.REFUSED, "it did not give the challenge back"
    return (
        Sending.Outcome.SENT if taken else Sending.Outcome.REFUSED,
        ENDED if status == GONE else f"it answered {status}",
    )
