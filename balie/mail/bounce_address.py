"""Where the bounce of one very mail goes (VERP): `bounces+<row>.<round>-<tag>@domain`, in lower case and digits only.

The tag keeps strangers from inventing bounces. The round keeps a bounce that comes late from counting against a mail
that somebody asked for again since, to a mailbox that works by now.
"""

import re
from typing import NamedTuple

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_TAG_LETTERS = 16
_SHAPE = re.compile(
    r"bounces\+(?P<mail>[1-9]\d{0,18})\.(?P<round>[1-9]\d{0,4})-(?P<tag>[0-9a-f]{16})@(?P<domain>[^@]+)"
)


class Round(NamedTuple):
    """One mail of the outbox, as it was asked for one of several times."""

    mail: int
    round: int


def bounce_address(sent: Round) -> str:
    """The envelope sender."""
    return f"bounces+{sent.mail}.{sent.round}-{_tag(sent, settings.SECRET_KEY)}@{settings.BOUNCE_DOMAIN}"


def read_bounce_address(address: str) -> Round | None:
    """What the address was made for; None when we did not make it. Case is lost on the way, so it does not count."""
    shape = _SHAPE.fullmatch(address.lower())
    if shape is None or shape["domain"] != settings.BOUNCE_DOMAIN.lower():
        return None
    sent = Round(int(shape["mail"]), int(shape["round"]))
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return sent if any(constant_time_compare(_tag(sent, key), shape["tag"]) for key in keys) else None


def _tag(sent: Round, key: str) -> str:
    return salted_hmac("balie.mail.verp", f"{sent.mail}.{sent.round}", key, algorithm="sha256").hexdigest()[
        :_TAG_LETTERS
    ]
