"""E-consults as the application lists them (`docs/spec/consult/econsults.md`), and what is sent and done."""

from typing import Any

import msgspec


class Shut(msgspec.Struct, frozen=True):
    """The post closed while one waits."""

    closed: dict[str, Any]
    say: str
    takes_over: dict[str, str] | None


class EconsultListed(msgspec.Struct, frozen=True):
    id: str
    conversation: str
    team: str
    practice: str
    patient: str
    urgency: str
    arrived_at: str
    place: int | None
    holder: str | None
    picked_up_at: str | None
    closed_at: str | None
    of_own_team: bool
    shut: Shut | None
    moved_to: str | None

    @property
    def waits(self) -> bool:
        return self.place is not None


class Econsults(msgspec.Struct, frozen=True):
    """The first in the queue comes first."""

    econsults: tuple[EconsultListed, ...]


class IntakeListed(msgspec.Struct, frozen=True):
    """A practice that one can ask; its questionnaire as it is stored."""

    practice: str
    phone: str
    team: str
    questionnaire: msgspec.Raw
    closed: dict[str, Any] | None


class Intakes(msgspec.Struct, frozen=True):
    practices: tuple[IntakeListed, ...]
