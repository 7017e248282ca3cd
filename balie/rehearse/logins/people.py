"""Somebody with a browser who logs in by the real pages: form, password, second step where there is one, the page
behind it, and the place in the waiting room that this page takes.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from base64 import b32decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import aiohttp
import msgspec
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from balie.rehearse.measure import Clock
from balie.rehearse.proxy import Failure, Proxy

PERIOD_S = 30  # of a code
THINK_S = (1.0, 3.0)
PATIENCE_S = 900.0  # of somebody whose page says that it will try again by itself
REDIRECTS_MOST = 6
AGAIN_S = 1.0
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
FIRST_STEP, SECOND_STEP = "/account/login/", "/account/tweestaps/code/"


class Person(msgspec.Struct, frozen=True):
    """Who logs in and when, in seconds since 1970. Without `secret` there is no second step; `slip` first mistypes."""

    practice: int
    email: str
    password: str
    secret: str
    slip: bool
    arrives_at: float


class Login(msgspec.Struct):
    """What came of one login. `waited_s` is the time that all pages together took, from the moment each was meant."""

    practice: int
    began_at: float
    ended_at: float = 0.0
    waited_s: float = 0.0
    turned_away: int = 0
    second_step: bool = False
    slipped: bool = False
    failed: str = ""


class StuckError(Exception):
    """The login ends here; the message says where."""


@dataclass(frozen=True)
class Seen:
    """A page. `turned_away` when it came instead of an answer to what was filled in."""

    path: str
    text: str
    turned_away: bool


def read_people(path: Path) -> list[Person]:
    return msgspec.json.Decoder(Person).decode_lines(path.read_bytes())


def write_people(path: Path, people: list[Person]) -> None:
    path.touch(mode=0o600)  # passwords, if of nobody
    path.write_bytes(msgspec.json.Encoder().encode_lines(people))


class Visit:
    """One person's way in. Each comes from an address of their own, as the proxy before the pages tells."""

    def __init__(self, person: Person, *, campaign: int, proxy: Proxy, clock: Clock) -> None:
        self.person, self._campaign, self._proxy, self._clock = person, campaign, proxy, clock
        self._cookies: dict[str, str] = {}
        self._chance = random.Random(person.practice)
        number = person.practice
        self._address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._login = Login(person.practice, began_at=person.arrives_at, slipped=person.slip)

    async def play(self) -> Login:
        """From arrival to a place in the waiting room."""
        try:
            start = await self._clock.until(self.person.arrives_at)
            await self._enter(await self._ask(start, "GET", "/"))
        except StuckError as why:
            self._login.failed = str(why)
        self._login.ended_at = self._clock.now()
        return self._login

    async def _enter(self, seen: Seen) -> None:
        seen = await self._log_in(seen)
        if seen.path == FIRST_STEP and seen.turned_away:  # the answer that let us in got lost, and the session with it
            seen = await self._log_in(seen)
        if seen.path.startswith("/account/"):
            raise StuckError(f"still at {seen.path}")
        cookie = self._cookies.get("balie_pass", "")
        answer = await self._proxy.ask(
            "POST", f"/live/queue/{self._campaign}/join", cookie=cookie, body={"practice": self.person.practice}
        )
        if not answer.ok:
            raise StuckError(f"join: {answer.code}")

    async def _log_in(self, seen: Seen) -> Seen:
        given = {"login": self.person.email, "password": self.person.password}
        if self.person.slip:
            seen = await self._fill_in(seen, FIRST_STEP, lambda: given | {"password": "mis"})
        seen = await self._fill_in(seen, FIRST_STEP, lambda: given)
        if self.person.secret:
            self._login.second_step = True
            seen = await self._fill_in(seen, SECOND_STEP, lambda: {"code": self._code(0)})
            if seen.path == SECOND_STEP:  # an answer that got lost had counted it already
                seen = await self._fill_in(seen, SECOND_STEP, lambda: {"code": self._code(1)})
        return seen

    async def _fill_in(self, seen: Seen, page: str, fields: Callable[[], dict[str, str]]) -> Seen:
        """Type, press, and wait for what comes; once more where we were turned away, and the form came back empty."""
        while True:
            token = TOKEN.search(seen.text)
            if seen.path != page or token is None:
                raise StuckError(f"{seen.path} instead of {page}")
            start = await self._clock.until(self._clock.now() + self._chance.uniform(*THINK_S))
            seen = await self._ask(start, "POST", page, fields() | {"csrfmiddlewaretoken": token[1]})
            if not (seen.turned_away and seen.path == page):
                return seen

    def _code(self, periods_from_now: int) -> str:
        app = TOTP(b32decode(self.person.secret), length=6, algorithm=SHA1(), time_step=PERIOD_S)  # noqa: S303 - RFC 6238
        return app.generate(int(time.time()) + periods_from_now * PERIOD_S).decode()

    async def _ask(self, start: float, method: str, path: str, fields: dict[str, str] | None = None) -> Seen:
        """One page, by way of all redirects. One that asks for patience opens itself again, without what was sent."""
        asked, redirects, turned_away = (method, path, fields), 0, False
        while redirects < REDIRECTS_MOST:
            status, where, text, again_s = await self._once(*asked)
            if status in {0, 503}:
                await self._wait(status, asked[1], again_s)
                turned_away = turned_away or asked[0] == "POST"
                asked = ("GET", asked[1], None)
            elif status in {301, 302, 303}:
                redirects += 1
                asked = ("GET", where, None)
            else:
                self._login.waited_s += self._clock.now() - start
                if status != 200:
                    raise StuckError(f"{asked[1]}: {status}")
                return Seen(urlsplit(asked[1]).path, text, turned_away)
        raise StuckError(f"{path}: redirects without end")

    async def _wait(self, status: int, path: str, seconds: float) -> None:
        """As the page that turned us away does by itself."""
        if self._clock.now() - self.person.arrives_at > PATIENCE_S:
            raise StuckError(f"{path}: no answer ({status})")
        self._login.turned_away += status == 503
        await asyncio.sleep(seconds)

    async def _once(self, method: str, path: str, fields: dict[str, str] | None) -> tuple[int, str, str, float]:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "X-Forwarded-For": self._address,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = self._proxy.upstreams_for(path)[0] + path
        data = None if fields is None else urlencode(fields)
        try:
            async with self._proxy.session.request(
                method, url, data=data, headers=headers, allow_redirects=False
            ) as answer:
                text = await answer.text()
                self._keep(answer)
                where = urlsplit(answer.headers.get("Location", ""))
                next_path = f"{where.path}?{where.query}" if where.query else where.path
                return answer.status, next_path, text, float(answer.headers.get("Retry-After", AGAIN_S))
        except Failure:
            return 0, "", "", AGAIN_S

    def _keep(self, answer: aiohttp.ClientResponse) -> None:
        for name, morsel in answer.cookies.items():
            if morsel["max-age"] == "0" or not morsel.value:
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = morsel.value
