"""The crowd of the demo: calm virtual practices, so that a lone visitor meets a real queue.

    python -m balie.rehearse.crowd --url http://localhost:8000 --campaign 1 --cast FILE --practices 300

FILE has one JSON object a line, see `balie/rehearse/cast.py`. Ends when everybody has ordered, or when told to.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import signal
from datetime import datetime
from pathlib import Path

from balie.rehearse.cast import CALM, Member, Role, Tempo, Traits, read_cast
from balie.rehearse.judge.evidence import ClientLog
from balie.rehearse.measure import Clock, Measures
from balie.rehearse.players import Player, Stage
from balie.rehearse.proxy import Proxy

TEMPO = Tempo(think_s=(6.0, 45.0), patience_s=3600.0)
ARRIVE_FASTER_THAN_S = 25.0
LATE_SHARE = 0.15  # come after the opening
LATE_S = 240.0


async def play_crowd(members: list[Member], *, url: str, campaign: int) -> None:
    """Let the members arrive before the opening, a few of them after it, and order."""
    clock = Clock()
    upstreams = {"live": [url], "streams": [url], "pages": [url]}
    async with Proxy(upstreams, origin=url, clock=clock) as proxy:
        stage = Stage(campaign, proxy, clock, ClientLog(), Measures(), TEMPO)
        opens_at = await _opening(stage)
        async with asyncio.TaskGroup() as tasks:
            for member in members:
                tasks.create_task(Player(_role(member, clock.now(), opens_at), stage).play())


async def _opening(stage: Stage) -> float:
    """When the campaign opens; waits for an installation that is still starting."""
    while True:
        answer = await stage.proxy.ask("GET", stage.queue("state"))
        if answer.ok:
            return datetime.fromisoformat(answer.body["opens_at"]).timestamp()
        await asyncio.sleep(0.5)


def _role(member: Member, now: float, opens_at: float) -> Role:
    chance = random.Random(member.practice)
    before = max(3.0, min(opens_at - now, ARRIVE_FASTER_THAN_S))
    late = chance.random() < LATE_SHARE
    arrives_at = max(now, opens_at) + chance.uniform(0, LATE_S) if late else now + chance.uniform(0, before)
    return Role(member=member, traits=Traits.drawn(chance, CALM), arrives_at=arrives_at, chance=chance)


async def _until_told(crowd: asyncio.Task[None]) -> None:
    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, crowd.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await crowd


def main() -> None:
    parser = argparse.ArgumentParser(description="Calm virtual practices for the demo.")
    parser.add_argument("--url", required=True, help="where the demo answers, as its pages are addressed")
    parser.add_argument("--campaign", type=int, required=True)
    parser.add_argument("--cast", type=Path, required=True, help="file with practices and their minted passes")
    parser.add_argument("--practices", type=int, required=True, help="how many of them come")
    given = parser.parse_args()
    members = read_cast(given.cast)[: given.practices]

    async def run() -> None:
        crowd = asyncio.create_task(play_crowd(members, url=given.url.rstrip("/"), campaign=given.campaign))
        await _until_told(crowd)

    asyncio.run(run())


if __name__ == "__main__":
    main()
