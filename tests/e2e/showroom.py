"""A house in which the pages of docs/pages.md can be walked through, in one state of a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.test import Client
from playwright.async_api import BrowserContext

from balie.practices.models import Person
from balie.practices.testing import make_cast
from tests.e2e.house import House
from tests.e2e.night import by_database
from tests.pages.screens import FILES, PARTS
from tests.pages.stages import STAGES, people
from tests.pages.table import Row
from tests.pages.test_table import address

LOOKED_AT_BY = ("owner", "organiser", "outsider", "newcomer", "nobody")  # the first of these for whom there is a page


@dataclass(frozen=True, order=True)
class Sight:
    """A page in a state, and through whose eyes."""

    role: str
    page: str
    path: str


class Showroom(House):
    """Nobody acts here; `state` is one of those of `tests/pages/stages.py`."""

    def __init__(self, folder: Path, dsn: str, *, state: str) -> None:
        super().__init__(folder, dsn)
        self._state = state

    @by_database
    def fall(self, _cast: Path, **_times: object) -> None:
        """The state, and a session for everybody who looks."""
        made = make_cast()
        roles = people(made)
        self._campaign = STAGES[self._state](made)
        self._sessions = {role: _log_in(person) for role, person in roles.items() if person}

    async def admit(self, role: str, context: BrowserContext, *, language: str) -> None:
        """Let this browser be logged in as that role, and have chosen that language."""
        cookies = {"django_language": language}
        if role in self._sessions:
            cookies["sessionid"] = self._sessions[role]
        await context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in cookies.items()])

    @by_database
    def sights(self, rows: Sequence[Row]) -> list[Sight]:
        """Where these rows lead to a page, for the first role that may see it."""
        found = []
        for row in rows:
            role = next((role for role in LOOKED_AT_BY if row.answers[role] == "200"), None)
            if row.method == "GET" and role and row.page not in PARTS | FILES:
                found.append(Sight(role, row.page, address(row.page, self._campaign)))
        return found


def _log_in(person: Person) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value
