"""The log of acts as a practice reads its own, and as the organiser exports it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from balie.ordering.queries.act_words import OTHERS
from balie.ordering.queries.acts import has_words, say_act
from balie.practices.models import AuditEvent, Practice
from balie.practices.person_log import WORDS

PAGE: Final = 50
AT_ONCE: Final = 2000


@dataclass(frozen=True)
class Entry:
    """An act: what, in words; `by` is empty where Balie itself did it."""

    event: AuditEvent
    say: str
    by: str

    @property
    def content(self) -> dict[str, Any]:
        """All that is known of it, for programs."""
        event = self.event
        return {
            "id": event.pk,
            "at": event.at,
            "action": event.action,
            "subject": event.subject,
            "practice": event.practice.agb_code if event.practice else None,
            "by": self.by or None,
            "reason": event.reason,
            "origin": event.origin,
            "detail": event.detail,
        }


def read_logbook(practice: Practice | None, *, before: int | None = None) -> tuple[list[Entry], int | None]:
    """The latest acts on the practice (None: of everybody), or those before that key; and where the rest begins, if
    there is any.
    """
    found = _events(practice).order_by("-pk")
    events = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    return [_entry(event) for event in events[:PAGE]], events[PAGE - 1].pk if len(events) > PAGE else None


def read_whole_logbook(practice: Practice | None) -> Iterator[Entry]:
    """Every act on the practice (None: of everybody), the oldest first. Some at a time, each from the key of the last
    one on: no cursor stays open while somebody with a slow line reads, and what is added meanwhile is for the next.
    """
    found = _events(practice).order_by("pk")
    last = found.values_list("pk", flat=True).last() or 0
    after = 0
    while after < last:
        events = list(found.filter(pk__gt=after, pk__lte=last)[:AT_ONCE])
        if not events:
            return
        yield from map(_entry, events)
        after = events[-1].pk


def _events(practice: Practice | None) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.select_related("actor", "practice")
    return events.filter(practice=practice) if practice else events


def say_any(event: AuditEvent) -> str:
    """What was done, in words; the action's own name where we have none."""
    if has_words(event):
        return say_act(event)
    return str(OTHERS.get(event.action) or WORDS.get(event.action) or event.action)


def _entry(event: AuditEvent) -> Entry:
    return Entry(event, say_any(event), event.actor.name if event.actor else "")
