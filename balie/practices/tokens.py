"""Tokens: the code of a connection, as it stands in `Authorization: Bearer …` of every request of the API.

Hot paths know all of them from memory, without a query: they are read where revocations of passes are read, and as soon
as one is made or ended. Pages ask the database. Either way one that was ended opens nothing from then on.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from balie.lib.asgi import Allowance, Header
from balie.lib.problems import Problem
from balie.runtime.hot import Connection

TOPIC: Final = "pass"  # of revocations too: whatever is heard under it, both are read again
REQUESTS_PER_S: Final = 20.0  # as with passes
REQUESTS_AT_ONCE: Final = 100.0
MOST_KNOWN: Final = 20_000
POLICY: Final = f'"token";q={REQUESTS_AT_ONCE:.0f};w={REQUESTS_AT_ONCE / REQUESTS_PER_S:.0f}'
BEARER: Final = (b"www-authenticate", b"Bearer")

READ_TOKENS: Final = """
select c.digest, c.person_id, c.practice_id, c.scopes
  from practices_connection c join practices_person p on p.id = c.person_id
 where p.is_active and c.scopes <> '{consult}'
"""


@dataclass(frozen=True, slots=True)
class Token:
    """Whose requests these are: a program (as a person), its practice, and what it may."""

    person: int
    practice: int
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raises Problem (`no_scope`)."""
        if scope not in self.scopes:
            raise Problem("no_scope", scope=scope)


class Tokens:
    """All tokens of the API, as one process of the hot paths knows them."""

    def __init__(self) -> None:
        self._known: dict[str, Token] = {}
        self._read = False

    async def read(self, conn: Connection) -> None:
        self.learn(await (await conn.execute(READ_TOKENS)).fetchall())

    def learn(self, rows: Iterable[tuple[str, int, int, list[str]]]) -> None:
        """Take over all tokens: digest, person, practice, scopes."""
        self._known = {digest: Token(person, practice, frozenset(scopes)) for digest, person, practice, scopes in rows}
        self._read = True

    def find(self, authorization: bytes | None) -> Token:
        """The token of this header. Raises Problem: no_token, or try_again before they have been read once."""
        if not self._read:
            raise Problem("try_again")
        code = code_in((authorization or b"").decode("latin-1"))
        found = self._known.get(digest_of(code)) if code else None
        if found is None:
            raise no_token()
        return found


class Budgets:
    """What each token may still ask of this process. Several threads may take at once. Of all processes together:
    `budgets.py`.
    """

    def __init__(self) -> None:
        self._left: OrderedDict[int, Allowance] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, token: Token) -> tuple[bool, list[Header]]:
        """Whether this request may go on, and the headers that say what is left (draft-ietf-httpapi-ratelimit-headers).

        They go with every answer to a token.
        """
        with self._lock:
            allowance = self._left.pop(token.person, None) or Allowance(rate=REQUESTS_PER_S, most=REQUESTS_AT_ONCE)
            self._left[token.person] = allowance
            if len(self._left) > MOST_KNOWN:
                self._left.popitem(last=False)
            taken = allowance.take()
            return taken, budget_headers(allowance.left, allowance.full_in_s)


def budget_headers(left: int, full_in_s: int) -> list[Header]:
    """How many requests are left, and in how many seconds all are there again."""
    said = f'"token";r={left};t={full_in_s}'
    return [(b"ratelimit-policy", POLICY.encode()), (b"ratelimit", said.encode())]


def no_token() -> Problem:
    """The refusal of who comes without a token that counts, whether or not it ever did."""
    return Problem("no_token", headers=(BEARER,))


def code_in(authorization: str) -> str:
    """The token in this header; empty where there is none."""
    scheme, _, code = authorization.partition(" ")
    return code.strip() if scheme.lower() == "bearer" else ""


def digest_of(code: str) -> str:
    """What is kept of a code. It has so much chance in it that nobody can try all of them: no slow hash is needed."""
    return hashlib.sha256(code.encode("utf-8", "surrogateescape")).hexdigest()
