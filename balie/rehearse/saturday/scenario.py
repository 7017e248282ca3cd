"""The Saturday, beside the talking: its people enrol, ask and answer; two posts close while some wait."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg

from balie.rehearse.faults import ALL_LIVE, parse_fault
from balie.rehearse.judge.econsults import READ, Closed, Row, Saturday, Span
from balie.rehearse.measure import Clock
from balie.rehearse.saturday.people import Patient, Worker
from balie.rehearse.talks.voices import Voice

if TYPE_CHECKING:
    from balie.rehearse.saturday.filling import Member, Staffed

PATIENTS = 40
ASK_UNTIL = 0.5  # of the load
HOME_AT, CLOSE_AT = 0.35, 0.5  # nurses of the posts that close take none from the first on
MOVES, PHONES = 1, 3  # the posts that close: one of which another takes over, and one whose patients phone
TAKES_OVER = 0
GRACE_S = 45.0  # after the load, in which the last are answered
LOOK_AGAIN_S = 0.2
BACK_S = 15.0  # until what was dead does its work again
CHOOSE = (
    "insert into consult_post_choice (practice_id, moves_to_id, agreed_at, say) values (%s, %s, %s, 'Bel de post.')"
)
CLOSE = (
    "select practices_switch_by_hand_v1('econsult', %s, null, 'closed', null, 'hours', '', '', null, 'zaterdag', %s)"
)
SINCE = (
    "select extract(epoch from since)::float8 from practices_switch where function = 'econsult' and practice_id = %s"
)
MakeVoice = Callable[[int, str], Voice]


def dead_spans(windows: Sequence[Mapping[str, Any]], opens_at: float) -> list[Span]:
    """When nobody could be told anything: the database stood still, or no process of the hot paths was there."""
    found = []
    for window in windows:
        fault = parse_fault(window["name"])
        if fault.name in {"db-stop", "db-slow"} or (fault.name, fault.value) == ("web-kill", ALL_LIVE):
            found.append((opens_at + window["start_s"], opens_at + window["stop_s"] + BACK_S))
    return found


class Posts:
    """Four posts, and who is there. `dsn`: of the database, as operations have it."""

    def __init__(self, staffed: Staffed, make_voice: MakeVoice, *, first: int, dsn: str, clock: Clock) -> None:
        self._staffed, self._dsn, self._clock = staffed, dsn, clock
        members: list[Member] = [*staffed.nurses, *staffed.gps, *staffed.patients]
        self.voices = [make_voice(first + number, each.held) for number, each in enumerate(members)]
        self._of = dict(zip(self.voices, (each.posts for each in members), strict=True))
        nurses, gps = len(staffed.nurses), len(staffed.gps)
        self._nurses, self._gps = self.voices[:nurses], self.voices[nurses : nurses + gps]
        codes = staffed.codes
        self.patients = [Patient(each, codes[self._of[each][0]]) for each in self.voices[nurses + gps :]]
        self.workers: list[Worker] = []
        self.closed: list[Closed] = []

    async def open(self) -> None:
        """Each post gets a team that its patients can write to, and chooses what becomes of them when it closes."""
        for post in range(len(self._staffed.keys)):
            nurses = [each for each in self._nurses if post in self._of[each]]
            gp = next(each for each in self._gps if post in self._of[each])
            others = [each.keyring.person for each in (*nurses[1:], gp)]
            team = await nurses[0].talk.create_team(*others)
            await nurses[0].application.name_team(team.name, "Triage", patients=True)
            self.workers += [Worker(each, gp=gp.keyring.person, takes=True) for each in nurses]
        self.workers += [Worker(each, gp=None, takes=False) for each in self._gps]
        for voice in (*self._nurses, *self._gps):
            await voice.world.catch_up()
        keys = self._staffed.keys
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as conn:
            await conn.execute(CHOOSE, (keys[MOVES], keys[TAKES_OVER], "now"))
            await conn.execute(CHOOSE, (keys[PHONES], None, None))

    async def play(self, opens_at: float, span_s: float) -> None:
        """The whole of it; ends when everybody has what they came for, or some time after the load."""
        until = opens_at + span_s + GRACE_S
        listening = [asyncio.create_task(voice.listen()) for voice in self.voices]
        working = [asyncio.create_task(worker.work()) for worker in self.workers]
        coming = [
            patient.come(opens_at + at * span_s, until=until)
            for patient, at in zip(
                self.patients, arrivals([self._of[each.voice][0] for each in self.patients]), strict=True
            )
        ]
        try:
            await asyncio.gather(*coming, self._close(opens_at, span_s))
            for worker in self.workers:
                worker.home.set()
            async with asyncio.timeout(GRACE_S):
                await asyncio.gather(*working)
        except TimeoutError:
            pass  # what they had not done by then, the judge sees
        finally:
            for task in (*listening, *working):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _close(self, opens_at: float, span_s: float) -> None:
        await self._clock.until(opens_at + HOME_AT * span_s)
        for worker in self.workers:
            if worker.takes and self._of[worker.voice][0] in {MOVES, PHONES}:
                worker.home.set()
        await self._clock.until(opens_at + CLOSE_AT * span_s)
        for post in (MOVES, PHONES):
            await self._until_somebody_waits(post, since=opens_at + HOME_AT * span_s, until=opens_at + span_s)
            at = await self._surely(partial(self._close_one, self._staffed.keys[post]))
            self.closed.append(Closed(self._staffed.codes[post], at))

    async def _until_somebody_waits(self, post: int, *, since: float, until: float) -> None:
        """A slow machine brings patients late: a post that closes on nobody shows nothing."""
        code = self._staffed.codes[post]
        while self._clock.now() < until:
            if any(each.asked.practice == code and each.asked.acked_at > since for each in self.patients):
                return
            await asyncio.sleep(LOOK_AGAIN_S)

    @staticmethod
    async def _close_one(practice: int, conn: psycopg.AsyncConnection[Any]) -> float:
        await conn.execute(CLOSE, (practice, "rehearsal.example"))
        row = await (await conn.execute(SINCE, (practice,))).fetchone()
        assert row is not None
        return float(row[0])

    async def _surely(self, act: Callable[[psycopg.AsyncConnection[Any]], Awaitable[float]]) -> float:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as conn:
                    return await act(conn)
            except psycopg.OperationalError:
                await asyncio.sleep(1)

    async def seen(self, judge_dsn: str) -> Saturday:
        """Everything for the judge."""
        async with await psycopg.AsyncConnection.connect(judge_dsn, autocommit=True) as conn:
            rows = await (await conn.execute(READ)).fetchall()
        return Saturday(
            asked=[each.asked for each in self.patients],
            picked=[picked for worker in self.workers for picked in worker.picked],
            closed=self.closed,
            rows=[msgspec.convert(row, Row) for row in rows],
        )


def arrivals(posts: Sequence[int]) -> list[float]:
    """When each patient comes, as a share of the load, where these are their posts: evenly at every post."""
    counts, before, found = Counter(posts), Counter[int](), []
    for post in posts:
        found.append(ASK_UNTIL * (before[post] + 0.5) / counts[post])
        before[post] += 1
    return found
