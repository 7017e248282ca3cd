"""The pass: a signed cookie that tells the hot paths who asks, without a query and without Django's session.

Django makes it for whoever is logged in (`keep_pass`), the hot paths check it (`PassCheck`), and either renews it when
more than half its life has passed. A renewed pass keeps the moment at which it was first made, so that a revocation
reaches every descendant of a pass, and nothing slides beyond the life of a login. The pass of a mandate ends with the
mandate, and is not renewed.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponseBase

from balie.lib.asgi import Allowance
from balie.practices.models import Membership, Person, Practice
from balie.practices.services import passes_revoked_at
from balie.practices.standing import MANDATE_ROLE, Standing, standing_of
from balie.runtime.hot import Connection

MOST_KNOWN = 20_000
REQUESTS_PER_S = 20.0
REQUESTS_AT_ONCE = 100.0

READ_REVOCATIONS = """
select person_id, practice_id, revoked_at from practices_pass_revocation
 where revoked_at > clock_timestamp() - make_interval(secs => %s)
"""


@dataclass(frozen=True, slots=True)
class Pass:
    """Who asks, for which practice (None: organiser staff without one), in which role. Times are milliseconds since
    1970 on the wall clock; `made_at` is the login or switch that it began with.
    """

    person: int
    practice: int | None
    role: str
    organiser: bool
    made_at: int
    expires_at: int


def make_pass(
    *,
    person: int,
    practice: int | None,
    role: str,
    organiser: bool,
    now: float | None = None,
    until: datetime | None = None,
) -> str:
    """The value of a new pass cookie; `now` in seconds since 1970. It ends at `until`, where that is given."""
    made_at = int((time.time() if now is None else now) * 1000)
    expires_at = _milliseconds(until) if until else made_at + settings.PASS_SECONDS * 1000
    return _write(Pass(person, practice, role, organiser, made_at, expires_at))


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
    return _write(Pass(old.person, old.practice, old.role, old.organiser, old.made_at, expires_at))


def pass_cookie_header(value: str) -> tuple[bytes, bytes]:
    """The raw header that sets the cookie; the hot paths answer with it, Django has `set_pass_cookie`."""
    secure = "; Secure" if settings.SECURE else ""
    cookie = f"{settings.PASS_COOKIE}={value}; Path=/; Max-Age={settings.PASS_SECONDS}; HttpOnly; SameSite=Lax{secure}"
    return b"set-cookie", cookie.encode("ascii")


def set_pass_cookie(response: HttpResponseBase, person: Person, practice: Practice | None) -> None:
    """Give the browser a new pass. Raises Membership.DoesNotExist when `person` does not work for `practice`."""
    membership = None if practice is None else Membership.objects.get(person=person, practice=practice)
    _set(response, _fresh(Standing(person=person, memberships=(), membership=membership)))


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
    fits = held is not None and _says(held, standing)
    revoked_at = passes_revoked_at(person=standing.person, practice=standing.practice) if fits else None
    if held is None or not fits or (revoked_at and held.made_at <= _milliseconds(revoked_at)):
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

    def learn(self, rows: Iterable[tuple[int, int | None, datetime]]) -> None:
        """Take over all revocations: person, practice (None: all of them), moment."""
        revoked: dict[int, list[tuple[int | None, int]]] = {}
        for person, practice, at in rows:
            revoked.setdefault(person, []).append((practice, _milliseconds(at)))
        if revoked != self._revoked:
            self._revoked = revoked
            self._callers = {value: known for value, known in self._callers.items() if not self._is_revoked(known.held)}

    def _is_revoked(self, held: Pass) -> bool:
        return any(
            practice in {None, held.practice} and held.made_at <= at
            for practice, at in (self._revoked or {}).get(held.person, ())
        )


def _says(held: Pass, standing: Standing) -> bool:
    practice = standing.practice.pk if standing.practice else None
    if standing.mandate and held.expires_at != _milliseconds(standing.mandate.ends_at):
        return False
    wanted = (standing.person.pk, practice, standing.role, standing.person.is_organiser)
    return (held.person, held.practice, held.role, held.organiser) == wanted


def _fresh(standing: Standing) -> str:
    person, practice, mandate = standing.person, standing.practice, standing.mandate
    return make_pass(
        person=person.pk,
        practice=practice.pk if practice else None,
        role=standing.role,
        organiser=person.is_organiser,
        until=mandate.ends_at if mandate else None,
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
    return _signer().sign_object([held.person, held.practice, held.role, held.organiser, held.made_at, held.expires_at])
