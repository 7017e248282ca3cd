"""Who is on call when: shifts in an iCalendar file, as any calendar program writes them.

The summary of a shift is the name of a person in the team's file. A shift of the category OVERRIDE goes before the
others while it lasts; a program that moves one shift of a series does the same by itself. Times without a zone, and
whole days, are those of the Netherlands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
OVERRIDE: Final = "OVERRIDE"


class RotaError(ValueError):
    """The calendar cannot be used; the text says what is wrong, where, and what is expected."""


@dataclass(frozen=True, slots=True)
class Shift:
    person: str
    begin: datetime
    end: datetime
    override: bool


class Rota:
    """Read whole, or refused with a RotaError."""

    def __init__(self, text: str, people: set[str]) -> None:
        try:
            calendar = Calendar.from_ical(text)
        except ValueError as fault:
            raise RotaError(f"no iCalendar file: {fault}") from None
        assert isinstance(calendar, Calendar)
        events = [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]
        if not events:
            raise RotaError("it has no shifts; each is a VEVENT whose SUMMARY is the name of a person")
        for event in events:
            if (name := _person(event)) not in people:
                known = ", ".join(sorted(people))
                raise RotaError(f"shift {event.get('UID', '?')}: there is no {name!r}; known are {known}")
        self.members: frozenset[str] = frozenset(map(_person, events))
        self._series = recurring_ical_events.of(calendar)

    def on_call(self, at: datetime) -> tuple[str, ...]:
        """Whose shift it is; empty when it is nobody's."""
        now = [shift for shift in self._shifts(at, at + timedelta(seconds=1)) if shift.begin <= at < shift.end]
        first = [shift for shift in now if shift.override] or now
        return tuple(sorted({shift.person for shift in first}))

    def gaps(self, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """When it is nobody's shift, between these two."""
        found, covered = [], begin
        for shift in sorted(self._shifts(begin, end), key=lambda each: each.begin):
            if shift.begin > covered:
                found.append((covered, shift.begin))
            covered = max(covered, shift.end)
        return [*found, (covered, end)] if covered < end else found

    def _shifts(self, begin: datetime, end: datetime) -> Iterator[Shift]:
        for event in self._series.between(begin.astimezone(AMSTERDAM), end.astimezone(AMSTERDAM)):
            categories = event.categories if isinstance(event, Event) else []
            yield Shift(
                person=_person(event),
                begin=_moment(event.start),
                end=_moment(event.end),
                override=OVERRIDE in {str(each).upper() for each in categories},
            )


def _person(event: Event) -> str:
    return str(event.get("SUMMARY", "")).strip()


def _moment(value: date) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=AMSTERDAM)
    return value if value.tzinfo else value.replace(tzinfo=AMSTERDAM)
