"""How many hear of outages, and what became of the latest that they were told; for staff, and without an address."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from balie.ops.incidents.planning import act_words
from balie.ops.incidents.status import in_this_language
from balie.ops.subscribers.models import GONE, Sending, Spread, Subscriber

LATEST: Final = 20
_TAKEN: Final = Q(outcome=Sending.Outcome.SENT)
_OVER: Final = Q(outcome__in=(Sending.Outcome.REFUSED, Sending.Outcome.UNKNOWN))


@dataclass(frozen=True)
class Channel:
    """How many read there, were asked and said nothing yet, left, or have an address that is there no longer."""

    name: str
    reading: int
    asked: int
    left: int
    lost: int


@dataclass(frozen=True)
class Telling:
    """One thing that was told: to how many it went, is on its way, or did not go (yet)."""

    at: datetime
    title: str
    taken: int
    under_way: int
    refused: int


def channels() -> list[Channel]:
    """Every channel, in the language of the moment."""
    names = {"mail": _("Mail"), "webhook": _("Webhook"), "post": _("Praktijk of post")}
    counted = Subscriber.objects.values_list("channel").annotate(
        reading=Count("pk", filter=Q(confirmed_at__isnull=False, left_at=None)),
        asked=Count("pk", filter=Q(confirmed_at=None, left_at=None)),
        left=Count("pk", filter=GONE & Q(lost=False)),
        lost=Count("pk", filter=Q(lost=True)),
    )
    found = {channel: numbers for channel, *numbers in counted}
    return [Channel(name, *found.get(key, (0, 0, 0, 0))) for key, name in names.items()]


def tellings() -> Iterator[Telling]:
    """The latest, the newest first, in the language of the moment."""
    spreads = Spread.objects.select_related("update_told__incident", "act_told__maintenance").order_by("-pk")
    for spread in spreads[:LATEST]:
        update, act = spread.update_told, spread.act_told
        if update:
            incident = update.incident
            at, title = update.at, f"{incident.number}: {in_this_language(incident.title_nl, incident.title_en)}"
            sent = Sending.objects.filter(update_told=update)
        else:
            assert act is not None, "a spread is of one of the two"
            at, title = act.at, f"{act.maintenance.number}: {act_words(act)}"
            sent = Sending.objects.filter(act_told=act)
        counted = sent.aggregate(taken=Count("pk", filter=_TAKEN), refused=Count("pk", filter=_OVER), all=Count("pk"))
        under_way = counted["all"] - counted["taken"] - counted["refused"]
        yield Telling(at, title, counted["taken"], under_way, counted["refused"])
