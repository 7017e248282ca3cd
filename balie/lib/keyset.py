"""Pages of long lists by the key of a row instead of by a number: any page costs what the first one does, and rows that
come in meanwhile push nothing out of sight.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

AFTER, BEFORE = "na", "voor"
LONGEST_KEY = 18  # digits


@dataclass(frozen=True)
class Place:
    """Where a page begins: after the row with this key, or before it when it goes `back`; without one at the start."""

    key: int | None = None
    back: bool = False


@dataclass(frozen=True)
class Stretch(Generic[Row]):
    """Rows in the list's order; `before` and `after` are keys for the pages on either side, where there are any."""

    rows: Sequence[Row]
    before: int | None
    after: int | None

    @property
    def whole(self) -> bool:
        """Whether this is all there is."""
        return self.before is None and self.after is None


def read_place(query: Mapping[str, str]) -> Place | None:
    """As the address says it; None for a place that cannot be."""
    for name in (AFTER, BEFORE):
        key = query.get(name)
        if key is not None:
            return Place(int(key), name == BEFORE) if key.isdecimal() and len(key) <= LONGEST_KEY else None
    return Place()


def cut(found: Sequence[Row], place: Place, *, size: int, key: Callable[[Row], int]) -> Stretch[Row]:
    """`found` are up to `size` + 1 rows from the place on, in the order in which one goes from there."""
    more, rows = len(found) > size, list(found[:size])
    if place.back:
        rows.reverse()
    earlier, later = (more, True) if place.back else (place.key is not None, more)
    return Stretch(
        rows, before=key(rows[0]) if rows and earlier else None, after=key(rows[-1]) if rows and later else None
    )
