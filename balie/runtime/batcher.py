"""The batcher: requests that arrive together share one transaction. Ordering and consulting are both settled by it.

When everybody wants the same day, one transaction per request gives some 700 orders a second, since each commit holds
the day's lock; one transaction per batch gives thousands. Each worker process has one batcher with one connection, so
the batches of a process never wait for each other's locks.

A request belongs to a *lane*: what is asked (join, hold, confirm, release) and of which room or campaign. The lane
whose first request has waited longest is settled next, up to 64 requests in one call of a set-based SQL function,
which is one transaction. Answers go out once it has committed; then, outside of it, the other processes are told.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from psycopg import errors

from balie.lib.numbers import ASKED, Asked
from balie.runtime.hot import Connection, beat, notify
from balie.runtime.link import AwayError, Link
from balie.runtime.metrics import BATCHED, BATCHES

log = structlog.get_logger()

BATCH_MOST = 64
GATHER_S = 0.002
DEADLINE_S = 10.0
DEADLINE_LOOK_S = 0.25
WAITING_MOST = 8192
NOTIFY_EVERY_S = 0.1
BEAT_EVERY_S = 1.0
MEASURED_S = 5.0

# The transaction lost a race for a lock; nothing is wrong with the requests, so the same batch may win the next one.
LOST_A_RACE = (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure)
# Bisecting would not help: the server is full, ill, stopping, or was demoted to a standby.
SERVER_IS_ILL = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.QueryCanceled,
    AwayError,
    TimeoutError,
)


class FaultError(Exception):
    """One request that cannot be settled, and nobody foresaw why; nothing was changed. The log knows more."""


@dataclass(slots=True, eq=False)
class Job:
    """One request on its way: about which subject (a practice, a message; a batch has one request about each), since
    when (monotonic), and who waits for the answer.
    """

    subject: Any
    request: Any
    arrived: float
    answer: asyncio.Future[Any]
    asked: Asked

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the request reached us: the SQL judges time at receipt with it."""
        return round((time.monotonic() - self.arrived) * 1000)

    def fail(self, fault: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(fault)


Settle = Callable[[Connection, int, Sequence[Job]], Awaitable[Sequence[Any]]]


@dataclass(frozen=True)
class Kind:
    """How one kind of request is settled, and the topic that others hear of it under."""

    settle: Settle
    topic: str


class Lane:
    """Requests of one kind about one room or campaign, in order of arrival."""

    def __init__(self, kind: Kind, about: int) -> None:
        self.kind, self.about = kind, about
        self.jobs: deque[Job] = deque()

    def take(self) -> list[Job]:
        """The next batch.

        A second request about a subject stays for the batch after: in one call they would not see each other. A request
        past its deadline is not settled any more: what its hold had taken may have been given back since.
        """
        late = time.monotonic() - DEADLINE_S
        batch: list[Job] = []
        later: list[Job] = []
        subjects: set[Any] = set()
        while self.jobs and len(batch) < BATCH_MOST:
            job = self.jobs.popleft()
            if job.arrived < late:
                job.fail(AwayError())
            elif job.answer.done():  # its caller has given up
                continue
            elif job.subject in subjects:
                later.append(job)
            else:
                subjects.add(job.subject)
                batch.append(job)
        self.jobs.extendleft(reversed(later))
        return batch


class Batcher:
    """One per worker process; `run` is its life."""

    def __init__(self, dsn: str, kinds: Mapping[str, Kind], *, process: str, role: str = "live") -> None:
        self.link = Link(dsn, name="batch")
        self.settled: Counter[int] = Counter()  # batches by size, for measurements
        self._kinds, self._process, self._role = kinds, process, role
        self._lanes: dict[tuple[str, int], Lane] = {}
        self._flying: list[Job] = []
        self._waiting = 0
        self._wake = asyncio.Event()
        self._topics: set[str] = set()
        self._notify_at = self._beat_at = 0.0
        self._took: deque[tuple[float, float]] = deque()
        self._called_at: float | None = None

    async def submit(self, kind: str, about: int, subject: Any, request: Any, arrived: float) -> Any:
        """The answer to one request, once its transaction has committed.

        `arrived` is the monotonic time at which it reached us. Raises AwayError when the database is away, too slow or
        too busy (nobody knows whether it was done: ask again with the same key), and FaultError.
        """
        if self.link.conn is None or self._waiting >= WAITING_MOST:
            raise AwayError
        lane = self._lanes.get((kind, about))
        if lane is None:
            lane = self._lanes[kind, about] = Lane(self._kinds[kind], about)
        job = Job(subject, request, arrived, asyncio.get_running_loop().create_future(), ASKED.get())
        lane.jobs.append(job)
        self._waiting += 1
        self._wake.set()
        try:
            return await job.answer
        finally:
            self._waiting -= 1

    @property
    def commit_ms(self) -> float:
        """What a batch takes now, commit included: the median of the last five seconds, or the one under way when
        that has lasted longer.
        """
        now = time.monotonic()
        while self._took and now - self._took[0][0] > MEASURED_S:
            self._took.popleft()
        lasts = sorted(each for _, each in self._took)
        running = now - self._called_at if self._called_at is not None else 0.0
        return round(max(lasts[len(lasts) // 2] if lasts else 0.0, running) * 1000, 1)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_deadlines())
            tasks.create_task(self.link.run(self._work))

    async def _work(self, conn: Connection) -> None:
        try:
            while True:
                self._wake.clear()  # before looking: what comes from here on, also while we tell, ends the rest at once
                waiting = [lane for lane in self._lanes.values() if lane.jobs]
                if waiting:
                    lane = min(waiting, key=lambda each: each.jobs[0].arrived)
                    self._flying = lane.take()
                    if self._flying:
                        await self._settle(conn, lane, self._flying)
                        self._topics.add(f"{lane.kind.topic}:{lane.about}")
                    self._flying = []
                await self._tell(conn)
                if not waiting:
                    await self._rest()
        finally:
            for job in self._flying:
                job.fail(AwayError())
            for lane in self._lanes.values():
                while lane.jobs:
                    lane.jobs.popleft().fail(AwayError())
            self._flying = []

    async def _settle(self, conn: Connection, lane: Lane, jobs: Sequence[Job]) -> None:
        """Settle these requests in one transaction; when something in them breaks it, in halves."""
        try:
            answers = await self._call_twice(conn, lane, jobs)
        except LOST_A_RACE as fault:
            log.warning("batch_lost_race", topic=lane.kind.topic, requests=len(jobs), fault=str(fault).strip())
            for job in jobs:
                job.fail(AwayError())
        except SERVER_IS_ILL:
            raise
        except Exception:
            if len(jobs) > 1:
                half = len(jobs) // 2
                await self._settle(conn, lane, jobs[:half])
                await self._settle(conn, lane, jobs[half:])
                return
            log.exception("request_failed", request=jobs[0].asked.number, topic=lane.kind.topic)
            jobs[0].fail(FaultError())
        else:
            for job, answer in zip(jobs, answers, strict=True):
                if not job.answer.done():
                    job.answer.set_result(answer)

    async def _call_twice(self, conn: Connection, lane: Lane, jobs: Sequence[Job]) -> Sequence[Any]:
        try:
            return await self._call(conn, lane, jobs)
        except LOST_A_RACE:
            return await self._call(conn, lane, jobs)

    async def _call(self, conn: Connection, lane: Lane, jobs: Sequence[Job]) -> Sequence[Any]:
        self._called_at = began = time.monotonic()
        try:
            async with asyncio.timeout(DEADLINE_S):
                answers = await lane.kind.settle(conn, lane.about, jobs)
        finally:
            self._called_at = None
        now = time.monotonic()
        self._took.append((now, now - began))
        self.settled[len(jobs)] += 1
        BATCHES.labels(lane.kind.topic).observe(now - began)
        BATCHED.labels(lane.kind.topic).observe(len(jobs))
        return answers

    async def _tell(self, conn: Connection) -> None:
        """Between batches: what others must read again, and that we live. A beat comes from here so that it stops when
        batches do: the service clock stands still by it.
        """
        now = time.monotonic()
        if self._topics and now >= self._notify_at:
            self._notify_at = now + NOTIFY_EVERY_S
            await notify(conn, *self._topics)
            self._topics.clear()
        if now >= self._beat_at:
            self._beat_at = now + BEAT_EVERY_S
            await beat(conn, process=self._process, role=self._role, detail={"commit_ms": self.commit_ms})

    async def _rest(self) -> None:
        """Until a request comes, and two milliseconds more for those that come with it; or until it is time to tell."""
        until = min(self._beat_at, self._notify_at) if self._topics else self._beat_at
        try:
            async with asyncio.timeout(until - time.monotonic()):
                await self._wake.wait()
        except TimeoutError:
            return
        await asyncio.sleep(GATHER_S)

    async def _keep_deadlines(self) -> None:
        """Nobody waits longer than the deadline, whatever the database does."""
        while True:
            await asyncio.sleep(DEADLINE_LOOK_S)
            late = time.monotonic() - DEADLINE_S
            for job in self._flying:
                if job.arrived < late:
                    job.fail(AwayError())
            for lane in self._lanes.values():
                while lane.jobs and lane.jobs[0].arrived < late:
                    lane.jobs.popleft().fail(AwayError())
