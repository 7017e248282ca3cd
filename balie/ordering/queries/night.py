"""The log of the night: what happened by itself, and what staff did, with their reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign
from balie.ordering.queries.acts import say_act
from balie.ordering.queries.timeline import Happening, read_happenings
from balie.practices.models import AuditEvent, Practice
from balie.practices.services import events_about
from balie.practices.templatetags.balie import number
from balie.waitingroom.models import Room, Round

MOST_SHOWN = 50
# What practices do by the thousand, and no night is told by.
NOT_TOLD = ("trial.started_over",)


@dataclass(frozen=True)
class Entry:
    """One line: what happened; to which practice, where it was one; who did it, `by_staff` of the organiser or not, and
    why, where somebody did.
    """

    at: datetime
    say: str
    practice: Practice | None = None
    by: str = ""
    by_staff: bool = False
    reason: str = ""


def read_log(campaign: Campaign, *, most: int = MOST_SHOWN) -> list[Entry]:
    """The latest first, at most so many."""
    return tell(campaign, read_happenings(campaign), most=most)


def tell(campaign: Campaign, happenings: Sequence[Happening], *, most: int) -> list[Entry]:
    """The log, with `happenings` that were read already."""
    subjects = (f"room:{campaign.room_id}", f"campaign:{campaign.slug}")
    acts = [_act(event) for event in events_about(*subjects, most=most, without=NOT_TOLD)]
    happened = [Entry(happening.at, happening.say) for happening in happenings]
    entries = sorted([*acts, *_milestones(campaign.room), *happened], key=lambda entry: entry.at, reverse=True)
    return entries[:most]


def read_rule_changes(campaign: Campaign) -> list[Entry]:
    """Which versions the rules had, the latest first: who put each in force, when and why."""
    events = AuditEvent.objects.select_related("actor").filter(
        subject=f"campaign:{campaign.slug}", action__in=("campaign.created", "campaign.rules_changed")
    )
    return [
        Entry(
            event.at,
            _("Versie %(version)s") % {"version": event.detail.get("version", 1)},
            by=event.actor.name if event.actor else "",
            reason=event.reason,
        )
        for event in events.order_by("-at", "-pk")[:MOST_SHOWN]
    ]


def _milestones(room: Room) -> list[Entry]:
    now = timezone.now()
    found = []
    if room.doors_at <= now:
        found.append(Entry(room.doors_at, _("De wachtkamer is open en het zegel is gepubliceerd")))
    for each in room.rounds.all():
        found += _draw(each)
    if room.closes_at <= now:
        found.append(Entry(room.closes_at, _("Bestellen is gesloten")))
    return found


def _draw(each: Round) -> list[Entry]:
    """What a round went through; with its name, where it has one."""
    found, of = [], f"{each.name}: " if each.name else ""
    if each.frozen_at:
        listed = _("De lijst is gesloten: %(count)s praktijken loten mee") % {"count": number(each.drawn_count or 0)}
        found.append(Entry(each.frozen_at, of + listed))
    if each.drawn_at and each.beacon:
        drawn = _("De nummers zijn getrokken, met een toevalsgetal van %(source)s") % {"source": each.beacon["source"]}
        found.append(Entry(each.drawn_at, of + drawn))
    elif each.drawn_at:
        found.append(Entry(each.drawn_at, of + _("De nummers zijn getrokken, zonder toevalsgetal van buiten")))
    return found


def _act(event: AuditEvent) -> Entry:
    said = event.detail.get("text") == event.reason
    return Entry(
        event.at,
        say_act(event),
        practice=event.practice,
        by=event.actor.name if event.actor else "",
        by_staff=event.actor is not None and event.actor.is_organiser,
        reason="" if said else event.reason,
    )
