"""How far an import is, for whoever watches it."""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """What is being done with the rows."""

    READ = "read"
    CHECKED = "checked"
    WRITTEN = "written"


# Called now and then with what is done, and of how many; 0 when that is not known yet. May raise StoppedError.
Tell = Callable[[Step, int, int], None]

EVERY = 500  # so many rows between two tellings


class StoppedError(Exception):
    """Whoever watches wants no more of it: it was cancelled, or the process must stop. Nothing has been written."""


def tell_nobody(_step: Step, _done: int, _total: int) -> None:
    """For who does not wait."""
