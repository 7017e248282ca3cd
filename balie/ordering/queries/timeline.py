"""What happened in a night by itself, apart from what anybody did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils.translation import gettext as _

from balie.lib.sqlfiles import read_sql
from balie.ordering.models import Campaign
from balie.practices.templatetags.balie import clock_seconds, day, number

# Mail is said to be slow from so many that wait for over a minute, until none does: a few may have mailboxes that are
# slow by themselves.
SLOW_FROM = 20


@dataclass(frozen=True)
class Happening:
    """One line of the night's log; `full_day` where it tells that a delivery day is full."""

    at: datetime
    say: str
    full_day: date | None = None


def read_happenings(campaign: Campaign) -> list[Happening]:
    """In no particular order."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("ordering", "night_timeline"), {"campaign": campaign.pk})
        found = [_happening(*row) for row in cursor.fetchall()]
        cursor.execute(read_sql("ordering", "night_late_mails"), {"campaign": campaign.pk})
        found += slow_mail(cursor.fetchall())
    return found


def slow_mail(late: Iterable[tuple[datetime, int]]) -> Iterator[Happening]:
    """When mail became slow and when it was well again, from moments and how many mails were late then."""
    slow, most = False, 0
    for at, count in late:
        if not slow and count >= SLOW_FROM:
            slow, most = True, 0
            yield Happening(at, _("De mail is traag: bevestigingen komen later. Bestellen gaat gewoon door"))
        most = max(most, count)
        if slow and count == 0:
            slow = False
            words = {"most": number(most)}
            yield Happening(at, _("De mail is weer op tijd; hooguit %(most)s bevestigingen waren te laat") % words)


def _happening(at: datetime, kind: str, count: int | None, full: date | None, until: datetime | None) -> Happening:
    if kind == "first_call":
        return Happening(at, _("De eerste praktijken zijn aan de beurt"))
    if kind == "orders":
        return Happening(at, _first_or_more(count or 0))
    if kind == "day_full":
        assert full is not None
        return Happening(at, _("%(day)s is helemaal besteld") % {"day": day(full).capitalize()}, full)
    if until is None:
        return Happening(at, _("De klok staat stil; niemand verliest tijd"))
    return Happening(at, _("De klok stond stil tot %(until)s; niemand verloor tijd") % {"until": clock_seconds(until)})


def _first_or_more(count: int) -> str:
    if count == 1:
        return _("De eerste bestelling staat vast")
    return _("%(count)s bestellingen staan vast") % {"count": number(count)}
