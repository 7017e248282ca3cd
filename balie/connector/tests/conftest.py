"""A connector in a practice of Anna's: to everybody it is Bilal, who talks through the real application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from balie.connector.api import Api, create
from balie.connector.config import digest
from balie.connector.desk import Desk
from balie.connector.own_entries import OwnEntries
from balie.connector.passes import NotABsnError
from balie.connector.store import Store
from balie.consult.client.groups import Group
from balie.consult.client.keyrings import Keyring
from balie.consult.client.listening import Open
from balie.consult.client.tests.conftest import passes, people  # noqa: F401 - fixtures
from balie.consult.client.tests.people import Someone
from balie.consult.client.transport import UnreachableError

KEY = "the key of the record system"
AGB = "01234567"
OF_ANNA, OF_NOBODY, NO_BSN = "999990019", "999990020", "123456789"
HEADERS = {"authorization": f"Bearer {KEY}", "organisation_agb": AGB, "content-type": "application/fhir+json"}


@dataclass
class Post:
    """The connector with what stands around it. `clock` and pauses go on only when `pass_by` says so."""

    anna: Someone
    bilal: Someone
    group: Group
    folder: Path
    clock: float = 1000.0
    turns: asyncio.Condition = field(default_factory=asyncio.Condition)
    turn: int = 0

    def open(self, *, stream: Open | None = None, entries: OwnEntries | None = None) -> Desk:
        """Of the same person, device and folder; everything else is forgotten. Its stream ends at once, unless another
        is given.
        """
        self.bilal = self.bilal.again()
        store = Store(self.folder / "store.sqlite")
        return Desk(
            self.bilal.talk,
            store,
            stream or no_stream,
            self.recognise,
            pause=self.pause,
            clock=lambda: self.clock,
            entries=entries,
            keep=self.keep,
        )

    def keep(self, keyring: Keyring) -> None:
        self.bilal.keyring = keyring

    async def recognise(self, bsn: str) -> str | None:
        """As Balie answers, to whom Anna is a patient."""
        if bsn == NO_BSN:
            raise NotABsnError
        return self.anna.id if bsn == OF_ANNA else None

    async def pause(self, _seconds: float) -> None:
        seen = self.turn
        async with self.turns:
            await self.turns.wait_for(lambda: self.turn > seen)

    async def pass_by(self, seconds: float = 5.0) -> None:
        """Everything that waits for time goes on."""
        async with self.turns:
            self.clock, self.turn = self.clock + seconds, self.turn + 1
            self.turns.notify_all()

    async def until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        """Let time pass until it is so; it must become so."""
        async with asyncio.timeout(20):
            while not await is_so():
                await self.pass_by()
                await asyncio.sleep(0)


async def still_stream() -> AsyncIterator[bytes]:
    """Nothing is new, for ever."""
    await asyncio.Event().wait()
    yield b""


async def no_stream() -> AsyncIterator[bytes]:
    """The connector asks, where its stream ends at once."""
    raise UnreachableError("no stream here")
    yield b""


@pytest.fixture
async def post(people: list[Someone], tmp_path: Path) -> Post:  # noqa: F811 - the fixture
    anna, bilal, *_ = people
    group = await anna.talk.create_conversation(bilal.member)
    return Post(anna, bilal, group, tmp_path)


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """The connector as its record system asks it."""
    api = Api(key=digest(KEY), agb_code=AGB)
    api.desk = desk
    going = asyncio.create_task(desk.run())

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        yield

    transport = httpx.ASGITransport(app=create(api, lifespan=lifespan))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://connector", headers=HEADERS) as client:
            yield client
    finally:
        going.cancel()
        with suppress(asyncio.CancelledError):
            await going
        desk.store.close()
