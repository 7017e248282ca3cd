"""Scenario `login`: an ordinary night goes on at an even pace while, in blocks, everybody else logs in."""

from __future__ import annotations

import asyncio
import math
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from balie.embedded import parts
from balie.embedded.supervisor import Child, Part
from balie.rehearse.cast import Habits, Member, Tempo
from balie.rehearse.cpu import CpuMeter
from balie.rehearse.install import SERVE, Installation, NotReadyError, installed, start_parts, wait_until_answered
from balie.rehearse.judge.sampling import Sampler
from balie.rehearse.judge.verdict import judge
from balie.rehearse.load import LOOK_EVERY_S, Night, Plan, play_night
from balie.rehearse.logins.arriving import Arrived
from balie.rehearse.logins.people import write_people
from balie.rehearse.logins.schedule import WARM_UP_S, Schedule
from balie.rehearse.logins.verdict import judge_logins
from balie.rehearse.rehearsal import WATCHERS, WINDOW_S, Progress, Say, Wish, gather_evidence, wait_for_mail

INSIDE_MOST_PER_S = 10  # practices that come, hold and confirm: as many as the rehearsal ever calls
PACE = 6000  # numbers called per minute; nobody waits, whoever logs in included
PREPARING_S = 12.0
EARLY_S = 3.0  # some are there at the opening, so that there is a draw
THINK_S = (1.0, 4.5)
LAST_ORDERS_S = 60.0


@dataclass(kw_only=True)
class LoginOutcome:
    """A judged night with its logins, and what the report draws."""

    report: dict[str, Any]
    plan: Plan
    night: Night
    arrived: Arrived
    began_at: datetime
    duration_s: float


def rehearse_login(wish: Wish, *, logs: Path, say: Say, progress: Progress) -> LoginOutcome:
    """On an installation of our own, which is gone afterwards; only its logs stay."""
    began_at, began = datetime.now(UTC), time.monotonic()
    schedule = Schedule(arrivals_s=wish.arrivals_s)
    per_s = min(INSIDE_MOST_PER_S, wish.practices / wish.arrivals_s)  # no more than those who log in
    inside = math.ceil(per_s * (EARLY_S + schedule.ends_s))
    say("Making the database")
    # The proxy is ours, and tells from which address each comes.
    with installed(logs=logs, serve=SERVE | {"login": 1}, settings={"BALIE_PROXIES": "1"}) as installation:
        from balie.rehearse.filling import call_for_orders, mint_cast, settle_country
        from balie.rehearse.logins.filling import give_passwords

        country = settle_country(wish.practices + inside)
        say("Starting the parts")
        start_parts(installation)
        opens_in_s = PREPARING_S + (wish.practices + inside) / 1000 + EARLY_S
        campaign = call_for_orders(country, opens_in_s=opens_in_s, pace=PACE, window_s=WINDOW_S)
        opens_at = campaign.opens_at.timestamp()
        members = mint_cast(campaign, practices=inside)
        arrivals = schedule.arrivals(wish.practices, random.Random(campaign.pk))
        people = installation.folder / "people.jsonl"
        write_people(people, give_passwords([opens_at + after_s for after_s in arrivals]))
        plan = _make_plan(campaign.pk, opens_at, schedule, installation)
        wait_until_answered(
            installation, dict.fromkeys(installation.upstreams["live"], f"/live/queue/{campaign.pk}/state")
        )
        night, meter = Night(), CpuMeter(installation.roots)
        with Sampler(installation.judge_dsn, campaign.pk) as sampler:
            say("Playing the night, and letting people log in")
            _start_arriving(installation, people, campaign.pk)
            asyncio.run(_play(members, plan, night, installation=installation, meter=meter, progress=progress))
        say("Judging")
        arrived = msgspec.json.decode((installation.folder / "arrived.json").read_bytes(), type=Arrived)
        evidence = gather_evidence(installation, campaign.pk, night, sampler=sampler, meter=meter, faults=[])
        report = judge_logins(
            judge(evidence),
            arrived,
            night.measures.timeline,
            from_at=opens_at + WARM_UP_S,
            to_at=opens_at + schedule.ends_s,
            cpu_s=meter.seconds("login"),
        )
    return LoginOutcome(
        report=report,
        plan=plan,
        night=night,
        arrived=arrived,
        began_at=began_at,
        duration_s=time.monotonic() - began,
    )


def _make_plan(campaign: int, opens_at: float, schedule: Schedule, installation: Installation) -> Plan:
    """Those inside come one after the other, from just before the opening until the last quiet is over."""
    plays_s = EARLY_S + schedule.ends_s
    return Plan(
        campaign=campaign,
        upstreams=installation.upstreams,
        origin=installation.origin,
        opens_at=opens_at,
        arrivals_s=plays_s,
        deadline_s=schedule.ends_s + LAST_ORDERS_S,
        tempo=Tempo(think_s=THINK_S),
        habits=Habits(),
        watchers=WATCHERS,
        early_share=EARLY_S / plays_s,
        early_part=EARLY_S / plays_s,
    )


def _start_arriving(installation: Installation, people: Path, campaign: int) -> None:
    upstreams = installation.folder / "upstreams.json"
    upstreams.write_bytes(msgspec.json.encode(installation.upstreams))
    words = ("--people", people, "--upstreams", upstreams, "--origin", installation.origin)
    command = parts.command(
        "balie.rehearse.logins.arriving", *words, "--campaign", campaign, "--out", installation.folder / "arrived.json"
    )
    child = installation.supervisor.start(Part("arriving", command, lasting=False))
    installation.parts["arriving"] = [child]


async def _play(
    members: list[Member], plan: Plan, night: Night, *, installation: Installation, meter: CpuMeter, progress: Progress
) -> None:
    """Until everybody inside is done, everybody who logs in is in or stuck, and the mail has left."""
    tending = asyncio.create_task(installation.tend())
    metering = asyncio.create_task(meter.watch())
    await play_night(members, plan, night, progress=progress)
    await asyncio.to_thread(_wait_for, installation.parts["arriving"][0])
    metering.cancel()
    await wait_for_mail(installation.judge_dsn)
    tending.cancel()


def _wait_for(arriving: Child) -> None:
    """Whoever logs in has only so much patience, so this ends."""
    while arriving.alive():
        time.sleep(LOOK_EVERY_S)
    if not arriving.well():
        raise NotReadyError(f"Those who log in ended: {arriving.last_words()}")
