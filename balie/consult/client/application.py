"""The application as its clients see it (`docs/spec/consult/server.md`): statements and messages in, events out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import msgspec

from balie.consult.client.econsults import Econsults, Intakes
from balie.consult.client.hedging import Pause
from balie.consult.client.transport import Response, Transport, UnreachableError
from balie.consult.protocol.statements import Statement

ROOT: Final = "/live/consult/"
PASS_COOKIE: Final = "balie_pass"  # noqa: S105 - a name, no secret
AGAIN_AFTER_S: Final = (0.1, 0.3, 1.0, 2.0, 4.0)
LATER: Final = {429, 502, 503, 504}
T = TypeVar("T")


class ProblemError(Exception):
    """The application refused; `code` is its word, `why` and `at` tell about the part of the body that was at fault."""

    def __init__(self, status: int, code: str, why: str = "", at: str = "") -> None:
        super().__init__(" ".join(filter(None, [str(status), code, why, at])))
        self.status, self.code, self.why, self.at = status, code, why, at


class Stated(msgspec.Struct, frozen=True):
    """A statement that was posted; `sealed` are the copies of a key that are for whoever asks."""

    typ: str
    name: str
    person: str
    signed: dict[str, Any]
    group: str | None = None
    sealed: dict[str, str] = {}


class Sent(msgspec.Struct, frozen=True):
    conversation: str
    place: int
    id: str
    person: str
    device: str
    envelope: str


class Event(msgspec.Struct, frozen=True):
    feed: int
    received_at: str
    statement: Stated | None = None
    message: Sent | None = None

    @property
    def author(self) -> str | None:
        """Who wrote or stated it."""
        said = self.message or self.statement
        return said.person if said else None


class Page(msgspec.Struct, frozen=True):
    events: tuple[Event, ...]
    after: int
    more: bool


class HistoryPage(Page, frozen=True, kw_only=True):
    group: str


class _Histories(msgspec.Struct, frozen=True):
    histories: tuple[HistoryPage, ...]


class TeamPage(Page, frozen=True):
    """What one must know of a team to seal to it; `name` is what it is called, if it has a name."""

    name: str | None = None


class News(msgspec.Struct, frozen=True):
    """What a stream says: all events for one above `after` up to `feed`; without `events`, that one must ask."""

    after: int
    feed: int
    events: tuple[Event, ...] | None = None


class Belonging(msgspec.Struct, frozen=True):
    """A group that one belongs to, since which number of the feed, and the number of its last event."""

    group: str
    kind: str
    since: int
    last: int


class Belongings(msgspec.Struct, frozen=True):
    feed: int
    groups: tuple[Belonging, ...]


class Gone(msgspec.Struct, frozen=True):
    """A conversation that was destroyed."""

    conversation: str
    at: str


class Destroyed(msgspec.Struct, frozen=True):
    destroyed: tuple[Gone, ...]


class Resealing(msgspec.Struct, frozen=True):
    """How many copies of keys there are, how many are not of the current suite yet, and in which groups."""

    all: int
    left: int
    groups: tuple[str, ...]


class About(msgspec.Struct, frozen=True):
    person: str
    name: str
    events: tuple[Event, ...]


class _People(msgspec.Struct, frozen=True):
    people: tuple[About, ...]


class LogLine(msgspec.Struct, frozen=True):
    """Who did what, in the chain of a group's log; `detail` is JSON."""

    number: int
    at: str
    what: str
    person: str
    detail: str
    previous: str
    hash: str


class _Lines(msgspec.Struct, frozen=True):
    entries: tuple[LogLine, ...]
    more: bool


class ConsultationListed(msgspec.Struct, frozen=True):
    """What the server knows of a consultatie: who asked whom, and when."""

    id: str
    conversation: str
    kind: str
    asked_by: str
    team: str | None
    holder: str | None
    asked_at: str
    due_at: str
    picked_up_at: str | None
    concluded_at: str | None
    withdrawn_at: str | None
    billing_code: str


class PersonNamed(msgspec.Struct, frozen=True):
    """`practice`: the AGB code of the one they work for, where that is one."""

    person: str
    name: str
    practice: str | None
    patient: bool


class TeamNamed(msgspec.Struct, frozen=True):
    team: str
    name: str | None
    practice: str | None


class PracticeNamed(msgspec.Struct, frozen=True):
    agb: str
    name: str


class EconsultOf(msgspec.Struct, frozen=True):
    """The e-consult of a conversation, also when it is long over."""

    id: str
    team: str
    patient: str
    urgency: str
    arrived_at: str
    due_at: str
    holder: str | None
    picked_up_at: str | None
    closed_at: str | None
    moved: bool


class Extracted(msgspec.Struct, frozen=True):
    """What the server knows of a conversation besides its messages."""

    people: tuple[PersonNamed, ...]
    teams: tuple[TeamNamed, ...]
    practices: tuple[PracticeNamed, ...]
    consultations: tuple[ConsultationListed, ...]
    econsults: tuple[EconsultOf, ...]


class Place(msgspec.Struct, frozen=True):
    place: int
    received_at: str


class Wrapped(msgspec.Struct, frozen=True):
    """The key of the keyset, as one unlock method wraps it."""

    method: str
    id: str
    wrap: str


class Kept(msgspec.Struct, frozen=True):
    """One's keyset, locked, as the application keeps it."""

    version: int
    keyset: str
    wraps: tuple[Wrapped, ...]


class Included(msgspec.Struct, frozen=True):
    """A statement that is in the key log, with its proof."""

    statement: str
    index: int
    proof: tuple[str, ...]


class LogTold(msgspec.Struct, frozen=True):
    """The latest checkpoint of the key log, that it goes on from an earlier one, and what it has of people."""

    checkpoint: str | None
    consistency: tuple[str, ...]
    entries: dict[str, tuple[Included, ...]]


class LogEntry(msgspec.Struct, frozen=True):
    of: str
    statement: str


class LogRoot(msgspec.Struct, frozen=True):
    """Of the log of who did what: `heads` are hashes of the last entries of its books; `number` grows, with gaps."""

    number: int
    at: str
    heads: tuple[str, ...]


class LogRoots(msgspec.Struct, frozen=True):
    roots: tuple[LogRoot, ...]
    more: bool


class LogPage(msgspec.Struct, frozen=True):
    checkpoint: str | None
    entries: tuple[LogEntry, ...]
    more: bool


class Tokens(msgspec.Struct, frozen=True):
    tokens: dict[str, str]
    good_s: int


class _Error(msgspec.Struct):
    at: str = ""
    code: str = ""


class _Problem(msgspec.Struct):
    code: str
    errors: tuple[_Error, ...] = ()


@dataclass(frozen=True, repr=False)
class Application:
    """One person's way in. Everything may be asked again as it is, so whatever got no answer is, for some seconds."""

    base: str
    held: str  # the pass
    transport: Transport
    pause: Pause

    @property
    def headers(self) -> dict[str, str]:
        """Who is asking."""
        return {"cookie": f"{PASS_COOKIE}={self.held}"}

    async def post(self, *statements: Mapping[str, Any]) -> None:
        """Statements, all of them or none. Raises ProblemError."""
        await self._ask("POST", "statements", Any, {"statements": statements})

    async def send(self, *, conversation: str, device: str, message: str, envelope: str) -> Place:
        body = {"conversation": conversation, "device": device, "id": message, "envelope": envelope}
        return await self._ask("POST", "messages", Place, body)

    async def feed(self, after: int) -> Page:
        return await self._ask("GET", f"feed?{urlencode({'after': after})}", Page)

    async def history(self, group: str, *, after: int = 0, until: int) -> Page:
        return await self._ask("GET", f"history?{urlencode({'group': group, 'after': after, 'until': until})}", Page)

    async def histories(self, groups: Sequence[str]) -> tuple[HistoryPage, ...]:
        """The first page of each of at most 30; those one does not belong to are left out."""
        asked = urlencode({"groups": ",".join(groups)})
        return (await self._ask("GET", f"histories?{asked}", _Histories)).histories

    async def persons(self, persons: Sequence[str]) -> tuple[About, ...]:
        """Whoever there is of at most 30."""
        return (await self._ask("GET", f"persons?{urlencode({'persons': ','.join(persons)})}", _People)).people

    async def groups(self) -> Belongings:
        return await self._ask("GET", "groups", Belongings)

    async def destroyed(self) -> tuple[Gone, ...]:
        """What one could read and nobody can any more."""
        return (await self._ask("GET", "destroyed", Destroyed)).destroyed

    async def resealing(self) -> Resealing:
        return await self._ask("GET", "resealing", Resealing)

    async def person(self, person: str) -> About:
        return await self._ask("GET", f"person?{urlencode({'person': person})}", About)

    async def team(self, team: str, *, after: int) -> TeamPage:
        return await self._ask("GET", f"team?{urlencode({'team': team, 'after': after})}", TeamPage)

    async def name_team(self, team: str, name: str, *, patients: bool | None = None) -> None:
        await self._ask("POST", "team", Any, {"team": team, "name": name, "patients": patients})

    async def log(self, group: str | None) -> list[LogLine]:
        """All of a group's, or (None) of one's own, from its beginning."""
        found: list[LogLine] = []
        more = True
        while more:
            after = found[-1].number if found else 0
            asked = {"after": after} | ({"group": group} if group else {})
            page = await self._ask("GET", f"log?{urlencode(asked)}", _Lines)
            found += page.entries
            more = page.more
        return found

    async def tell_exported(self, group: str | None, device: str, note: str) -> None:
        told = {"what": "exported", "group": group, "device": device, "note": note}
        await self._ask("POST", "log", Any, {"entries": [told]})

    async def tell_cleared(self, statement: str, device: str, note: str) -> None:
        """That somebody looked into a statement in our name that we did not make, and what they found."""
        entry = {"what": "cleared", "statement": statement, "device": device, "note": note}
        await self._ask("POST", "log", Any, {"entries": [entry]})

    async def extract(self, group: str) -> Extracted:
        return await self._ask("GET", f"extract?{urlencode({'group': group})}", Extracted)

    async def intakes(self) -> Intakes:
        return await self._ask("GET", "econsult/intakes", Intakes)

    async def econsults(self) -> Econsults:
        return await self._ask("GET", "econsults", Econsults)

    async def send_econsult(self, said: Mapping[str, Any]) -> Econsults:
        return await self._ask("POST", "econsult", Econsults, said)

    async def act_on_econsult(self, what: str, said: Mapping[str, Any]) -> Econsults:
        """`pick-up`, `hand-over` or `close`: then as they are."""
        return await self._ask("POST", f"econsult/{what}", Econsults, said)

    async def tokens(self) -> Tokens:
        return await self._ask("POST", "tokens", Tokens)

    async def key_log(self, *, since: int, persons: Sequence[str]) -> LogTold:
        return await self._ask("POST", "key-log", LogTold, {"since": since, "persons": persons})

    async def key_log_entries(self, *, after: int) -> LogPage:
        return await self._ask("GET", f"key-log?{urlencode({'after': after})}", LogPage)

    async def log_roots(self, *, after: int) -> LogRoots:
        return await self._ask("GET", f"log-roots?{urlencode({'after': after})}", LogRoots)

    async def keyset(self) -> Kept:
        return await self._ask("GET", "keyset", Kept)

    async def keep_keyset(self, *, version: int, keyset: str, wraps: Sequence[Wrapped | Mapping[str, str]]) -> None:
        await self._ask("POST", "keyset", Any, {"version": version, "keyset": keyset, "wraps": wraps})

    async def _ask(self, method: str, path: str, form: type[T], body: object = None) -> T:
        content = b"" if body is None else msgspec.json.encode(body)
        headers = {**self.headers, "content-type": "application/json"}
        for again_after_s in (*AGAIN_AFTER_S, None):
            try:
                response = await self.transport(method, self.base + ROOT + path, content, headers)
                if response.status not in LATER:
                    return _read(response, form)
            except UnreachableError:
                if again_after_s is None:
                    raise
            if again_after_s is not None:
                await self.pause(again_after_s)
        raise UnreachableError(f"status {response.status}")


def _read(response: Response, form: type[T]) -> T:
    if response.status == 200:
        return msgspec.json.decode(response.body, type=form)
    try:
        problem = msgspec.json.decode(response.body, type=_Problem)
    except msgspec.DecodeError:
        raise ProblemError(response.status, "no answer of ours") from None
    error = problem.errors[0] if problem.errors else _Error()
    raise ProblemError(response.status, problem.code, error.code, error.at)


def stated(typ: str, signed: Statement, sealed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A statement as it is posted."""
    return {"typ": typ, "signed": signed} | ({"sealed": sealed} if sealed is not None else {})
