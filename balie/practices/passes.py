"""The pass: a signed cookie that tells the hot paths who asks, without a query and without Django's session.

Django makes it for whoever is logged in (`keep_pass`), the hot paths check it (`PassCheck`), and either renews it when
more than half its life has passed. A renewed pass keeps the moment at which it was first made, so that nothing slides
beyond the life of a login. The pass of a mandate ends with the mandate, and is not renewed.

A pass carries its person's `pass_generation`, which every revocation raises. It is read in the row that says who asks,
before anything else about them: a pass that was made meanwhile has the lower number, and counts no longer. No clock has
a say in it.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponseBase

from balie.lib.asgi import Allowance
from balie.practices.standing import MANDATE_ROLE, Standing, standing_of
from balie.runtime.hot import Connection

MOST_KNOWN = 20_000
REQUESTS_PER_S = 20.0
REQUESTS_AT_ONCE = 100.0

# A row may be forgotten when every pass it ended has expired; a day more, for clocks that differ.
READ_REVOCATIONS = """
select person_id, practice_id, generation from practices_pass_revocation
 where revoked_at > clock_timestamp() - make_interval(days => 1, secs => %s)
"""


@dataclass(frozen=True, slots=True)
class Pass:
    """Who asks, for which practice (None: somebody without one), in which role. `organiser` only for who is of it and
    logged in with two factors; `reads_only` for those among them who change nothing. Times are milliseconds since 1970
    on the wall clock; `made_at` is the login or switch that it began with.
    """

    person: int
    practice: int | None
    role: str
    organiser: bool
    generation: int
    made_at: int
    expires_at: int
    reads_only: bool = False


def make_pass(
    *,
    person: int,
    practice: int | None,
    role: str,
    organiser: bool,
    generation: int = 0,
    now: float | None = None,
    until: datetime | None = None,
    reads_only: bool = False,
) -> str:
    """The value of a new pass cookie; `now` in seconds since 1970. It ends at `until`, where that is given."""
    made_at = int((time.time() if now is None else now) * 1000)
    expires_at = _milliseconds(until) if until else made_at + settings.PASS_SECONDS * 1000
    return _write(Pass(person, practice, role, organiser, generation, made_at, expires_at, reads_only))


def read_pass(value: str, now: float) -> Pass | None:
    """The pass in a cookie's value; None when it is forged, mangled or expired. Revocations are `PassCheck`'s."""
    try:
        found = Pass(*_signer().unsign_object(value))
    except (BadSignature, ValueError, TypeError):
        return None
    return found if found.expires_at > now * 1000 else None


def renew_pass(old: Pass, now: float) -> str | None:
    """The cookie's next value when more than half of its life has passed; None while it is young enough, or when the
    login it began with is too old to slide further, or for a mandate's.
    """
    if old.role == MANDATE_ROLE:
        return None
    life_ms = settings.PASS_SECONDS * 1000
    expires_at = min(int(now * 1000) + life_ms, old.made_at + settings.SESSION_COOKIE_AGE * 1000)
    if old.expires_at - now * 1000 > life_ms / 2 or expires_at <= old.expires_at:
        return None
    return _write(replace(old, expires_at=expires_at))


def pass_cookie_header(value: str) -> tuple[bytes, bytes]:
    """The raw header that sets the cookie; the hot paths answer with it."""
    secure = "; Secure" if settings.SECURE else ""
    cookie = f"{settings.PASS_COOKIE}={value}; Path=/; Max-Age={settings.PASS_SECONDS}; HttpOnly; SameSite=Lax{secure}"
    return b"set-cookie", cookie.encode("ascii")


def clear_pass_cookie(response: HttpResponseBase) -> None:
    """Take the pass away."""
    response.delete_cookie(settings.PASS_COOKIE, path="/", samesite="Lax")


def keep_pass(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser's pass say what its session says; for a middleware, on the way out of every page.

    Sets a pass when there is none that counts for this person and practice, renews an old one, and takes it away from
    whoever is not logged in: a login, a switch of practice and a logout need nothing else.
    """
    value, now = request.COOKIES.get(settings.PASS_COOKIE), time.time()
    standing = standing_of(request)
    if standing is None:
        if value is not None:
            clear_pass_cookie(response)
        return
    held = read_pass(value, now) if value else None
    if held is None or not _says(held, standing):
        _set(response, _fresh(standing))
    elif renewed := renew_pass(held, now):
        _set(response, renewed)


@dataclass(slots=True)
class Caller:
    """A checked pass, its cookie as it came, and what it may still ask."""

    held: Pass
    allowance: Allowance


class PassCheck:
    """What one process knows of passes: those it has verified, and those that were revoked. No query per request."""

    def __init__(self) -> None:
        self._callers: dict[bytes, Caller] = {}
        self._revoked: dict[int, list[tuple[int | None, int]]] | None = None
        self.learned = asyncio.Event()  # set whenever there were new revocations; whoever acts on it clears it

    @property
    def ready(self) -> bool:
        """False until revocations have been read once: before that nobody may be let in."""
        return self._revoked is not None

    def caller(self, value: bytes, now: float) -> Caller | None:
        """Who this cookie's value is, `now` in seconds since 1970; None when it counts for nothing (any longer)."""
        known = self._callers.get(value)
        if known is None:
            held = read_pass(value.decode("latin-1"), now)
            if held is None or self._is_revoked(held):
                return None
            if len(self._callers) >= MOST_KNOWN:
                del self._callers[next(iter(self._callers))]
            known = self._callers[value] = Caller(held, Allowance(rate=REQUESTS_PER_S, most=REQUESTS_AT_ONCE))
        return known if known.held.expires_at > now * 1000 else None

    def counts(self, held: Pass, now: float) -> bool:
        """Whether a pass that was let in still would be."""
        return held.expires_at > now * 1000 and not self._is_revoked(held)

    async def read(self, conn: Connection) -> None:
        """Read the revocations again: at the start, when one is heard, and whenever hearing was interrupted."""
        rows = await (await conn.execute(READ_REVOCATIONS, (settings.SESSION_COOKIE_AGE,))).fetchall()
        self.learn(rows)

    def learn(self, rows: Iterable[tuple[int, int | None, int]]) -> None:
        """Take over all revocations: person, practice (None: all of them), generation."""
        revoked: dict[int, list[tuple[int | None, int]]] = {}
        for person, practice, generation in rows:
            revoked.setdefault(person, []).append((practice, generation))
        if revoked != self._revoked:
            self._revoked = revoked
            self.learned.set()
            self._callers = {value: known for value, known in self._callers.items() if not self._is_revoked(known.held)}

    def _is_revoked(self, held: Pass) -> bool:
        return any(
            practice in {None, held.practice} and held.generation < generation
            for practice, generation in (self._revoked or {}).get(held.person, ())
        )


def _says(held: Pass, standing: Standing) -> bool:
    if standing.mandate and held.expires_at != _milliseconds(standing.mandate.ends_at):
        return False
    said = (held.person, held.practice, held.role, held.organiser, held.generation, held.reads_only)
    person, practice = standing.person, standing.practice
    return said == (
        person.pk,
        practice.pk if practice else None,
        standing.role,
        standing.organiser,
        person.pass_generation,
        standing.organiser and not standing.decides,
    )


def _fresh(standing: Standing) -> str:
    person, practice, mandate = standing.person, standing.practice, standing.mandate
    return make_pass(
        person=person.pk,
        practice=practice.pk if practice else None,
        role=standing.role,
        organiser=standing.organiser,
        generation=person.pass_generation,
        until=mandate.ends_at if mandate else None,
        reads_only=standing.organiser and not standing.decides,
    )


def _set(response: HttpResponseBase, value: str) -> None:
    response.set_cookie(
        settings.PASS_COOKIE,
        value,
        max_age=settings.PASS_SECONDS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _signer() -> Signer:
    return Signer(salt="balie.pass")


def _write(held: Pass) -> str:
    # Only where it says something: the release before knows passes without it, and refuses those that have it.
    said = astuple(held) if held.reads_only else astuple(held)[:-1]
    return _signer().sign_object(said)
