"""Why a mail did not arrive, from what servers say: enhanced status codes (RFC 3463), else reply codes (RFC 5321)."""

import re
from enum import Enum, auto

from django.utils.translation import gettext as _

_CODES = re.compile(r"(?:(?P<reply>[45]\d\d)\b[ -]?)?(?:(?P<class>[45])\.(?P<subject>\d{1,3})\.(?P<detail>\d{1,3})\b)?")


class Trouble(Enum):
    """What is the matter, as far as one can do something about it."""

    NO_ADDRESS = auto()
    NO_MAILBOX = auto()
    NO_DOMAIN = auto()
    CLOSED = auto()
    FULL = auto()
    TOO_LARGE = auto()
    HELD_BACK = auto()
    UNREACHABLE = auto()
    OTHER = auto()

    @property
    def lasting(self) -> bool:
        """Sending again does not help: only another address does (a hard bounce, as mail people say)."""
        return self in {Trouble.NO_ADDRESS, Trouble.NO_MAILBOX, Trouble.NO_DOMAIN, Trouble.CLOSED}

    @property
    def words(self) -> str:
        """One plain sentence."""
        return {
            Trouble.NO_ADDRESS: _("Dit is geen e-mailadres."),
            Trouble.NO_MAILBOX: _("Deze mailbox bestaat niet."),
            Trouble.NO_DOMAIN: _("Wat achter de @ staat, bestaat niet."),
            Trouble.CLOSED: _("Deze mailbox is gesloten."),
            Trouble.FULL: _("Deze mailbox is vol."),
            Trouble.TOO_LARGE: _("De mail is te groot voor deze mailbox."),
            Trouble.HELD_BACK: _("De mailserver van dit adres houdt onze mail tegen."),
            Trouble.UNREACHABLE: _("De mailserver van dit adres was niet te bereiken."),
            Trouble.OTHER: _("De mailserver van dit adres nam de mail niet aan."),
        }[self]


def trouble_of(answer: str) -> Trouble:
    """From the last words about a mail that will not arrive. Without any code no server has said anything."""
    codes = _CODES.match(answer)
    assert codes is not None  # every part of the pattern may be absent
    if codes["class"] == "5" and (codes["subject"], codes["detail"]) == ("4", "1"):
        return Trouble.NO_MAILBOX  # Microsoft's answer to an address that it does not know
    if codes["class"]:
        return _BY_STATUS.get((codes["subject"], codes["detail"])) or _BY_SUBJECT.get(codes["subject"], Trouble.OTHER)
    if codes["reply"]:
        return _BY_REPLY.get(codes["reply"], Trouble.OTHER)
    return Trouble.UNREACHABLE


def is_delay(answer: str) -> bool:
    """The words are those of a server that has the mail and could not hand it on yet."""
    codes = _CODES.match(answer)
    return codes is not None and codes["class"] == "4"


_BY_STATUS = {
    ("1", "0"): Trouble.NO_MAILBOX,
    ("1", "1"): Trouble.NO_MAILBOX,
    ("1", "2"): Trouble.NO_DOMAIN,
    ("1", "3"): Trouble.NO_ADDRESS,
    ("1", "6"): Trouble.NO_MAILBOX,
    ("1", "10"): Trouble.NO_DOMAIN,  # a domain that says it takes no mail (RFC 7505)
    ("2", "1"): Trouble.CLOSED,
    ("2", "2"): Trouble.FULL,
    ("2", "3"): Trouble.TOO_LARGE,
    ("3", "4"): Trouble.TOO_LARGE,
}
_BY_SUBJECT = {"1": Trouble.OTHER, "4": Trouble.UNREACHABLE, "7": Trouble.HELD_BACK}
_BY_REPLY = {
    "550": Trouble.NO_MAILBOX,
    "551": Trouble.NO_MAILBOX,
    "552": Trouble.FULL,
    "553": Trouble.NO_ADDRESS,
    "554": Trouble.HELD_BACK,
}
