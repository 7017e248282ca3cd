"""The hot paths in this process, asked as a browser asks: a site that runs, requests, streams."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connections

from balie.asgi import Site
from balie.lib.numbers import ASKED, Asked
from balie.ordering.tests.desk import Member
from balie.practices.passes import make_pass


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["code"]


def pass_for(
    member: Member, *, practice: int | None = None, role: str = "gp", organiser: bool = False, **more: Any
) -> str:
    return make_pass(person=member.person, practice=practice or member.practice, role=role, organiser=organiser, **more)


def request(
    method: str, path: str, *, cookie: str | None, origin: str | None, language: str | None = None
) -> dict[str, Any]:
    """The scope of a request, as granian gives it."""
    path, _, query = path.partition("?")
    headers = [(b"host", b"localhost")]
    if cookie is not None:
        headers.append((b"cookie", f"sessionid=x; balie_pass={cookie}".encode()))
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if language is not None:
        headers.append((b"accept-language", language.encode()))
    return {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers}


# Of every request, so that answers which tell nothing apart are the same to the byte.
NUMBERED = Asked("F8K2-QD7M")


class Browser:
    """Somebody who asks an app; with a pass, unless told otherwise."""

    def __init__(self, app, cookie: str | None = None, *, language: str | None = None) -> None:
        self.app, self.cookie, self.language = app, cookie, language

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def post(self, path: str, body: object) -> Answer:
        return await self.ask("POST", path, body, origin=settings.ORIGINS[0])

    async def ask(self, method: str, path: str, body: object = None, *, origin: str | None = None) -> Answer:
        content = body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
        sent: list[dict[str, Any]] = []

        async def receive():
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message):
            sent.append(message)

        scope = request(method, path, cookie=self.cookie, origin=origin, language=self.language)
        ASKED.set(NUMBERED)
        await self.app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))

    @asynccontextmanager
    async def listen(self, path: str) -> AsyncIterator["Listening"]:
        """An open stream. Leaves it at the end."""
        listening = Listening()
        scope = request("GET", path, cookie=self.cookie, origin=None)
        listening.task = asyncio.create_task(self.app(scope, listening.receive, listening.send))
        try:
            await listening.begun.wait()
            yield listening
        finally:
            listening.leave.set()
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(listening.task, 5)


async def off_loop(make: Callable[[], Any]) -> Any:
    """What `make` makes with the ORM, which refuses to work in the loop's own thread."""

    def run() -> Any:
        try:
            return make()
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


@dataclass
class Listening:
    """One stream as its reader sees it. `stuck` makes it a reader that takes nothing any more."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    leave: asyncio.Event = field(default_factory=asyncio.Event)
    stuck: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    _events: asyncio.Queue[tuple[str, Any]] = field(default_factory=asyncio.Queue)

    async def receive(self):
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def send(self, message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self.begun.set()
            return
        if self.stuck.is_set():
            await asyncio.Event().wait()
        for block in message["body"].decode().split("\n\n"):
            if block.startswith("event: "):
                name, _, data = block.removeprefix("event: ").partition("\ndata: ")
                self._events.put_nowait((name, json.loads(data)))

    async def next(self, *names: str, where=lambda _data: True, within_s: float = 5.0) -> Any:
        """The data of the next event of one of these names; others before it are passed over."""
        async with asyncio.timeout(within_s):
            while True:
                name, data = await self._events.get()
                if name in names and where(data):
                    return data

    async def heard_until(self, last: str, *, within_s: float = 5.0) -> list[tuple[str, Any]]:
        """The events up to and including the next of this name."""
        heard: list[tuple[str, Any]] = []
        async with asyncio.timeout(within_s):
            while not heard or heard[-1][0] != last:
                heard.append(await self._events.get())
        return heard


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[Site]:
    """The site between its start and its end, as a server would run it."""
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    said: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    told.put_nowait({"type": "lifespan.startup"})
    life = asyncio.create_task(site({"type": "lifespan"}, told.get, said.put))
    assert (await said.get())["type"] == "lifespan.startup.complete"
    try:
        yield site
    finally:
        told.put_nowait({"type": "lifespan.shutdown"})
        assert (await said.get())["type"] == "lifespan.shutdown.complete"
        await life
