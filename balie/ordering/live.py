"""The hot paths of ordering and of its waiting room, plain ASGI. `docs/spec/live.md` is their contract.

A request finds its handler by one look-up of method and path. The state of the waiting room comes before all others:
it is what thousands ask for every second, and it is bytes that lie ready.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from balie.lib.asgi import (
    Receive,
    Reply,
    Scope,
    Send,
    json_reply,
    read_body,
)
from balie.lib.bodies import read
from balie.lib.problems import Problem
from balie.ordering import bodies
from balie.ordering.asking import Asking
from balie.ordering.hot import (
    ConfirmRequest,
    HoldRequest,
    ReleaseRequest,
    confirm_batch,
    hold_batch,
    release_batch,
    trace_mails,
)
from balie.ordering.picture import CampaignPicture, Pictures
from balie.practices.door import Door, check_practice, practice_in_query
from balie.practices.passes import Pass
from balie.runtime.answering import answered
from balie.runtime.batcher import DEADLINE_S, Job, Kind
from balie.runtime.hot import Connection
from balie.waitingroom.gate import Gate
from balie.waitingroom.hot import join_batch

BODY_MOST = 16 * 1024
# A request is judged by the moment its first byte reached us; nobody may stretch that moment by holding back the rest.
BODY_WITHIN_S = DEADLINE_S

Shared = Callable[[], Reply]
Own = Callable[[Pass, Scope, Receive, float], Awaitable[Reply]]


class Live:
    """The app of one process."""

    def __init__(self, pictures: Pictures, asking: Asking, door: Door) -> None:
        self._pictures, self._asking, self._door = pictures, asking, door
        self._campaigns: dict[int, CampaignPicture] = {}
        self._states: dict[str, Shared] = {}
        self._shared: dict[str, Shared] = {}
        self._own: dict[str, Own] = {}
        pictures.after_read(self._learn_campaigns)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = self._states.get(scope["path"])
        if state is not None and scope["method"] == "GET":
            found = state()
        else:
            found = await answered(scope, partial(self._find_answer, scope, receive, time.monotonic()))
        await send(found.start)
        await send(found.body)

    async def _find_answer(self, scope: Scope, receive: Receive, arrived: float) -> Reply:
        path = scope["method"] + " " + scope["path"]
        if path not in self._shared and path not in self._own:
            await self._pictures.read_anew()
        if shared := self._shared.get(path):
            return shared()
        if own := self._own.get(path):
            return await self._answer_own(own, scope, receive, arrived)
        raise Problem("not_found")

    async def _answer_own(self, own: Own, scope: Scope, receive: Receive, arrived: float) -> Reply:
        held = self._door.enter(scope)
        renewal = self._door.renewal(held)
        answer = await own(held, scope, receive, arrived)
        return answer.with_header(renewal) if renewal else answer

    def _learn_campaigns(self) -> None:
        """Give every campaign its paths, when one came or went."""
        if self._pictures.campaigns == self._campaigns:
            return
        self._campaigns = dict(self._pictures.campaigns)
        self._states, self._shared, self._own = {}, {}, {}
        for campaign in self._campaigns.values():
            gate = Gate(campaign.row.id, campaign.room)
            queue, orders = f"/live/queue/{campaign.row.id}", f"/live/orders/{campaign.row.id}"
            self._states[f"{queue}/state"] = gate.state
            self._shared[f"GET {queue}/state"] = gate.state
            self._shared[f"GET {queue}/draw"] = gate.draw
            self._shared[f"GET {queue}/seal"] = gate.seal
            self._shared[f"GET {queue}/forecast"] = campaign.forecast
            self._own[f"POST {queue}/join"] = partial(self._join, gate)
            self._own[f"GET {queue}/ticket"] = partial(self._ticket, gate)
            self._own[f"GET {orders}/calendar"] = partial(self._calendar, campaign)
            self._own[f"GET {orders}/mine"] = partial(self._mine, campaign)
            self._own[f"POST {orders}/hold"] = partial(self._hold, campaign)
            self._own[f"POST {orders}/confirm"] = partial(self._confirm, campaign)
            self._own[f"POST {orders}/release"] = partial(self._release, campaign)

    async def _join(self, gate: Gate, held: Pass, _scope: Scope, receive: Receive, arrived: float) -> Reply:
        body = read(bodies.JOIN, await read_body(receive, limit=BODY_MOST, within_s=BODY_WITHIN_S))
        practice = check_practice(held, body.practice)
        if ticket := gate.find_ticket(practice):
            return json_reply(200, gate.ticket_content(ticket))
        return gate.joined(practice, await self._asking.join(gate, body, arrived))

    async def _ticket(self, gate: Gate, held: Pass, scope: Scope, _receive: Receive, _arrived: float) -> Reply:
        ticket = gate.find_ticket(practice_in_query(scope, held))
        if ticket is None:
            raise Problem("no_ticket", status=404)
        return json_reply(200, gate.ticket_content(ticket))

    async def _calendar(
        self, campaign: CampaignPicture, _held: Pass, _scope: Scope, _receive: Receive, _arrived: float
    ) -> Reply:
        return campaign.calendar()

    async def _mine(
        self, campaign: CampaignPicture, held: Pass, scope: Scope, _receive: Receive, _arrived: float
    ) -> Reply:
        practice, slot = practice_in_query(scope, held), bodies.slot_in_query(scope["query_string"])
        mine = await self._asking.mine(campaign, practice, slot)
        return json_reply(200, bodies.mine_content(mine))

    async def _hold(
        self, campaign: CampaignPicture, held: Pass, _scope: Scope, receive: Receive, arrived: float
    ) -> Reply:
        body = read(bodies.HOLD, await read_body(receive, limit=BODY_MOST, within_s=BODY_WITHIN_S))
        check_practice(held, body.practice)
        return bodies.held(await self._asking.hold(campaign, held.person, body, arrived))

    async def _confirm(
        self, campaign: CampaignPicture, held: Pass, _scope: Scope, receive: Receive, arrived: float
    ) -> Reply:
        body = read(bodies.KEY, await read_body(receive, limit=BODY_MOST, within_s=BODY_WITHIN_S))
        check_practice(held, body.practice)
        return bodies.confirmed(await self._asking.confirm(campaign, held.person, body, arrived))

    async def _release(
        self, campaign: CampaignPicture, held: Pass, _scope: Scope, receive: Receive, arrived: float
    ) -> Reply:
        body = read(bodies.KEY, await read_body(receive, limit=BODY_MOST, within_s=BODY_WITHIN_S))
        check_practice(held, body.practice)
        await self._asking.release(campaign, body, arrived)
        return bodies.released()


async def _settle_joins(conn: Connection, room: int, jobs: Sequence[Job]) -> Sequence[Any]:
    return await join_batch(conn, room, [job.subject for job in jobs])


async def _settle_holds(conn: Connection, campaign: int, jobs: Sequence[Job]) -> Sequence[Any]:
    requests = []
    for job in jobs:
        person, body = job.request
        requests.append(HoldRequest(job.subject, body.key, person, job.elapsed_ms, body.lines, body.ranking, body.slot))
    return await hold_batch(conn, campaign, requests)


async def _settle_confirms(conn: Connection, campaign: int, jobs: Sequence[Job]) -> Sequence[Any]:
    requests = []
    for job in jobs:
        person, body = job.request
        requests.append(ConfirmRequest(job.subject, body.key, person, job.elapsed_ms, job.asked.origin, body.slot))
    return await confirm_batch(conn, campaign, requests)


async def settle_traced_confirms(conn: Connection, campaign: int, jobs: Sequence[Job]) -> Sequence[Any]:
    """As confirms are settled, and in the same transaction their mails learn which trace they belong to."""
    async with conn.transaction():
        answers = await _settle_confirms(conn, campaign, jobs)
        asked = zip(answers, (job.asked.trace for job in jobs), strict=True)
        traces = {answer.number: trace for answer, trace in asked if answer.number and trace}
        if traces:
            await trace_mails(conn, traces)
    return answers


async def _settle_releases(conn: Connection, campaign: int, jobs: Sequence[Job]) -> Sequence[Any]:
    requests = [ReleaseRequest(job.subject, job.request.key, job.request.slot) for job in jobs]
    return await release_batch(conn, campaign, requests)


KINDS = {
    "join": Kind(_settle_joins, "room"),
    "hold": Kind(_settle_holds, "days"),
    "confirm": Kind(_settle_confirms, "days"),
    "release": Kind(_settle_releases, "days"),
}
TRACED_KINDS = {**KINDS, "confirm": Kind(settle_traced_confirms, "days")}
