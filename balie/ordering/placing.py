"""“Bestel voor mij”: the leader that lets practices wait that asked for it, and places their orders in their turn.

Nobody needs to be awake. What is placed goes through the same SQL as everybody's clicks, in batches in order of number.
Whoever finds no room is tried again when room comes back on a day it would like, before anybody with a larger number
may have that room. The leader's memory is only about whom not to try in vain: a new leader, with none, tries them all.
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import psycopg
import structlog
from django.conf import settings
from psycopg import errors
from psycopg.rows import TupleRow

from balie.lib.sqlfiles import read_sql
from balie.ordering.hot import trace_mails
from balie.runtime.hot import Connection, notify
from balie.runtime.spans import OpenSpan, no_span, place_of
from balie.waitingroom.hot import join_batch

log = structlog.get_logger()

PLACING_INTERVAL_S = 0.5
BATCH_MOST = 64
TURN_S = 1.0  # then the lease is renewed first
LOOK_BACK_S = 5.0  # how often those are looked for who asked for it after their number was called

# The transaction lost a race for a lock: with a person of the practice, most likely. The next turn looks again.
LOST_A_RACE = (errors.LockNotAvailable, errors.DeadlockDetected)

# Campaigns whose waiting room is open; `goes` while numbers count, ordering is not closed and the service's clock
# goes.
CAMPAIGNS = """
select c.id, c.room_id, r.called,
       not service_still() and practices_function_closed_v1('ordering', null, c.id) is null
         and exists (select from waitingroom_round w where w.room_id = r.id and w.drawn_at is not null) as goes
  from ordering_campaign c join waitingroom_room r on r.id = c.room_id
 where r.doors_at <= clock_timestamp() and clock_timestamp() < r.closes_at order by c.id
"""
CAMPAIGN_OF_ROOM = "select c.id from ordering_campaign c where c.room_id = %s"
WITHOUT_TICKET = """
select p.practice_id from ordering_prepared_order p
 where p.campaign_id = %(campaign)s and p.auto in ('one_day', 'parts')
   and not exists (select from waitingroom_ticket t where t.room_id = %(room)s and t.holder = p.practice_id)
   and not exists (select from ordering_order o where o.campaign_id = %(campaign)s and o.practice_id = p.practice_id
                      and o.slot = 0)
 order by p.auto_set_at, p.practice_id limit %(most)s
"""
# Whose number was called and who wait for us; not who came itself and has something in its window, nor who is blocked.
CALLED = """
select p.practice_id, t.number, p.saved_at
  from waitingroom_ticket t
 cross join lateral (
   select o.practice_id, o.saved_at from ordering_prepared_order o
    where o.campaign_id = %(campaign)s and o.practice_id = t.holder and o.auto in ('one_day', 'parts') offset 0) p
 where t.room_id = %(room)s and t.number > %(above)s and t.number <= %(called)s
   and not exists (select from ordering_hold h
                    where h.campaign_id = %(campaign)s and h.practice_id = t.holder and h.slot = 0
                      and (h.blocked or h.state in ('held', 'ordered')))
   and practices_function_closed_v1('ordering', t.holder, %(campaign)s) is null
 order by t.number
"""
FREE = """
select d.day, d.doses_limit - d.doses_taken, d.addresses_limit - d.addresses_taken
  from ordering_delivery_day d join ordering_campaign c on c.id = d.campaign_id
 where c.id = %s and (c.early_until is null or d.day > c.early_until)
"""
PLACE = """
select practice, outcome, number, wishes, smallest
  from ordering_place_prepared_v1(%s, %s, %s::bigint[], %s::date[], %s::bigint[], %s::int[], %s)
"""


class Free(NamedTuple):
    """What is left of a day."""

    doses: int
    addresses: int


class Answer(NamedTuple):
    """See `ordering_place_prepared_v1`."""

    practice: int
    outcome: str
    number: str | None
    wishes: list[date] | None
    smallest: int | None


@dataclass(eq=False)
class Sleeper:
    """A practice whose number was called. `tried` is the tick of the calendar at which no room was found for it."""

    practice: int
    number: int
    saved_at: datetime
    tried: int | None = None
    wishes: Sequence[date] = ()
    smallest: int = 0


@dataclass
class FreeDays:
    """What was left of each day when last looked at, and at which look it last had grown."""

    tick: int = 0
    left: dict[date, Free] = field(default_factory=dict)
    grew: dict[date, int] = field(default_factory=dict)

    def look(self, rows: Iterable[tuple[date, int, int]]) -> None:
        self.tick += 1
        for day, *left in rows:
            now, before = Free(*left), self.left.get(day, Free(-1, -1))
            if now.doses > before.doses or now.addresses > before.addresses:
                self.grew[day] = self.tick
            self.left[day] = now

    def may_help(self, sleeper: Sleeper) -> bool:
        """Whether trying could be of use: never tried, or there is more on a day it would like, and enough to begin."""
        tried = sleeper.tried
        return tried is None or any(
            self.grew.get(day, 0) > tried and self.left[day].doses >= sleeper.smallest for day in sleeper.wishes
        )


class Campaign:
    """One campaign's sleepers, as this leader knows them."""

    def __init__(self, campaign: int, room: int, open_span: OpenSpan = no_span) -> None:
        self.campaign, self.room = campaign, room
        self._span = open_span
        self.days = FreeDays()
        self.sleepers: dict[int, Sleeper] = {}
        self._seen = 0
        self._look_back_at = 0.0

    async def place(self, conn: Connection, *, fence: int, called: int) -> None:
        """Place what can be placed now, for as long as a turn lasts."""
        until = time.monotonic() + TURN_S
        await self._look_for_called(conn, called)
        if self.sleepers:
            self.days.look(await _rows(conn, FREE, (self.campaign,)))
        while batch := self._next():
            if not await self._settle(conn, fence, batch) or time.monotonic() > until:
                return

    async def _look_for_called(self, conn: Connection, called: int) -> None:
        """Those called since; now and then all: some ask for it, change their order or lapse later than that."""
        now = time.monotonic()
        if looking_back := now >= self._look_back_at:
            self._look_back_at = now + LOOK_BACK_S
        elif called == self._seen:
            return
        above = 0 if looking_back else self._seen
        params = {"campaign": self.campaign, "room": self.room, "above": above, "called": called}
        found = {row[0]: Sleeper(*row) for row in await _rows(conn, CALLED, params)}
        if looking_back:
            self.sleepers = {practice: self._known(sleeper) for practice, sleeper in found.items()}
        else:
            self.sleepers |= found
        self._seen = called

    def _known(self, found: Sleeper) -> Sleeper:
        known = self.sleepers.get(found.practice)
        return known if known and known.saved_at == found.saved_at else found

    def _next(self) -> list[Sleeper]:
        """Who is to be tried, the smallest numbers first."""
        trying = [sleeper for sleeper in self.sleepers.values() if self.days.may_help(sleeper)]
        return sorted(trying, key=lambda sleeper: sleeper.number)[:BATCH_MOST]

    async def _settle(self, conn: Connection, fence: int, batch: list[Sleeper]) -> bool:
        """One transaction; after an unforeseen error another with half as many, until the one at fault is found.

        False when this turn should end: we lead no longer, or lost a race.
        """
        try:
            with self._span("placing", batch_size=len(batch)) as span:
                async with conn.transaction():
                    answers = [Answer(*row) for row in await _rows(conn, PLACE, self._asked(fence, batch))]
                    await self._text(conn, [answer.practice for answer in answers])
                    await _trace(conn, answers, place_of(span))
                    left = await _rows(conn, FREE, (self.campaign,))  # before others can change what was just refused
        except LOST_A_RACE as fault:
            log.info("placing_lost_a_race", campaign=self.campaign, fault=str(fault).strip())
            return False
        except psycopg.OperationalError:
            raise
        except psycopg.Error:
            if len(batch) == 1:
                log.exception("order_not_placed", campaign=self.campaign, practice=batch[0].practice)
                batch[0].tried = self.days.tick
                await self._tell_of_fault(conn, batch[0].practice)
                return True
            return await self._settle(conn, fence, batch[: len(batch) // 2])
        self.days.look(left)
        self._learn(answers)
        ordered = sum(answer.outcome == "ordered" for answer in answers)
        if ordered:
            log.info("orders_placed", campaign=self.campaign, orders=ordered)
            await notify(conn, f"days:{self.campaign}")
        return bool(answers)

    async def _tell_of_fault(self, conn: Connection, practice: int) -> None:
        """Whoever sleeps must not find out by itself; unless the fault is such that this fails too."""
        told = {"campaign": self.campaign, "practice": practice, "mail_domain": settings.MAIL_DOMAIN}
        try:
            async with conn.transaction():
                await conn.execute(read_sql("ordering", "prepared_fault").encode(), told)
                await self._text(conn, [practice])
        except psycopg.OperationalError:
            raise
        except psycopg.Error:
            log.exception("fault_not_told", campaign=self.campaign, practice=practice)

    async def _text(self, conn: Connection, practices: list[int]) -> None:
        """Text messages about what this transaction did for them."""
        if settings.SMS_URL and practices:
            told = {"campaign": self.campaign, "practices": practices}
            await conn.execute(read_sql("ordering", "text_prepared").encode(), told)

    def _asked(self, fence: int, batch: list[Sleeper]) -> tuple[object, ...]:
        """With what we saw of the days for which somebody waits who has a smaller number and is not in the batch."""
        chosen = {sleeper.practice for sleeper in batch}
        passed = [s for s in self.sleepers.values() if s.number < batch[-1].number and s.practice not in chosen]
        days = sorted({day for sleeper in passed for day in sleeper.wishes if day in self.days.left})
        left = [self.days.left[day] for day in days]
        return (
            self.campaign,
            fence,
            [sleeper.practice for sleeper in batch],
            days,
            [each.doses for each in left],
            [each.addresses for each in left],
            settings.MAIL_DOMAIN,
        )

    def _learn(self, answers: Iterable[Answer]) -> None:
        for answer in answers:
            if answer.outcome in {"ordered", "already_ordered", "self", "holds", "blocked"}:
                del self.sleepers[answer.practice]
            elif answer.outcome != "grown":
                sleeper = self.sleepers[answer.practice]
                sleeper.tried, sleeper.wishes, sleeper.smallest = (
                    self.days.tick,
                    answer.wishes or (),
                    answer.smallest or 0,
                )


class Placing:
    """The duty: every half second a turn over all campaigns whose waiting room is open. Each batch of orders is a span,
    and their mails belong to its trace.
    """

    def __init__(self, open_span: OpenSpan = no_span) -> None:
        self._span = open_span
        self._campaigns: dict[int, Campaign] = {}

    async def act(self, conn: Connection, fence: int) -> None:
        found = await _rows(conn, CAMPAIGNS, ())
        self._campaigns = {
            campaign: self._campaigns.get(campaign) or Campaign(campaign, room, self._span)
            for campaign, room, _, _ in found
        }
        for campaign, room, called, goes in found:
            with suppress(*LOST_A_RACE):  # the room's row is somebody else's just now; the next turn tries again
                await join_sleepers(conn, campaign, room)
            if goes:
                await self._campaigns[campaign].place(conn, fence=fence, called=called)


async def join_sleepers(conn: Connection, campaign: int, room: int) -> None:
    """A ticket for everybody who has none and wants Balie to order for it. Doing so twice does no harm: no fence."""
    while True:
        wanted = {"campaign": campaign, "room": room, "most": BATCH_MOST}
        practices = [row[0] for row in await _rows(conn, WITHOUT_TICKET, wanted)]
        if not practices or {a.outcome for a in await join_batch(conn, room, practices)} != {"joined"}:
            return
        log.info("sleepers_joined", campaign=campaign, practices=len(practices))
        await notify(conn, f"room:{room}")


async def gather_sleepers(conn: Connection, room: int) -> None:
    """As `join_sleepers`, for whoever is about to freeze the room's list."""
    for (campaign,) in await _rows(conn, CAMPAIGN_OF_ROOM, (room,)):
        await join_sleepers(conn, campaign, room)


async def tell_missed(conn: Connection) -> None:
    """Whoever left it to us, and has nothing now that ordering is closed, hears so. Any number of us may do this."""
    wanted = {"most": BATCH_MOST, "mail_domain": settings.MAIL_DOMAIN, "texting": bool(settings.SMS_URL)}
    cursor = await conn.execute(read_sql("ordering", "tell_missed").encode(), wanted)
    row = await cursor.fetchone()
    if row and row[0]:
        log.info("missed_told", practices=row[0])


async def _trace(conn: Connection, answers: Iterable[Answer], place: str) -> None:
    """The mails of what this transaction ordered; nothing where nothing is traced."""
    traces = {answer.number: place for answer in answers if answer.outcome == "ordered" and answer.number and place}
    if traces:
        await trace_mails(conn, traces)


async def _rows(conn: Connection, query: str, params: tuple[Any, ...] | dict[str, Any]) -> list[TupleRow]:
    return await (await conn.execute(query.encode(), params)).fetchall()
