"""The requests about e-consults (`docs/spec/consult/econsults.md`)."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from psycopg_pool import AsyncConnectionPool

from balie.consult.asking import using
from balie.consult.econsults import acts, sending
from balie.consult.econsults.listing import read_econsults, read_intakes
from balie.lib.asgi import Receive, Reply, Scope, find_language, json_reply, read_body
from balie.lib.bodies import read
from balie.practices.functions.picture import Functions
from balie.practices.passes import Pass
from balie.runtime.batcher import DEADLINE_S
from balie.runtime.hot import Connection, notify

Answer = Callable[[Pass, Scope, Receive], Awaitable[Reply]]
Pool = AsyncConnectionPool[Connection]

SEND = msgspec.json.Decoder(sending.SendBody)
ACTS: dict[str, tuple[msgspec.json.Decoder[Any], Callable[[Connection, Pass, Any], Awaitable[None]]]] = {
    "econsult/pick-up": (msgspec.json.Decoder(acts.PickUpBody), acts.pick_up),
    "econsult/hand-over": (msgspec.json.Decoder(acts.HandOverBody), acts.hand_over),
    "econsult/close": (msgspec.json.Decoder(acts.CloseBody), acts.close),
}


def answers(*, readers: Pool, writers: Pool, functions: Functions, topic: str) -> Mapping[tuple[str, str], Answer]:
    """What is asked about them, and who answers. After each act the answer is the list as it is then. `topic`: where
    who waits for messages hears of the one that an e-consult begins with.
    """

    def told(held: Pass, scope: Scope) -> Callable[[Connection], Awaitable[dict[str, Any]]]:
        return partial(read_econsults, held=held, functions=functions, language=find_language(scope))

    async def listed(held: Pass, scope: Scope, _receive: Receive) -> Reply:
        return json_reply(200, await using(readers, told(held, scope)))

    async def intakes(held: Pass, scope: Scope, _receive: Receive) -> Reply:
        look = partial(read_intakes, held=held, functions=functions, language=find_language(scope))
        return json_reply(200, await using(readers, look))

    async def send(held: Pass, scope: Scope, receive: Receive) -> Reply:
        body = read(SEND, await read_body(receive, limit=sending.SEND_MOST, within_s=DEADLINE_S))

        async def keep(conn: Connection) -> dict[str, Any]:
            await sending.send(conn, held, body, functions)
            await notify(conn, topic)
            return await told(held, scope)(conn)

        return json_reply(200, await using(writers, keep))

    async def act(name: str, held: Pass, scope: Scope, receive: Receive) -> Reply:
        decoder, do = ACTS[name]
        body = read(decoder, await read_body(receive, limit=acts.ACT_MOST, within_s=DEADLINE_S))

        async def keep(conn: Connection) -> dict[str, Any]:
            await do(conn, held, body)
            return await told(held, scope)(conn)

        return json_reply(200, await using(writers, keep))

    own = {("GET", "econsults"): listed, ("GET", "econsult/intakes"): intakes, ("POST", "econsult"): send}
    return own | {("POST", name): partial(act, name) for name in ACTS}
