"""Programs of practices, and the site they ask: pages and hot paths behind one port, as in a demo."""

import json
from dataclasses import dataclass
from typing import Any

from a2wsgi import WSGIMiddleware
from django.db import connections

from balie.asgi import Site
from balie.lib.numbers import ASKED
from balie.ordering.tests.web import NUMBERED, Answer, off_loop
from balie.practices.connections import connect
from balie.practices.models import Connection, Person, Practice
from balie.wsgi import application

ALL = tuple(scope.value for scope in Connection.Scope)


def make_site() -> Site:
    # Streams are not asked for here, and a process that has them minds signals, which is for main threads.
    return Site("live", pages=WSGIMiddleware(_leaving_nothing_open))


def _leaving_nothing_open(environ: Any, start_response: Any) -> Any:
    try:
        return application(environ, start_response)
    finally:
        connections.close_all()  # those of this thread, which no test would close


def make_token(practice: int, *scopes: str, name: str = "HIS") -> str:
    """The code of a new connection of this practice; with every scope unless told otherwise."""
    whose = Practice.objects.get(pk=practice)
    actor = Person.objects.filter(memberships__practice=whose).first()
    return connect(practice=whose, name=name, scopes=scopes or ALL, actor=actor)


@dataclass
class Program:
    """Asks with a token; nothing of a browser comes along."""

    app: Any
    token: str | None = None

    @classmethod
    async def of(cls, site: Site, practice: int, *scopes: str) -> "Program":
        """One that the hot paths know already."""
        token = await off_loop(lambda: make_token(practice, *scopes))
        site.pictures.hear_of_passes(None)
        await site.pictures.read_anew()
        return cls(site, token)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, **headers)

    async def post(self, path: str, body: object = None, **headers: str) -> Answer:
        return await self.ask("POST", path, body, **headers)

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
        given = {"host": "localhost", "content-length": str(len(content)), **_written(headers)}
        if body is not None:
            given.setdefault("content-type", "application/json")
        if self.token is not None:
            given.setdefault("authorization", f"Bearer {self.token}")
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "server": ("localhost", 80),
            "client": ("203.0.113.7", 4711),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        said: list[dict[str, Any]] = []

        async def receive():
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message):
            said.append(message)

        ASKED.set(NUMBERED)
        await self.app(scope, receive, send)
        found = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
        return Answer(said[0]["status"], found, b"".join(message.get("body", b"") for message in said[1:]))


def _written(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
