"""The operations of the API that matter on the night, plain ASGI: they go by the queue and the batcher of everybody.

`operations.py` says what each asks and answers. Nothing here knows more ways than a browser has.
"""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from balie.lib.asgi import JSON, PRIVATE, Header, Receive, Reply, Scope, Send, find_header, read_body, reply, send_reply
from balie.lib.bodies import read
from balie.lib.problems import Problem
from balie.ordering import bodies
from balie.ordering.api import contract
from balie.ordering.api.operations import LIVE, OPERATIONS, Operation
from balie.ordering.asking import Asking
from balie.ordering.hot import HoldAnswer
from balie.ordering.picture import CampaignPicture, Pictures
from balie.practices.tokens import Budgets, Token, Tokens
from balie.runtime.answering import answered
from balie.runtime.batcher import DEADLINE_S
from balie.waitingroom.gate import Gate

ROOT: Final = LIVE + "/"
BODY_MOST: Final = 16 * 1024
BODY_WITHIN_S: Final = DEADLINE_S  # as in `ordering/live.py`: nobody stretches the moment by which they are judged
LONGEST_ID: Final = 18
CAMPAIGN_AT, KEY_AT = 5, 7  # in /live/api/v1/campaigns/{campaign}/hold/{key}/…
UUID_AS_WRITTEN: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
HOLD: Final = msgspec.json.Decoder(contract.HoldBody)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, let in: by whom, about which campaign (and hold), and since when."""

    token: Token
    campaign: CampaignPicture
    key: UUID | None
    scope: Scope
    receive: Receive
    arrived: float


Answer = Callable[[Asked], Awaitable[Reply]]


class LiveApi:
    """The app of one process."""

    def __init__(self, pictures: Pictures, asking: Asking, tokens: Tokens) -> None:
        self._pictures, self._asking, self._tokens = pictures, asking, tokens
        self._budgets = Budgets()
        answers: dict[str, Answer] = {
            "availability": self._availability,
            "queue": self._queue,
            "join": self._join,
            "standing": self._standing,
            "hold": self._hold,
            "confirm": self._confirm,
            "release": self._release,
        }
        own = [each for each in OPERATIONS if each.path.startswith(ROOT)]
        self._operations = {(_shape(each.path), each.method): (each, answers[each.id]) for each in own}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said: list[Header] = []
        found = await answered(scope, partial(self._find, scope, receive, time.monotonic(), said))
        for header in said:
            found = found.with_header(header)
        await send_reply(send, found)

    async def _find(self, scope: Scope, receive: Receive, arrived: float, said: list[Header]) -> Reply:
        operation, answer = self._find_operation(scope)
        token = self._tokens.find(find_header(scope, b"authorization"))
        taken, headers = self._budgets.take(token)
        said += headers
        if not taken:
            raise Problem("too_many")
        token.require(operation.scope)
        parts = scope["path"].split("/")
        campaign = await self._find_campaign(parts[CAMPAIGN_AT])
        key = _uuid(parts[KEY_AT]) if "{key}" in operation.path else None
        if "{key}" in operation.path and key is None:
            raise Problem("not_found")
        return await answer(Asked(token, campaign, key, scope, receive, arrived))

    def _find_operation(self, scope: Scope) -> tuple[Operation, Answer]:
        shape = _shape(scope["path"])
        found = self._operations.get((shape, scope["method"]))
        if found is not None:
            return found
        allowed = sorted(method for known, method in self._operations if known == shape)
        if allowed:
            raise Problem("not_allowed", headers=((b"allow", ", ".join(allowed).encode()),))
        raise Problem("not_found")

    async def _find_campaign(self, key: str) -> CampaignPicture:
        if not (key.isascii() and key.isdecimal() and len(key) <= LONGEST_ID):
            raise Problem("not_found")
        if int(key) not in self._pictures.campaigns:
            await self._pictures.read_anew()
        found = self._pictures.campaigns.get(int(key))
        if found is None or found.row.is_probe:
            raise Problem("not_found")
        return found

    async def _availability(self, asked: Asked) -> Reply:
        return asked.campaign.calendar()

    async def _queue(self, asked: Asked) -> Reply:
        gate = Gate(asked.campaign.row.id, asked.campaign.room)
        ticket = gate.find_ticket(asked.token.practice)
        state = gate.state_content(time.monotonic())
        names = (name for name in contract.Queue.__struct_fields__ if name != "ticket")
        content = {name: state[name] for name in names}
        return _say({**content, "ticket": gate.ticket_content(ticket) if ticket else None})

    async def _join(self, asked: Asked) -> Reply:
        gate = Gate(asked.campaign.row.id, asked.campaign.room)
        if ticket := gate.find_ticket(asked.token.practice):
            return _say(gate.ticket_content(ticket))
        body = bodies.JoinBody(asked.token.practice)
        return gate.joined(body.practice, await self._asking.join(gate, body, asked.arrived))

    async def _standing(self, asked: Asked) -> Reply:
        return _say(bodies.mine_content(await self._asking.mine(asked.campaign, asked.token.practice, _slot(asked))))

    async def _hold(self, asked: Asked) -> Reply:
        key = _idempotency_key(asked.scope)
        if (find_header(asked.scope, b"content-type") or b"").partition(b";")[0].strip().lower() != b"application/json":
            raise Problem("other_kind")
        body = read(HOLD, await read_body(asked.receive, limit=BODY_MOST, within_s=BODY_WITHIN_S))
        wish = bodies.HoldBody(asked.token.practice, key, body.lines, body.ranking, body.slot)
        held = await self._asking.hold(asked.campaign, asked.token.person, wish, asked.arrived)
        if not _is_of(held, body):
            raise Problem("key_reused")
        assert held.key is not None
        assert held.expires_at is not None
        assert held.remaining_ms is not None
        return _say(contract.Held(held.key, held.lines, held.expires_at, held.remaining_ms, held.now))

    async def _confirm(self, asked: Asked) -> Reply:
        placed = await self._asking.confirm(asked.campaign, asked.token.person, _about_hold(asked), asked.arrived)
        assert placed.number is not None
        assert placed.placed_at is not None
        return _say(contract.Placed(placed.number, placed.placed_at))

    async def _release(self, asked: Asked) -> Reply:
        await self._asking.release(asked.campaign, _about_hold(asked), asked.arrived)
        return _say(contract.Released("released"))


def _about_hold(asked: Asked) -> bodies.KeyBody:
    assert asked.key is not None
    return bodies.KeyBody(asked.token.practice, asked.key, _slot(asked))


def _slot(asked: Asked) -> int:
    return bodies.slot_in_query(asked.scope["query_string"])


def _is_of(held: HoldAnswer, body: contract.HoldBody) -> bool:
    """Whether what is held is what was asked: a key that comes again brings the answer that it got before."""
    return len(held.lines) == len(body.lines) and all(
        (kept.product, kept.location, kept.doses) == (asked.product, asked.location, asked.doses)
        and (kept.day == asked.day if asked.day else kept.day in body.ranking)
        for kept, asked in zip(held.lines, body.lines, strict=True)
    )


def _idempotency_key(scope: Scope) -> UUID:
    given = (find_header(scope, b"idempotency-key") or b"").decode("latin-1")
    key = _uuid(given)
    if key is None:
        raise Problem("bad_request", errors=[{"at": "Idempotency-Key", "code": "type" if given else "missing"}])
    return key


def _uuid(given: str) -> UUID | None:
    """In the one way in which it is written; Python knows more."""
    return UUID(given) if UUID_AS_WRITTEN.fullmatch(given) else None


def _shape(path: str) -> tuple[str, ...]:
    """The path without what varies in it, so that one look-up finds its operation."""
    parts = path.split("/")
    if len(parts) > CAMPAIGN_AT:
        parts[CAMPAIGN_AT] = ""
    if len(parts) > KEY_AT + 1:
        parts[KEY_AT] = ""
    return tuple(parts)


def _say(content: object) -> Reply:
    return reply(200, msgspec.json.encode(content), JSON, PRIVATE)
