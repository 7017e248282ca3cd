"""Scenario `consult`, from an empty installation to its verdict."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from balie.consult.client.transport import http_transport
from balie.consult.keyservers import read_key_servers
from balie.rehearse.cpu import CpuMeter
from balie.rehearse.faults import parse_fault
from balie.rehearse.injection import Injector
from balie.rehearse.install import RP_ID, Installation, installed, start_parts, wait_until_answered
from balie.rehearse.judge.econsults import Saturday, count_econsults
from balie.rehearse.judge.ledger import Watched
from balie.rehearse.judge.operations import score
from balie.rehearse.measure import Clock, Measures
from balie.rehearse.operations.watching import start_watch, stop_watch
from balie.rehearse.rehearsal import Progress, Say, Wish
from balie.rehearse.saturday.scenario import PATIENTS, Posts, dead_spans
from balie.rehearse.talks.searching import Searched, search
from balie.rehearse.talks.shifts import NURSES, Door, RecoveryCard, SecurityKey
from balie.rehearse.talks.snoops import steal
from balie.rehearse.talks.verdict import Circle, Span, Talked, judge_talks
from balie.rehearse.talks.voices import Voice

if TYPE_CHECKING:
    from balie.rehearse.saturday.filling import Staffed

EACH = ("1", "2", "3")
CIRCLE = 5  # people in a conversation
PATIENT = 3  # of each, counted from 0: a patient of the others
TOGETHER = 6  # who enrol side by side
OUTSIDERS = 2
SETTLE_S = 2.0  # after the load, before everybody reads for the last time
SETTINGS = {"BALIE_UNREAD_MAIL_MINUTES": "1"}  # the shortest: in a longer rehearsal there are such mails to be searched
AFTER_KILL_S = 15.0  # what was killed needs some time to come back
STORED = "select conversation, message, place from consult_judge.messages"


@dataclass(kw_only=True)
class TalkOutcome:
    """A judged rehearsal of talking, and what the report draws."""

    report: dict[str, Any]
    talked: Talked
    saturday: Saturday
    measures: Measures
    opens_at: float
    ended_at: float
    began_at: datetime
    duration_s: float


def rehearse_talks(wish: Wish, *, logs: Path, say: Say, progress: Progress) -> TalkOutcome:
    """On an installation of our own, which is gone afterwards; only its logs stay."""
    began_at, began = datetime.now(UTC), time.monotonic()
    say("Making the database")
    with installed(logs=logs, settings=SETTINGS, talking=True) as installation:
        from balie.rehearse.saturday.filling import staff_posts
        from balie.rehearse.talks.filling import give_passes

        passes = give_passes(wish.practices + OUTSIDERS, patients=range(PATIENT, wish.practices, CIRCLE))
        staffed = staff_posts(min(PATIENTS, wish.practices))
        say("Starting the parts")
        start_parts(installation)
        evening = Evening(installation, wish, staffed, say=say, progress=progress)
        asyncio.run(evening.play(passes))
        say("Judging")
        faults, operations = score(
            evening.injector.windows,
            evening.watched,
            opens_at=evening.opens_at,
            cpu_percent=evening.meter.whole_percent(),
        )
        report = judge_talks(
            evening.talked,
            evening.searched,
            people=wish.practices,
            faults=faults,
            operations=operations,
            closed=_closed(evening.injector.windows, evening.opens_at),
            econsults=count_econsults(evening.saturday, dead=dead_spans(evening.injector.windows, evening.opens_at)),
            latencies=evening.measures.summary(),
            generator={"lag_p99_ms": evening.clock.lag.at(99)},
            cpu=evening.meter.percent(),
        )
    return TalkOutcome(
        report=report,
        talked=evening.talked,
        saturday=evening.saturday,
        measures=evening.measures,
        opens_at=evening.opens_at,
        ended_at=evening.ended_at,
        began_at=began_at,
        duration_s=time.monotonic() - began,
    )


def _closed(windows: Sequence[Mapping[str, Any]], opens_at: float) -> list[Span]:
    """When two key servers or more were down or slow, and for as long as they need to come back."""
    down = [
        (number, window["start_s"], window["stop_s"] + AFTER_KILL_S)
        for window in windows
        if (fault := parse_fault(window["name"])).name in {"keyserver-down", "keyserver-slow"}
        for number in (EACH if fault.value == "all" else [fault.value])
    ]
    both = [
        (opens_at + max(one[1], other[1]), opens_at + min(one[2], other[2]))
        for one, other in combinations(down, 2)
        if one[0] != other[0]
    ]
    return [(begin, end) for begin, end in both if begin < end]


class Evening:
    """The people, the load, and what they know afterwards."""

    talked: Talked
    saturday: Saturday
    searched: Searched
    injector: Injector
    watched: Watched
    opens_at: float
    ended_at: float

    def __init__(
        self, installation: Installation, wish: Wish, staffed: Staffed, *, say: Say, progress: Progress
    ) -> None:
        self.installation, self.wish, self.staffed = installation, wish, staffed
        self.say, self.progress = say, progress
        self.clock, self.measures = Clock(), Measures()
        self.meter = CpuMeter(installation.roots)
        self.mark = f"Q{secrets.token_hex(10)}"

    async def play(self, passes: Sequence[str]) -> None:
        assert self.installation.vaults is not None
        tending = asyncio.create_task(self.installation.tend())
        metering = asyncio.create_task(self.meter.watch())
        async with http_transport(origin=self.installation.origin) as http:
            servers = read_key_servers(self.installation.vaults.settings["BALIE_KEY_SERVERS"])

            def make_voice(number: int, held: str) -> Voice:
                return Voice(
                    number,
                    held,
                    bases=self.installation.upstreams["live"],
                    servers=servers,
                    http=http,
                    stream=self.installation.upstreams["streams"][0],
                    origin=self.installation.origin,
                    rp_id=RP_ID,
                    clock=self.clock,
                    measures=self.measures,
                    mark=self.mark,
                )

            voices = [make_voice(number, held) for number, held in enumerate(passes)]
            dsn = self.installation.dsn
            posts = Posts(self.staffed, make_voice, first=len(voices), dsn=dsn, clock=self.clock)
            self.say("Making keys, and depositing shares")
            await self._enrol([*voices, *posts.voices])
            await posts.open()
            inside, outside = voices[:-OUTSIDERS], voices[-OUTSIDERS:]
            groups = [inside[at : at + CIRCLE] for at in range(0, len(inside), CIRCLE)]
            circles = [await self._gather(each, team=number % 2 == 1) for number, each in enumerate(groups)]
            await self._gather(outside)
            nurses = [(inside[circle.stay[0]], circle) for circle in circles[:NURSES]]
            doors: tuple[Door, ...] = (SecurityKey(), RecoveryCard(), SecurityKey())
            for (nurse, _), door in zip(nurses, doors, strict=False):
                await nurse.carry(door)
            answers = start_watch(self.installation, self.wish.faults)
            await asyncio.to_thread(wait_until_answered, self.installation, answers)
            self.say("Talking")
            self.opens_at = self.clock.now()
            self.injector = Injector(self.installation, self.wish.faults, clock=self.clock, opens_at=self.opens_at)
            async with self.injector.during_load():
                saturday = posts.play(self.opens_at, self.wish.arrivals_s)
                await asyncio.gather(self._talk(voices, circles, nurses), saturday)
            self.ended_at = self.clock.now()
            self.watched = await asyncio.to_thread(stop_watch, self.installation)
            await asyncio.sleep(SETTLE_S)
            self.say("Reading for the last time")
            for voice in voices:
                await voice.hear()
            self.say("Prying")
            loot = await steal(self.installation.judge_dsn)
            removed = [(inside[circle.removed], circle) for circle in circles if circle.removed is not None]
            pried = [await voice.pry(loot) for voice in outside]
            pried += [await voice.pry(loot.of(circle.conversation)) for voice, circle in removed]
            self.saturday = await posts.seen(self.installation.judge_dsn)
        self.say("Searching")
        self.searched = await asyncio.to_thread(search, self.installation, self.mark)
        metering.cancel()
        tending.cancel()
        self.talked = Talked(
            circles=circles,
            said=[said for voice in voices for said in voice.said],
            heard=[voice.heard() for voice in inside],
            outsiders=[voice.heard() for voice in outside],
            unlockings=[each for voice in voices for each in voice.unlockings],
            shifts=[each for voice in voices for each in voice.shifts],
            pried=pried,
            stored=[row for row in await self._stored() if row[0] in {circle.conversation for circle in circles}],
        )

    async def _enrol(self, voices: Sequence[Voice]) -> None:
        room, done = asyncio.Semaphore(TOGETHER), 0

        async def one(voice: Voice) -> None:
            nonlocal done
            async with room:
                await voice.enrol()
            done += 1
            self.progress(done, len(voices))

        await asyncio.gather(*map(one, voices))

    async def _gather(self, circle: Sequence[Voice], *, team: bool = False) -> Circle:
        """Their conversation, begun by the first; the last is to be taken out, where enough stay. With a `team` the
        second is in it by a team of the first's.
        """
        members = [each.member for each in circle[1:]]
        if team and len(circle) > 1:
            theirs = await circle[0].talk.create_team(circle[1].keyring.person)
            members[0] = theirs.member
        group = await circle[0].talk.create_conversation(*members)
        for voice in circle[1:]:
            await voice.world.catch_up()
        leaving = circle[-1].number if len(circle) > 2 else None
        stay = [each.number for each in circle if each.number != leaving]
        return Circle(group.name, stay, leaving)

    async def _talk(
        self, voices: Sequence[Voice], circles: Sequence[Circle], nurses: Sequence[tuple[Voice, Circle]]
    ) -> None:
        until, chance = self.opens_at + self.wish.arrivals_s, random.Random(len(voices))
        between_s = self.wish.arrivals_s / (len(nurses) + 1)
        listening = [asyncio.create_task(voice.listen()) for voice in voices]
        speaking = [
            voices[number].speak(circle.conversation, until=until) for circle in circles for number in circle.stay
        ]
        unlocking = [voice.unlock(chance.uniform(self.opens_at, until)) for voice in voices]
        leaving = [self._take_out(voices, circle) for circle in circles if circle.removed is not None]
        beginning = [
            nurse.begin_shift(self.opens_at + number * between_s, circle.conversation)
            for number, (nurse, circle) in enumerate(nurses, 1)
        ]
        await asyncio.gather(*speaking, *unlocking, *leaving, *beginning)
        for task in listening:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _take_out(self, voices: Sequence[Voice], circle: Circle) -> None:
        assert circle.removed is not None
        await self.clock.until(self.opens_at + self.wish.arrivals_s / 2)
        leader = voices[circle.stay[0]]
        await leader.talk.remove(leader.world.groups[circle.conversation], voices[circle.removed].member)
        circle.removed_at = self.clock.now()

    async def _stored(self) -> list[tuple[str, str, int]]:
        async with await psycopg.AsyncConnection.connect(self.installation.judge_dsn, autocommit=True) as connection:
            return await (await connection.execute(STORED.encode())).fetchall()
