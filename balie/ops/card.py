"""Who the probes are: two people of a practice that is nobody's, a campaign of theirs, and keys to talk with.

All of it stands in the folder of the watch, readable by its owner alone; `enrolling.py` makes it. Probes read it again
at every look, so that whoever enrols anew need not restart the watch.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from django.conf import settings

from balie.consult.client.device import write_private
from balie.consult.client.machine import Keys, load_keys
from balie.ops.lacking import NotSetUpError
from balie.practices.passes import make_pass

ROLE: Final = "assistant"
T = TypeVar("T")


class Login(msgspec.Struct, frozen=True):
    """Somebody who can log in. `secret` is that of their app with codes, `generation` that of their passes."""

    person: int
    generation: int
    email: str
    password: str
    secret: str

    def __repr__(self) -> str:
        return f"Login({self.email})"


class Card(msgspec.Struct, frozen=True):
    """Numbers of rows; `day` is the one delivery day of the campaign."""

    practice: int
    location: int
    campaign: int
    product: int
    day: date
    people: tuple[Login, Login]

    def make_pass(self) -> str:
        """The cookie by which the first of the people asks hot paths, without having logged in."""
        first = self.people[0]
        return make_pass(
            person=first.person, practice=self.practice, role=ROLE, organiser=False, generation=first.generation
        )


def folder() -> Path:
    return Path(settings.WATCH_FOLDER)


def card_path() -> Path:
    return folder() / "card.json"


def read_card() -> Card:
    return _read(lambda: msgspec.json.decode(card_path().read_bytes(), type=Card))


def write_card(card: Card) -> None:
    write_private(card_path(), msgspec.json.encode(card))


def read_keys() -> Keys:
    return _read(lambda: load_keys(folder()))


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except (OSError, ValueError) as fault:
        raise NotSetUpError(f"the watch is nobody yet: run `balie watch enrol` ({fault})") from fault
