"""A browser without a screen that asks the console's pages, at the time of a story."""

import asyncio
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

import time_machine
from starlette.applications import Starlette

from balie.ops.incidents.maintaining import MaintenancePages
from balie.ops.incidents.pages import IncidentPages
from balie.ops.incidents.reports.pages import ReportPages

PAGES = (IncidentPages, ReportPages, MaintenancePages)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Browser:
    story: object
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **fields: str) -> Answer:
        with time_machine.travel(self.story.night.now, tick=False):
            return asyncio.run(self._ask(method, path, urlencode(fields).encode()))

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        given = self.story.night.graph, self.story.night.duty
        app = Starlette(routes=[route for pages in PAGES for route in pages(*given).routes()])
        sent: list[dict] = []
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = [(b"host", b"x"), (b"cookie", cookies.encode()), (b"accept-language", b"nl")]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}

        async def receive() -> dict:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message) -> None:
            sent.append(message)

        await app(scope, receive, send)
        got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], got, b"".join(each.get("body", b"") for each in sent[1:]).decode())

    def fill(self, page: str, to: str, **fields: str) -> Answer:
        """As somebody does who has that page before them."""
        token = re.search(r'name="token" value="([^"]+)"', self.ask("GET", page).text)
        return self.ask("POST", to, token=token[1] if token else "", **fields)
