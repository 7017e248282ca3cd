"""`GET /live/functions`: what is closed, from memory. `docs/spec/live.md` is the contract."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs

from django.utils.translation import override

from balie.lib.asgi import Receive, Reply, Scope, Send, find_language, json_reply
from balie.lib.problems import Problem
from balie.practices.door import Door
from balie.practices.functions.models import Function
from balie.practices.functions.picture import Functions
from balie.runtime.answering import answered

PATH = "/live/functions"
PRACTICES_MOST = 20
LONGEST_ID = 18  # digits
KNOWN_MOST = 20_000
QUERY_USUAL = 100  # bytes


class FunctionsLive:
    """The app of one process. Any practice may be named: whether its chat is open is what a sign on the door says."""

    def __init__(self, functions: Functions, door: Door) -> None:
        self._functions, self._door = functions, door
        self._known: dict[tuple[bytes, str], Reply] = {}  # by query and language, until anything changes
        functions.after_change(self._known.clear)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        found = await answered(scope, partial(self._answer, scope))
        await send(found.start)
        await send(found.body)

    async def _answer(self, scope: Scope) -> Reply:
        if scope["method"] != "GET":
            raise Problem("not_found")
        held = self._door.enter(scope)
        key = (scope["query_string"], find_language(scope))
        known = self._known.get(key)
        if known is None:
            known = self._make(*key)
            if len(self._known) < KNOWN_MOST and len(key[0]) < QUERY_USUAL:
                self._known[key] = known
        renewal = self._door.renewal(held)
        return known.with_header(renewal) if renewal else known

    def _make(self, query: bytes, language: str) -> Reply:
        asked = parse_qs(query.decode("latin-1"))
        practices, campaigns = _ids(asked, "practice"), _ids(asked, "campaign")
        campaign = campaigns[0] if campaigns else None
        asked_for: list[int | None] = [*practices] or [None]
        with override(language):  # nothing is awaited in here
            closed = [
                {"practice": practice, **row.content()}
                for practice in asked_for
                for function in Function.values
                if (row := self._functions.closed(function, practice=practice, campaign=campaign))
            ]
        return json_reply(200, {"closed": closed})


def _ids(asked: dict[str, Any], name: str) -> list[int]:
    """Raises Problem for what is no key, and for too many."""
    values = asked.get(name, [])
    if len(values) > PRACTICES_MOST or not all(each.isascii() and each.isdecimal() for each in values):
        raise Problem("bad_request", errors=[{"at": name, "code": "type"}])
    if any(len(each) > LONGEST_ID for each in values):
        raise Problem("bad_request", errors=[{"at": name, "code": "type"}])
    return [int(each) for each in values]
