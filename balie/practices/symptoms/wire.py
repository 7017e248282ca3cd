"""What the web says to the watch, and hears back: signed with the key that both have, and good for a minute."""

from typing import Any, Final, Literal

import msgspec
from django.conf import settings
from django.core import signing

WITHIN_S: Final = 2.5
_SALT: Final = "balie.practices.symptoms"
_GOOD_FOR_S: Final = 60


class AwayError(Exception):
    """The watch does not answer, or refuses us."""


class StrangeError(ValueError):
    """Nothing that we signed, or too long ago."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """`look`: what is known; `report`: something does not work; `subscribe` and `leave`: mail for this practice.

    `id` is new for each report, and the same when it is sent again. `what` is a function of the watch's graph, or
    empty; `minutes` is how long ago it began.
    """

    do: Literal["look", "report", "subscribe", "leave"]
    person: int
    practice: int | None
    language: str
    id: str = ""
    what: str = ""
    minutes: int = 0
    text: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that goes on. `next_by` is when there is more, as people say it; empty: nobody promised."""

    number: str
    title: str
    since: str
    next_by: str = ""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """Maintenance that was announced and goes on; `until` as people say it."""

    number: str
    text: str
    until: str


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What the watch answers. `functions` are names by key; `number` is what a report is called, `ours` the outage that
    it belongs to, `during` the maintenance; `subscribed`: this practice gets mail.
    """

    functions: dict[str, str]
    known: list[Known]
    work: list[Work] = []
    subscribed: bool = False
    number: str = ""
    ours: str = ""
    during: str = ""


def sign(ask: Ask) -> bytes:
    return signing.dumps(msgspec.to_builtins(ask), salt=_SALT).encode()


def read(body: bytes) -> Ask:
    """Raises StrangeError."""
    try:
        told: Any = signing.loads(body.decode(), salt=_SALT, max_age=_GOOD_FOR_S)
        return msgspec.convert(told, Ask)
    except (signing.BadSignature, ValueError):
        raise StrangeError from None


async def tell_watch(ask: Ask) -> Heard:
    """Raises AwayError."""
    import aiohttp  # noqa: PLC0415 - takes 0.3 s, in every process that may never tell

    limits = aiohttp.ClientTimeout(total=WITHIN_S)
    address = f"{settings.WATCH_URL}/reports/"
    try:
        async with aiohttp.ClientSession(timeout=limits) as session, session.post(address, data=sign(ask)) as answer:
            if not answer.ok:
                raise AwayError(f"it answered {answer.status}")
            return msgspec.json.decode(await answer.read(), type=Heard)
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.MsgspecError) as fault:
        raise AwayError(str(fault) or type(fault).__name__) from None
