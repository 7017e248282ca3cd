"""The requests about consultaties (`docs/spec/consult/consultations.md`)."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from psycopg_pool import AsyncConnectionPool

from balie.consult.asking import using
from balie.consult.consultations import acts, agreeing
from balie.consult.consultations.listing import read_consultations
from balie.lib.asgi import Receive, Reply, Scope, json_reply, read_body
from balie.lib.bodies import read
from balie.practices.passes import Pass
from balie.runtime.batcher import DEADLINE_S
from balie.runtime.hot import Connection

Answer = Callable[[Pass, Scope, Receive], Awaitable[Reply]]
Pool = AsyncConnectionPool[Connection]

ACTS: dict[str, tuple[msgspec.json.Decoder[Any], Callable[[Connection, Pass, Any], Awaitable[None]]]] = {
    "consultation": (msgspec.json.Decoder(acts.AskBody), acts.ask),
    "consultation/pick-up": (msgspec.json.Decoder(acts.PickUpBody), acts.pick_up),
    "consultation/hand-over": (msgspec.json.Decoder(acts.HandOverBody), acts.hand_over),
    "consultation/conclude": (msgspec.json.Decoder(acts.ConcludeBody), acts.conclude),
    "consultation/withdraw": (msgspec.json.Decoder(acts.WithdrawBody), acts.withdraw),
    "consultation/agree": (msgspec.json.Decoder(agreeing.AgreeBody), agreeing.agree),
}


def answers(*, readers: Pool, writers: Pool) -> Mapping[tuple[str, str], Answer]:
    """What is asked about them, and who answers. After each act the answer is the list as it is then."""

    async def listed(held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        return json_reply(200, await using(readers, lambda conn: read_consultations(conn, held)))

    async def act(name: str, held: Pass, _scope: Scope, receive: Receive) -> Reply:
        decoder, do = ACTS[name]
        body = read(decoder, await read_body(receive, limit=acts.BODY_MOST, within_s=DEADLINE_S))

        async def keep(conn: Connection) -> dict[str, Any]:
            await do(conn, held, body)
            return await read_consultations(conn, held)

        return json_reply(200, await using(writers, keep))

    return {("GET", "consultations"): listed} | {("POST", name): partial(act, name) for name in ACTS}
