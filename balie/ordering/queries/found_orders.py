"""Orders of every campaign, found by number or by what is known of their practice. One query for however many."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from balie.lib.keyset import LONGEST_KEY, Place, Stretch, cut
from balie.ordering.models import Campaign, slot_name
from balie.ordering.queries.rows import read_rows
from balie.practices.directory.queries import clean_words

A_PAGE = 50
# As it stands on paper and as people say it: `B27-01198`, `b27 1198`, `oef-3`; the digits are those of its id.
NUMBER = re.compile(r"(?:(?:[a-z]\d\d|oef)[\s-]+)?(\d+)", re.IGNORECASE)


class Standing(TextChoices):
    """What may be asked for."""

    STANDING = "standing", _("staat vast")
    ASKED = "asked", _("verzoek open")
    CANCELLED = "cancelled", _("geannuleerd")


@dataclass(frozen=True)
class Found:
    """An order in the list. `first_day` and `last_day` are those of its deliveries."""

    id: int
    number: str
    slot: int
    placed_at: datetime
    cancelled_at: datetime | None
    slug: str
    campaign: str
    agb_code: str
    practice: str
    asked: bool
    first_day: date
    last_day: date
    doses: int
    cities: Sequence[str]

    @property
    def slot_name(self) -> str:
        """How people call it."""
        return slot_name(self.slot)

    @property
    def standing(self) -> Standing:
        if self.cancelled_at:
            return Standing.CANCELLED
        return Standing.ASKED if self.asked else Standing.STANDING


def search_orders(
    words: str, place: Place, *, campaign: Campaign | None = None, standing: Standing | None = None
) -> Stretch[Found]:
    """The latest first. An order whose number was typed comes first, whatever else is asked."""
    number, sought = NUMBER.fullmatch(words.strip()), clean_words(words)
    ids = [int(number[1])] if number and len(number[1]) <= LONGEST_KEY else []
    found = read_rows(
        "find_orders",
        words=sought,
        ids=ids,
        number_only=bool(number) and not sought.isdecimal(),
        campaign=campaign.pk if campaign else None,
        state=standing.value if standing else "",
        key=place.key,
        back=place.back,
        most=A_PAGE + 1,
    )
    return cut([Found(**row) for row in found], place, size=A_PAGE, key=lambda row: row.id)
