"""A conversation, or one's own log, as one takes it out (`docs/spec/consult/export.md`): what is in it.

`bundle.py` makes FHIR of it and `page.py` something to read; `extract.ts` has the same. Times are in RFC 3339. People
and teams are named as the protocol names members (`person:…`, `team:…`), and `parties` tells who they are.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from balie.consult.client.fhir import File

UNKNOWN: Final = "?"
WHOLE: Final = "conversation"  # what the log notes of a conversation that was taken out whole
OWN: Final = "log"  # and, in one's own log, of that log
ECONSULT: Final = "econsult"
When = Callable[[str], str]
"""A time as people read it."""


class Practice(msgspec.Struct, frozen=True):
    agb: str
    name: str


class Party(msgspec.Struct, frozen=True):
    """`practice`: the AGB code of the one they work for or belong to, where that is one; `bsn` where whoever takes it
    out has it and wants it in the file.
    """

    member: str
    name: str
    practice: str | None = None
    patient: bool = False
    bsn: str | None = None


class Said(msgspec.Struct, frozen=True):
    """A message. `state`: empty, `edited`, `recalled` or `unreadable`."""

    id: str
    sent: str
    sender: str
    kind: str
    text: str
    state: str = ""
    answered: str | None = None
    files: tuple[File, ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """A consultatie or an e-consult. `asked_of` is the team or the person who was asked, `patient` whom it is about, if
    one knows. `urgency` is there in e-consults; `moved`: it went on at another post.
    """

    id: str
    kind: str
    asked_by: str
    asked_of: str
    asked_at: str
    due_at: str
    holder: str | None = None
    picked_up_at: str | None = None
    concluded_at: str | None = None
    withdrawn_at: str | None = None
    billing_code: str = ""
    patient: str | None = None
    urgency: str = ""
    moved: bool = False


class Logged(msgspec.Struct, frozen=True):
    """A line of a log, with its place in the chain."""

    number: int
    at: str
    what: str
    who: str
    detail: str
    previous: str
    hash: str


class Extract(msgspec.Struct, frozen=True):
    """`base`: the address of the Balie that it comes from. `about`: the conversation, or, of one's own log, oneself."""

    base: str
    at: str
    about: str
    parties: tuple[Party, ...] = ()
    practices: tuple[Practice, ...] = ()
    members: tuple[str, ...] = ()
    messages: tuple[Said, ...] = ()
    asked: tuple[Asked, ...] = ()
    log: tuple[Logged, ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is somebody's own log."""
        return ":" in self.about
