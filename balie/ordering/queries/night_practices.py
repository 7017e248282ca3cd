"""Where practices stand in a night: who has not ordered yet, and how to reach them. One query for however many."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from balie.lib.keyset import Place, Stretch, cut
from balie.lib.sqlfiles import read_sql
from balie.ordering.models import Campaign
from balie.practices.contact import number_in
from balie.practices.models import Practice

PAGE = 50
START = Place()


class State(TextChoices):
    """In the order in which a practice goes through them."""

    ABSENT = "absent", _("niet in de wachtkamer")
    WAITING = "waiting", _("wacht")
    CALLED = "called", _("aan de beurt, niet begonnen")
    INSIDE = "inside", _("houdt een datum vast")
    LAPSED = "lapsed", _("tijd voorbij")
    BLOCKED = "blocked", _("geblokkeerd")
    ORDERED = "ordered", _("heeft besteld")


NOT_ORDERED = tuple(state for state in State if state is not State.ORDERED)


@dataclass(frozen=True)
class Row:
    """One practice; `number` and `order_number` once it has them. `auto`: it left the ordering to Balie."""

    key: int
    agb_code: str
    name: str
    phone: str
    state: State
    number: int | None
    order_number: str | None
    auto: bool


@dataclass(frozen=True)
class Found:
    """A page of practices, how many fit in all, and how many practices are in each state whether they fit or not."""

    page: Stretch[Row]
    fitting: int
    counts: dict[State, int]


def find_practices(
    campaign: Campaign,
    *,
    states: Collection[State],
    looked_for: str = "",
    place: Place = START,
    size: int | None = PAGE,
) -> Found:
    """Practices in one of these states; `looked_for` is part of a name, an AGB code, a telephone number, or a number in
    the waiting room. Without `size` all of them.
    """
    return _find(_asked(campaign, states, looked_for), place, size)


def read_practice(campaign: Campaign, practice: Practice) -> Row:
    """Where one practice stands."""
    asked = _asked(campaign, tuple(State), "") | {"practice": practice.agb_code}
    return _find(asked, START, 1).page.rows[0]


def _asked(campaign: Campaign, states: Collection[State], looked_for: str) -> dict[str, Any]:
    return {
        "campaign": campaign.pk,
        "practice": None,
        "states": [state.value for state in states],
        "words": looked_for.lower().split(),
        "digits": number_in(looked_for),
    }


def _find(asked: dict[str, Any], place: Place, size: int | None) -> Found:
    asked |= {"key": place.key, "back": place.back, "most": None if size is None else size + 1}
    with connection.cursor() as cursor:
        cursor.execute(read_sql("ordering", "night_practices"), asked)
        counts, fitting, rows = cursor.fetchone()
    found = [_row(row) for row in json.loads(rows)]
    return Found(
        page=cut(found, place, size=len(found) if size is None else size, key=lambda row: row.key),
        fitting=fitting,
        counts={State(state): count for state, count in json.loads(counts).items()},
    )


def _row(row: dict[str, Any]) -> Row:
    return Row(
        key=row["key"],
        agb_code=row["agb_code"],
        name=row["name"],
        phone=row["phone"],
        state=State(row["state"]),
        number=row["number"],
        order_number=row["order_number"],
        auto=row["auto"] and row["order_number"] is None,
    )
