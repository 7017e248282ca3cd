"""Can somebody log in, by the real form and with a code?

A code counts once and lives for half a minute, so not every look can log in. Each look opens the form. One of two
people goes all the way whenever `every_s` have passed since that last worked; when it failed, the other tries at once,
and both again with their next codes. Who got in logs out.
"""

import re
import time
from base64 import b32decode
from dataclasses import dataclass, field
from typing import ClassVar, Final
from urllib.parse import urlencode, urlsplit

import aiohttp
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings

from balie.ops.card import Card, Login, read_card
from balie.ops.probes.http import Answer, ask, visit
from balie.ops.probes.looking import Probe, Seconds, Steps, Unwell

REDIRECTS_MOST: Final = 3
PERIOD_S: Final = 30  # of a code
TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
FORM, CODE, OUT, HOME = "/account/login/", "/account/tweestaps/code/", "/account/logout/", "/"


@dataclass
class _Memory:
    """`used` is the half minute of the last code that each person sent."""

    in_at: float = 0.0
    fault: str = ""
    used: dict[int, int] = field(default_factory=dict)


_memories: dict["LogIn", _Memory] = {}


class LogIn(Probe, frozen=True):
    kind: ClassVar[str] = "login"
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError, aiohttp.ClientError)

    every_s: Seconds = 60.0

    async def walk(self, steps: Steps) -> str:
        memory, card = _memories.setdefault(self, _Memory()), read_card()
        async with visit() as session:
            browser = _Browser(steps, session)
            form = await browser.open("the login page", FORM)
            since_s = time.monotonic() - memory.in_at
            if memory.in_at and since_s < self.every_s and not memory.fault:
                return f"the form came in {steps.took_ms} ms; somebody got in {since_s:.0f} s ago"
            login = _with_a_code(card, memory)
            if login is None:
                if memory.fault:
                    raise Unwell(memory.fault)
                return f"the form came in {steps.took_ms} ms; codes are used up for this half minute"
            memory.used[login.person] = _half_minute()
            try:
                await browser.log_in(login, form)
            except Unwell as unwell:
                memory.fault = str(unwell)
                raise
            memory.in_at, memory.fault = time.monotonic(), ""
            return f"somebody got in, with a code, in {steps.took_ms} ms"


class _Browser:
    """As little of one as a form needs."""

    def __init__(self, steps: Steps, session: aiohttp.ClientSession) -> None:
        self._steps, self._session = steps, session
        self._cookies: dict[str, str] = {}

    async def log_in(self, login: Login, form: Answer) -> None:
        """Password, code, the page behind them, and out again."""
        given = {"login": login.email, "password": login.password}
        await self._fill_in("the password", FORM, form, given, leads_to=CODE)
        second = await self.open("the page for the code", CODE)
        await self._fill_in("the code", CODE, second, {"code": _code(login)}, leads_to=HOME)
        if settings.PASS_COOKIE not in self._cookies:
            raise Unwell("the code: accepted, but nothing says that one is logged in")
        home = await self.open("the page behind the login", HOME)
        await self._fill_in("logging out", OUT, home, {}, leads_to=FORM)

    async def open(self, what: str, path: str) -> Answer:
        """A page, or where it leads to."""
        answer = await self._ask(what, "GET", path)
        for _ in range(REDIRECTS_MOST):
            if answer.status != 302 or path == FORM:
                break
            path = urlsplit(answer.headers["Location"]).path
            answer = await self._ask(what, "GET", path)
        if answer.status != 200:
            raise Unwell(f"{what}: answers {answer.status}")
        return answer

    async def _fill_in(self, what: str, path: str, page: Answer, fields: dict[str, str], *, leads_to: str) -> None:
        token = TOKEN.search(page.text)
        if token is None:
            raise Unwell(f"{what}: its page has no form")
        body = urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
        answer = await self._ask(what, "POST", path, body)
        where = answer.headers.get("Location", "").partition("?")[0]
        if answer.status != 302 or where != leads_to:
            raise Unwell(f"{what}: answers {answer.status} {where or 'and stays'} instead of leading to {leads_to}")

    async def _ask(self, what: str, method: str, path: str, body: bytes | None = None) -> Answer:
        origin = settings.ORIGINS[0]
        headers = {
            "cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "content-type": "application/x-www-form-urlencoded",
            "origin": origin,
            "referer": f"{origin}{path}",
        }
        answer = await self._steps.take(what, ask(self._session, method, origin + path, body=body, headers=headers))
        self._cookies |= answer.cookies
        return answer


def _with_a_code(card: Card, memory: _Memory) -> Login | None:
    """Somebody who has sent no code in this half minute, and if possible not the one who failed last."""
    free = [each for each in card.people if memory.used.get(each.person) != _half_minute()]
    return min(free, key=lambda each: memory.used.get(each.person, 0), default=None)


def _half_minute() -> int:
    return int(time.time()) // PERIOD_S


def _code(login: Login) -> str:
    app = TOTP(b32decode(login.secret), length=6, algorithm=SHA1(), time_step=PERIOD_S)  # noqa: S303 - RFC 6238
    return app.generate(int(time.time())).decode()
