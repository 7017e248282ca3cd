"""Reads docs/pages.md: what every page answers to everybody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.architecture.tree import ROOT

PAGES = ROOT / "docs" / "pages.md"
ROLES = [
    *("nobody", "newcomer", "owner", "manager", "colleague", "outsider"),
    *("organiser", "staff", "auditor", "distributor"),
]
COLUMNS = ["state", "page", *ROLES]


@dataclass(frozen=True)
class Row:
    """What a page answers, in a state of the campaign, by role; `method` is GET or POST."""

    method: str
    state: str
    page: str
    answers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.page} ({self.state})"


def rows() -> Iterator[Row]:
    """Every row of every table; under the heading "Acts" they are about POST."""
    for section in re.split(r"^## ", PAGES.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        method = "POST" if section.startswith("Acts") else "GET"
        lines = [line for line in section.splitlines() if line.startswith("|")]
        assert cells(lines[0]) == COLUMNS, lines[0]
        for line in lines[2:]:
            state, page, *answers = cells(line)
            assert len(answers) == len(ROLES), f"{page} ({state}) says {len(answers)} answers, to {', '.join(ROLES)}"
            yield Row(method, state, page, dict(zip(ROLES, answers, strict=True)))


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
