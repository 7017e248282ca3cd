"""Links by which somebody who was told answers: signed, for one page and one person, without login and without
PostgreSQL. Whoever has the link is that person; so it is short-lived, and stands in nothing that we log.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

from balie.ops.oncall.models import Page

GOOD_FOR: Final = timedelta(hours=12)
_SIGNER: Final = TimestampSigner(salt="balie.ops.oncall.link")


class LinkError(ValueError):
    """Nothing that we signed."""


class LinkOverError(LinkError):
    """We signed it, too long ago."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a link says: who holds it, and for which page."""

    page: int
    person: str


def make_token(page: Page, person: str) -> str:
    """The last part of a link."""
    return _SIGNER.sign(f"{page.pk}.{person}")


def make_link(page: Page, person: str) -> str:
    """For a message to that person."""
    return f"{settings.WATCH_URL}/oncall/{make_token(page, person)}/"


def read_token(token: str) -> Bearer:
    """Raises LinkError."""
    try:
        page, _, person = _SIGNER.unsign(token, max_age=GOOD_FOR).partition(".")
    except SignatureExpired:
        raise LinkOverError from None
    except BadSignature:
        raise LinkError from None
    return Bearer(int(page), person)
