"""What people fill in on the console, and the proof that it is they who did: a token that only a page of theirs has.

A token is signed and names who it is for, so that it needs no session and no database; another site cannot read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import parse_qs

from django.core.signing import BadSignature, TimestampSigner

from balie.ops.incidents.telling import Next
from balie.ops.incidents.words import Text
from balie.ops.oncall.rotas import AMSTERDAM
from balie.ops.refusing import RefusedError

GOOD_FOR: Final = timedelta(hours=12)
LONGEST: Final = 2000
SHORT: Final = 200
FIELDS_MOST: Final = 200
_SIGNER: Final = TimestampSigner(salt="balie.ops.incidents.form")


class FormError(RefusedError):
    """It cannot be used; the text names the field."""


@dataclass(frozen=True)
class Form:
    """Fields by name, as they came."""

    fields: Mapping[str, str]

    def text(self, name: str) -> Text:
        """In both languages."""
        return Text(self._needed(f"{name}_nl"), self._needed(f"{name}_en"))

    def line(self, name: str) -> str:
        """Something short."""
        value = self._needed(name)
        if len(value) > SHORT:
            raise FormError(name)
        return value

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.fields.get(name, ""))
        except ValueError:
            raise FormError(name) from None

    def moment(self, name: str) -> datetime:
        """A day and a time in the Netherlands."""
        try:
            return datetime.fromisoformat(self.fields.get(name, "")).replace(tzinfo=AMSTERDAM)
        except ValueError:
            raise FormError(name) from None

    def one_of(self, name: str, known: Mapping[str, object]) -> str:
        value = self.fields.get(name, "")
        if value not in known:
            raise FormError(name)
        return value

    def following(self, now: datetime, people: Mapping[str, object]) -> Next:
        """The next time that it is that late in the Netherlands."""
        try:
            due = time.fromisoformat(self.fields.get("due", ""))
        except ValueError:
            raise FormError("due") from None
        here = now.astimezone(AMSTERDAM)
        at = datetime.combine(here.date(), due.replace(tzinfo=None), AMSTERDAM)
        if at <= here:
            at = datetime.combine(here.date() + timedelta(days=1), due.replace(tzinfo=None), AMSTERDAM)
        return Next(at, self.one_of("owner", {"": None, **people}))

    def _needed(self, name: str) -> str:
        value = self.fields.get(name, "").strip()
        if not value or len(value) > LONGEST:
            raise FormError(name)
        return value


def read_form(body: bytes) -> Form:
    """Raises FormError where it is no form."""
    try:
        return Form({name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=FIELDS_MOST).items()})
    except ValueError:
        raise FormError("body") from None


def make_token(who: str) -> str:
    """For the forms of a page that `who` sees."""
    return _SIGNER.sign(who)


def token_counts(token: str, who: str) -> bool:
    """Whether it is ours, theirs, and not too old."""
    try:
        return _SIGNER.unsign(token, max_age=GOOD_FOR) == who
    except BadSignature:
        return False
