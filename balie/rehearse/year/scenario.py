"""Scenario `year`: an opening night, and beside it what else happens to orders and days in a year."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from balie.rehearse.cast import Role
from balie.rehearse.players import Stage
from balie.rehearse.rehearsal import Outcome, Progress, Say, Set, Wish, rehearse_own
from balie.rehearse.year.organiser import Organiser
from balie.rehearse.year.people import Afterthought

# Swaps are served every second, and one can make room for the next; so long nothing must happen to any of them.
QUIET_S = 5.0
QUIET_WITHIN_S = 60.0
SETTLED = "select count(distinct swap) from judge.swaps where campaign = %s and state <> 'open'"


def rehearse_year(wish: Wish, *, logs: Path, say: Say, progress: Progress) -> Outcome:
    """On an installation of our own, which is gone afterwards; only its logs stay."""
    return rehearse_own(wish, logs=logs, say=say, progress=progress, make_life=_make_life)


def _make_life(scene: Set) -> YearLife:
    from balie.rehearse.year.filling import mint_organiser, mint_sessions

    awake = [member for member in scene.members if member.practice not in scene.asleep]
    return YearLife(scene.slug, mint_sessions(awake), mint_organiser(), scene.members[0].cookie, scene.judge_dsn)


@dataclass(frozen=True)
class YearLife:
    """What goes on beside the night. Sessions are cookies, by practice."""

    slug: str
    sessions: Mapping[int, str]
    organiser: str
    cookie: str  # a pass: anybody's, to see the calendar with
    dsn: str

    async def after(self, role: Role, stage: Stage) -> None:
        """What one practice does once its order stands."""
        await Afterthought(role, stage, slug=self.slug, session=self.sessions[role.member.practice]).play()

    async def beside(self, stage: Stage) -> None:
        """What the organiser does meanwhile, until cancelled."""
        await self._organiser(stage).play()

    async def settle(self, stage: Stage) -> None:
        """More room for whoever waits; until Balie has served all that fit."""
        await self._organiser(stage).grow()
        await _wait_for_quiet(self.dsn, stage.campaign)

    def _organiser(self, stage: Stage) -> Organiser:
        return Organiser(stage, slug=self.slug, session=self.organiser, cookie=self.cookie)


async def _wait_for_quiet(dsn: str, campaign: int) -> None:
    until, seen, since = time.monotonic() + QUIET_WITHIN_S, -1, time.monotonic()
    while time.monotonic() < min(until, since + QUIET_S) or seen < 0:
        with suppress(psycopg.OperationalError):
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
                row = await (await connection.execute(SETTLED, [campaign])).fetchone()
                if row and row[0] != seen:
                    seen, since = row[0], time.monotonic()
        await asyncio.sleep(0.5)
