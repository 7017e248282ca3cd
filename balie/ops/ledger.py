"""What the watch remembers, in its own database: SQLite in a folder, or PostgreSQL that several watches share.

Everything here happens on one thread, so that nothing of it stops a look or a page. A verdict carries the number that
the engine gave it: writing the same again changes nothing.
"""

import asyncio
import contextlib
import fcntl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar, cast

import structlog
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connections, transaction
from django.db.models import Max, Q
from django.db.models.functions import Now

from balie.ops.graph import Effect
from balie.ops.models import Entry, Lease, Switch, Transition
from balie.ops.models import Verdict as Row
from balie.ops.router import APP, DATABASE
from balie.ops.verdicts import Change, Finding, Verdict

log = structlog.get_logger()
T = TypeVar("T")

LEASE_S: Final = 6.0
READ_WITHIN_S: Final = 2.0
STATES_KEPT_DAYS: Final = 400
ROOM_BYTES: Final = 4 * 2**20


class LedgerError(Exception):
    """The ledger cannot be opened; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A node went from one state to another."""

    at: datetime
    node: str
    before: str
    after: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Switched:
    """As `balie.ops.models.Switch`."""

    at: datetime
    verdict: int
    function: str
    closed: bool


Record = Moved | Change | Switched


class Ledger:
    """Open it once, from the thread that starts everything. `folder` is where SQLite's file is; None with PostgreSQL,
    where a lease decides who judges.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._alone = contextlib.ExitStack()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    @property
    def shared(self) -> bool:
        """Several watches may use it."""
        return self._folder is None

    def open(self) -> None:
        """Make its tables. Raises LedgerError: another watch is there, or it cannot be written."""
        try:
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._keep_alone(self._folder / "lock")
            self._thread.submit(_migrate).result()
        except ProgrammingError as fault:
            self.close()
            raise LedgerError(f"OPS_DATABASE_URL must lead to a database of the watch's own: {_line(fault)}") from None
        except DatabaseError as fault:
            self.close()
            raise LedgerError(f"the watch's own database does not answer: {_line(fault)}") from None
        except OSError as fault:
            self.close()
            raise LedgerError(f"{fault.filename}: {fault.strerror}; BALIE_WATCH_FOLDER names another folder") from None

    def close(self) -> None:
        """Let another have it."""
        self._thread.submit(_disconnect).result()
        self._thread.shutdown()
        self._alone.close()

    def _keep_alone(self, path: Path) -> None:
        lock = self._alone.enter_context(path.open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._alone.close()
            self._thread.shutdown()
            raise LedgerError(
                f"another watch works in {path.parent}. One is enough; for several give them all OPS_DATABASE_URL."
            ) from None

    async def _on_thread(self, what: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what)

    async def load(self) -> tuple[list[Verdict], int]:
        """The verdicts that are open, and the number of the next one."""
        return await self._on_thread(_load)

    async def write(self, records: Sequence[Record]) -> bool:
        """All of them or, where the database does not take them now, none."""
        try:
            await self._on_thread(lambda: _write(records))
        except DatabaseError as fault:
            log.warning("ledger_not_written", fault=str(fault).strip(), waiting=len(records))
            with contextlib.suppress(DatabaseError):
                await self._on_thread(_disconnect)
            return False
        return True

    async def history(self, most: int) -> list[Row] | None:
        """The latest verdicts, newest first; None where they cannot be read now."""
        return await self.read(lambda: list(Row.objects.order_by("-id")[:most]))

    async def read(self, what: Callable[[], T]) -> T | None:
        """What this finds in the watch's database; None where that cannot be read now."""
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                return await self._on_thread(what)
        except (DatabaseError, TimeoutError) as fault:
            log.warning("ledger_not_read", fault=str(fault).strip())
            return None

    async def take_lease(self, holder: str) -> bool:
        """Whether `holder` judges now: it has the lease, or got it from one that no longer renews it. Where the
        database does not answer nobody can know, and whoever judged goes on: two who speak are better than none.
        """
        return await self._on_thread(lambda: _take_lease(holder))


def _line(fault: Exception) -> str:
    return " ".join(str(fault).split())


def _disconnect() -> None:
    """The connection of the thread that calls."""
    connections[DATABASE].close()


def _migrate() -> None:
    call_command("migrate", APP, database=DATABASE, verbosity=0, interactive=False)
    _forget()
    _keep_room()


def _keep_room() -> None:
    """On the day that its disk is full SQLite must still take what there is to say, or nobody is told anything: it gets
    pages that it may use again, in its file and in its log, and gives neither back while the watch runs.
    """
    if connections[DATABASE].vendor != "sqlite":
        return
    with connections[DATABASE].cursor() as cursor:
        cursor.execute("create table if not exists ops_room (pages blob)")
        cursor.execute("insert into ops_room values (zeroblob(%s))", [ROOM_BYTES])
        cursor.execute("pragma wal_checkpoint")
        cursor.execute("drop table ops_room")


def _forget() -> None:
    """States of long ago; verdicts and their entries stay."""
    Transition.objects.filter(at__lt=Now() - timedelta(days=STATES_KEPT_DAYS)).delete()


def _load() -> tuple[list[Verdict], int]:
    verdicts = [_verdict(row) for row in Row.objects.filter(closed_at=None).order_by("id")]
    highest: int | None = Row.objects.aggregate(highest=Max("id"))["highest"]
    return verdicts, (highest or 0) + 1


def _verdict(row: Row) -> Verdict:
    finding = Finding(
        family=row.family,
        culprits=tuple(row.culprits),
        affected=tuple(row.affected),
        word=row.word,
        effect=cast(Effect, row.effect),
        functions=row.functions,
        evidence=tuple((node, seen) for node, seen in row.evidence),
        first_failing_at=row.first_failing_at,
    )
    return Verdict(row.pk, row.opened_at, finding, frozenset((*row.culprits, *row.affected)))


def _write(records: Sequence[Record]) -> None:
    with transaction.atomic(using=DATABASE):
        for record in records:
            if isinstance(record, Moved):
                Transition.objects.create(
                    at=record.at, node=record.node, before=record.before, after=record.after, evidence=record.evidence
                )
            elif isinstance(record, Switched):
                Switch.objects.get_or_create(**asdict(record))
            else:
                _write_change(record)


def _write_change(change: Change) -> None:
    finding = change.verdict.finding
    said = {
        "culprits": finding.culprits,
        "word": finding.word,
        "effect": finding.effect,
        "functions": dict(finding.functions),
        "evidence": finding.evidence,
    }
    over = change.what in {"closed", "merged"}
    row, _ = Row.objects.update_or_create(
        pk=change.verdict.id,
        defaults={
            **said,
            "family": finding.family,
            "affected": sorted(change.verdict.members - set(finding.culprits)),
            "first_failing_at": finding.first_failing_at,
            "opened_at": change.verdict.opened_at,
            "closed_at": change.at if over else None,
            "merged_into": change.into,
        },
    )
    if change.what != "noted":
        Entry.objects.get_or_create(verdict=row, at=change.at, what=change.what, defaults=said)


def _take_lease(holder: str) -> bool:
    until = Now() + timedelta(seconds=LEASE_S)
    Lease.objects.get_or_create(pk=1, defaults={"holder": holder, "expires_at": until})
    mine = Lease.objects.filter(Q(holder=holder) | Q(expires_at__lt=Now()), pk=1)
    return mine.update(holder=holder, expires_at=until) == 1
