"""One rehearsal from beginning to end: the installation, the load, the faults, the drain, the judgement, the report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from balie.rehearse.cast import Habits, Member, Tempo
from balie.rehearse.cpu import CpuMeter
from balie.rehearse.faults import Fault
from balie.rehearse.injection import Injector
from balie.rehearse.install import Installation, installed, read_accepted, start_parts, wait_until_answered
from balie.rehearse.judge.evidence import AcceptedMail
from balie.rehearse.judge.operations import score
from balie.rehearse.judge.sampling import Sampler
from balie.rehearse.judge.stored import read_stored
from balie.rehearse.judge.verdict import Evidence, judge
from balie.rehearse.judge.year import read_changes
from balie.rehearse.load import EARLY_PART, Life, Night, Plan, play_night
from balie.rehearse.operations.watching import start_watch, stop_watch

WINDOW_S = 20
PREPARING_S = 5.0  # from opening the campaign to the first arrival
SESSION_S = 0.04  # to log one in, beside that
THINK_S = (1.0, 4.5)
CALLING_S = 50.0  # in which everybody is called, unless that were more than ten practices a second, or less than two
MOST_CALLS_PER_S = 10.0
PATIENCE_S = 150.0  # after the last arrival and the last call
DRAIN_S = 150.0
SLEEPERS_WITHIN_S = 60.0
WATCHERS = 12

STILL_ASLEEP = """
select count(*) from judge.prepared p
 where p.campaign = %s and p.practice = any(%s) and p.failed_at is null
   and not exists (select 1 from judge.orders o where o.campaign = p.campaign and o.practice = p.practice)
"""

Say = Callable[[str], None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be rehearsed."""

    practices: int
    arrivals_s: float
    auto: float = 0.0  # the share for whom the installation is to order, without a browser
    faults: Sequence[Fault] = ()
    groups: int = 1

    @property
    def calling_s(self) -> float:
        return max(min(CALLING_S, self.practices / 2), self.practices / MOST_CALLS_PER_S)

    @property
    def texting(self) -> bool:
        """There is a gateway for text messages only where one may fall ill: workers start faster without."""
        return any(fault.name.startswith("sms-") for fault in self.faults)

    @property
    def every_s(self) -> float:
        """From the opening of one group to that of the next, so that some of each come in time and some late."""
        return self.arrivals_s * (1 - EARLY_PART) / self.groups

    @property
    def pace(self) -> int:
        """Numbers called per minute."""
        return max(60, round(self.practices * 60 / self.calling_s))


@dataclass(kw_only=True)
class Outcome:
    """A judged night, and what the report draws."""

    report: dict[str, Any]
    plan: Plan
    night: Night
    sampler: Sampler
    began_at: datetime
    duration_s: float
    windows: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Set:
    """What is there before anybody plays."""

    slug: str
    members: Sequence[Member]
    asleep: Collection[int]
    judge_dsn: str


def rehearse_own(
    wish: Wish,
    *,
    logs: Path,
    say: Say,
    progress: Progress,
    make_life: Callable[[Set], Life] | None = None,
) -> Outcome:
    """On an installation of our own, which is gone afterwards; only its logs stay. With a life beside it the orders
    change after they are placed.
    """
    began_at, began = datetime.now(UTC), time.monotonic()
    say("Making the database")
    with installed(logs=logs) as installation:
        from balie.rehearse.filling import call_for_orders, mint_cast, put_to_sleep, settle_country

        country = settle_country(wish.practices)
        say("Starting the parts")
        start_parts(installation, texting=wish.texting)
        wait_until_answered(installation, start_watch(installation, wish.faults))
        minting_s = wish.practices * SESSION_S if make_life else 0.0
        opens_in_s = PREPARING_S + minting_s + wish.practices / 1000 + wish.arrivals_s * EARLY_PART
        campaign = call_for_orders(
            country,
            opens_in_s=opens_in_s,
            pace=wish.pace,
            window_s=WINDOW_S,
            groups=wish.groups,
            every_s=wish.every_s,
        )
        members = mint_cast(campaign, practices=wish.practices)
        opens_at = campaign.opens_at.timestamp()
        plan = make_plan(
            wish,
            campaign=campaign.pk,
            opens_at=opens_at,
            calling_s=wish.calling_s,
            upstreams=installation.upstreams,
            origin=installation.origin,
        )
        state = f"/live/queue/{campaign.pk}/state"
        wait_until_answered(installation, dict.fromkeys(installation.upstreams["live"], state))
        night = Night()
        night.log.asleep = put_to_sleep(campaign, members, share=wish.auto)
        life = None
        if make_life is not None:
            scene = Set(slug=campaign.slug, members=members, asleep=night.log.asleep, judge_dsn=installation.judge_dsn)
            life = make_life(scene)
        injector = Injector(installation, wish.faults, clock=night.clock, opens_at=opens_at)
        meter = CpuMeter(installation.roots)
        with Sampler(installation.judge_dsn, campaign.pk) as sampler:
            playing = _night(
                installation,
                members,
                plan,
                night,
                injector=injector,
                meter=meter,
                say=say,
                progress=progress,
                life=life,
            )
            asyncio.run(playing)
        watched = stop_watch(installation)
        say("Judging")
        windows, operations = score(injector.windows, watched, opens_at=opens_at, cpu_percent=meter.whole_percent())
        evidence = gather_evidence(
            installation, campaign.pk, night, sampler=sampler, meter=meter, faults=windows, operations=operations
        )
        if life is not None:
            evidence = replace(evidence, year=read_changes(installation.judge_dsn, campaign.pk))
    return Outcome(
        report=judge(evidence, scenario="ordering" if life is None else "year"),
        plan=plan,
        night=night,
        sampler=sampler,
        began_at=began_at,
        duration_s=time.monotonic() - began,
        windows=windows,
    )


def gather_evidence(
    installation: Installation,
    campaign: int,
    night: Night,
    *,
    sampler: Sampler,
    meter: CpuMeter,
    faults: Sequence[Mapping[str, Any]],
    operations: Mapping[str, Any] | None = None,
) -> Evidence:
    """What the database, the clients and the mail server of an installation of our own saw."""
    accepted = [
        AcceptedMail(message_id=str(each["message_id"]), recipient=str(each["recipient"]), at=float(str(each["at"])))
        for each in read_accepted(installation.accepted_log)
    ]
    return Evidence(
        stored=read_stored(installation.judge_dsn, campaign),
        log=night.log,
        draw=night.draw,
        accepted=accepted,
        oversold_on_the_way=frozenset(sampler.oversold),
        faults=faults,
        operations=operations,
        generator=night.generator,
        cpu=meter.percent() | {"generator": night.cpu_percent},
    )


async def _night(
    installation: Installation,
    members: list[Member],
    plan: Plan,
    night: Night,
    *,
    injector: Injector,
    meter: CpuMeter,
    say: Say,
    progress: Progress,
    life: Life | None,
) -> None:
    tending = asyncio.create_task(installation.tend())
    metering = asyncio.create_task(meter.watch())
    say("Playing the night")
    async with injector.during_load():
        await play_night(members, plan, night, progress=progress, life=life)
        say("Waiting for those who sleep")
        await wait_for_sleepers(installation.judge_dsn, plan.campaign, night.log.asleep)
    metering.cancel()
    say("Waiting until all mail has left")
    await wait_for_mail(installation.judge_dsn)
    tending.cancel()


def make_plan(
    wish: Wish, *, campaign: int, opens_at: float, calling_s: float, upstreams: dict[str, list[str]], origin: str
) -> Plan:
    """The load that belongs to the wish, where it takes `calling_s` until everybody has been called."""
    return Plan(
        campaign=campaign,
        upstreams=upstreams,
        origin=origin,
        opens_at=opens_at,
        arrivals_s=wish.arrivals_s,
        deadline_s=wish.arrivals_s + calling_s + PATIENCE_S,
        tempo=Tempo(think_s=THINK_S),
        habits=Habits(),
        watchers=min(WATCHERS, wish.practices),
    )


async def wait_for_mail(dsn: str) -> None:
    """Until nothing is queued any longer; at most as long as an ill mail server may keep the sender away."""
    await _wait_for_none(dsn, "select count(*) from judge.mail where state = 'queued'", [], within_s=DRAIN_S)


async def wait_for_sleepers(dsn: str, campaign: int, asleep: Collection[int]) -> None:
    """Until each has an order, or was told that there is no room."""
    await _wait_for_none(dsn, STILL_ASLEEP, [campaign, list(asleep)], within_s=SLEEPERS_WITHIN_S)


async def _wait_for_none(dsn: str, count: str, params: list[object], *, within_s: float) -> None:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        with suppress(psycopg.OperationalError):
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
                counted = await connection.execute(count.encode(), params)
                if (await counted.fetchone()) == (0,):
                    return
        await asyncio.sleep(0.5)
