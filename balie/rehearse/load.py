"""Plays one night: casts the practices, sends them in by an open schedule, and gathers what they saw.

Arrivals do not wait for answers: a server that slows down meets more practices at once, as it would at midnight.
"""

from __future__ import annotations

import asyncio
import random
import resource
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

import psutil

from balie.rehearse.cast import Habits, Member, Role, Tempo, Traits
from balie.rehearse.judge.evidence import ClientLog, Draw
from balie.rehearse.measure import Clock, Measures
from balie.rehearse.players import Player, Stage
from balie.rehearse.proxy import Proxy
from balie.rehearse.watchers import Watcher

EARLY_SHARE = 0.6  # of the practices are in the waiting room at opening
EARLY_PART = 1 / 3  # of the arrivals' time lies before the opening
LOOK_EVERY_S = 0.25


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One night's load. The campaign opens at `opens_at`. Arrivals take `arrivals_s`; `early_part` of that lies before
    the opening, and `early_share` of the practices come in it.
    """

    campaign: int
    upstreams: Mapping[str, Sequence[str]]
    origin: str
    opens_at: float
    arrivals_s: float
    deadline_s: float  # after the opening; whoever has no order then is unfinished
    tempo: Tempo
    habits: Habits
    watchers: int
    early_share: float = EARLY_SHARE
    early_part: float = EARLY_PART
    seed: int = 1

    @property
    def starts_at(self) -> float:
        return self.opens_at - self.arrivals_s * self.early_part


@dataclass
class Night:
    """What came of it."""

    clock: Clock = field(default_factory=Clock)
    log: ClientLog = field(default_factory=ClientLog)
    measures: Measures = field(default_factory=Measures)
    arrivals: list[float] = field(default_factory=list)
    draw: Draw = field(default_factory=lambda: Draw(seals={}, file=None))
    ended_at: float = 0.0
    cpu_percent: float = 0.0

    @property
    def generator(self) -> dict[str, float]:
        return {"lag_p99_ms": self.clock.lag.at(99), "cpu_percent": round(self.cpu_percent, 1)}


class Life(Protocol):
    """What goes on beside the night, and after it."""

    async def after(self, role: Role, stage: Stage) -> None:
        """What a practice does once its night is over."""

    async def beside(self, stage: Stage) -> None:
        """What others do meanwhile, until cancelled."""

    async def settle(self, stage: Stage) -> None:
        """What must come to rest once every practice is done."""


def cast_roles(members: Sequence[Member], plan: Plan) -> list[Role]:
    """Give everybody traits and a moment of arrival, the same ones for the same seed."""
    chance = random.Random(plan.seed)
    roles = []
    for index, member in enumerate(members):
        own = random.Random(f"{plan.seed}-{member.practice}")
        early = index < len(members) * plan.early_share
        part = chance.uniform(0, plan.early_part) if early else chance.uniform(plan.early_part, 1)
        traits = Traits.drawn(own, plan.habits)
        roles.append(Role(member=member, traits=traits, arrives_at=plan.starts_at + part * plan.arrivals_s, chance=own))
    return sorted(roles, key=lambda role: role.arrives_at)


async def play_night(
    members: Sequence[Member],
    plan: Plan,
    night: Night,
    *,
    progress: Callable[[int, int], None] = lambda *_: None,
    life: Life | None = None,
) -> None:
    """Fill `night`; returns when every practice that is awake is done, or at the deadline."""
    allow_many_connections()
    roles = cast_roles([member for member in members if member.practice not in night.log.asleep], plan)
    night.arrivals = [role.arrives_at for role in roles]
    me = psutil.Process()
    me.cpu_percent()
    async with Proxy(plan.upstreams, origin=plan.origin, clock=night.clock) as proxy:
        stage = Stage(plan.campaign, proxy, night.clock, night.log, night.measures, plan.tempo)
        players = [asyncio.create_task(_play(role, stage, life)) for role in roles]
        others = [asyncio.create_task(Watcher(role, stage).watch()) for role in _spread(roles, plan.watchers)]
        others.append(asyncio.create_task(_fetch_draw(stage, plan, night)))
        others.append(asyncio.create_task(_show(progress, players)))
        try:
            async with _beside(life, stage):
                await _finish(players, plan.opens_at + plan.deadline_s - night.clock.now())
            if life is not None:
                await life.settle(stage)
        finally:
            night.ended_at = night.clock.now()
            night.cpu_percent = me.cpu_percent()
            for task in (*others, *players):
                task.cancel()
            await asyncio.gather(*others, *players, return_exceptions=True)
    night.log.latency_ms = night.measures.summary()
    night.log.calendar_age_p99_ms = night.measures.age.at(99) if night.measures.age.count else None


def allow_many_connections() -> None:
    """As many open files as the system lets us have; often only a thousand are set."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@asynccontextmanager
async def _beside(life: Life | None, stage: Stage) -> AsyncIterator[None]:
    """What others do while the body runs."""
    task = asyncio.create_task(life.beside(stage)) if life else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _play(role: Role, stage: Stage, life: Life | None) -> None:
    await Player(role, stage).play()
    if life is not None:
        await life.after(role, stage)


async def _finish(players: list[asyncio.Task[None]], timeout_s: float) -> None:
    done, _late = await asyncio.wait(players, timeout=max(timeout_s, 0.0))
    for task in done:
        task.result()  # a player that failed is a defect of ours: let it be heard


def _spread(roles: Sequence[Role], count: int) -> Sequence[Role]:
    return roles[:: max(1, len(roles) // count)][:count] if count else ()


async def _show(progress: Callable[[int, int], None], players: list[asyncio.Task[None]]) -> None:
    while True:
        progress(sum(task.done() for task in players), len(players))
        await asyncio.sleep(LOOK_EVERY_S)


async def _fetch_draw(stage: Stage, plan: Plan, night: Night) -> None:
    """The seals while the doors are open and nothing is drawn yet; the file once all rounds are in it."""
    seals: dict[int, str] = {}
    while stage.clock.now() < plan.opens_at and not seals:
        answer = await stage.proxy.ask("GET", stage.queue("seal"))
        if answer.ok:
            seals = {each["round"]: each["seed_hash"] for each in answer.body["rounds"]}
        await asyncio.sleep(LOOK_EVERY_S)
    night.draw = Draw(seals=seals, file=None)
    await stage.clock.until(plan.opens_at)
    while night.draw.file is None or not night.draw.file["complete"]:
        answer = await stage.proxy.ask("GET", stage.queue("draw"))
        night.draw = Draw(seals=seals, file=answer.body if answer.ok else None)
        await asyncio.sleep(LOOK_EVERY_S)
