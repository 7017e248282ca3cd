"""Telling the public: open an incident, write an update, promise the next, close. By people, and by the watch itself.

Every update of a person promises another or closes the incident. A promise of a person is answered by people alone:
what the watch writes by itself keeps only what it promised itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from balie.ops.incidents.models import WATCH, Happening, Incident, Promise, Update
from balie.ops.incidents.words import Text
from balie.ops.oncall.models import Page
from balie.ops.oncall.paging import resolve
from balie.ops.refusing import RefusedError
from balie.ops.router import DATABASE

LONGEST: Final = timedelta(hours=24)
What = Happening.What


class TellingError(RefusedError):
    """It cannot be told so; the text names why, for programs: `over`, `no-promise`, `past`, `too-far`."""


@dataclass(frozen=True, slots=True)
class Next:
    """A promised next update. `owner` as in `Promise`."""

    due_at: datetime
    owner: str = ""


def note(incident: Incident, what: Happening.What, at: datetime, who: str = WATCH, **about: Any) -> None:
    """A line in the incident's log."""
    Happening.objects.create(incident=incident, at=at, what=what, who=who, about=about)


@transaction.atomic(using=DATABASE)
def open_by_hand(
    *, title: Text, functions: dict[str, str], severity: str, text: Text, following: Next, author: str, now: datetime
) -> Incident:
    """Somebody saw what no probe did. Raises TellingError."""
    incident = Incident.objects.create(
        began_at=now, severity=severity, functions=functions, title_nl=title.nl, title_en=title.en, communicator=author
    )
    note(incident, What.OPENED, now, author, functions=functions)
    tell(incident, text, author=author, now=now, following=following)
    return incident


@transaction.atomic(using=DATABASE)
def tell(
    incident: Incident, text: Text, *, author: str, now: datetime, following: Next | None = None, closes: bool = False
) -> Update:
    """One update, with what it promises. Raises TellingError."""
    if author != WATCH:
        _check(following, closes=closes, now=now)
    # The guard: whoever comes second waits here, and finds it closed or counts on.
    still = Incident.objects.filter(pk=incident.pk, closed_at=None)
    over = {"closed_at": now} if closes else {}
    if not still.update(updates_told=F("updates_told") + 1, **over):
        raise TellingError("over")
    incident.refresh_from_db()
    update = Update.objects.create(
        incident=incident,
        number=incident.updates_told,
        at=now,
        author=author,
        text_nl=text.nl,
        text_en=text.en,
        closes=closes,
    )
    note(incident, What.CLOSED if closes else What.TOLD, now, author, update=update.number)
    if closes and incident.recovered_at is None:
        Incident.objects.filter(pk=incident.pk).update(recovered_at=now, functions={})
        incident.refresh_from_db()
    if author != WATCH or incident.recovered_at:
        _answer(incident, update)
    if following:
        Promise.objects.create(incident=incident, made_in=update, due_at=following.due_at, owner=following.owner)
    return update


def _check(following: Next | None, *, closes: bool, now: datetime) -> None:
    if closes == (following is not None):
        raise TellingError("no-promise")
    if following and following.due_at <= now:
        raise TellingError("past")
    if following and following.due_at > now + LONGEST:
        raise TellingError("too-far")


def _answer(incident: Incident, update: Update) -> None:
    """The open promise is answered, and nobody is chased for it any more. That all is well again answers what the watch
    promised by itself.
    """
    promise = incident.promises.filter(answered_at=None).select_related("made_in").first()
    if promise is None or (update.author == WATCH and promise.made_in.author != WATCH):
        return
    Promise.objects.filter(pk=promise.pk).update(answer=update, answered_at=update.at)
    for page in Page.objects.filter(subject__startswith=f"promise:{promise.pk}:", resolved_at=None):
        resolve(page, update.at, update.at)


@transaction.atomic(using=DATABASE)
def give_roles(incident: Incident, *, commander: str, communicator: str, author: str, now: datetime) -> None:
    """Who leads, and who tells."""
    roles = {"commander": commander, "communicator": communicator}
    Incident.objects.filter(pk=incident.pk).update(**roles)
    note(incident, What.ROLES, now, author, **roles)


def human(incident: Incident) -> bool:
    """Somebody has said something in it: from then on the watch does not speak for them."""
    return incident.updates.exclude(author=WATCH).exists()
