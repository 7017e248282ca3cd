"""What the organiser does to a waiting room. Every act is audited and reaches all who wait within a second."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.practices.models import Person
from balie.practices.services import clean_reason, record
from balie.runtime.services import notify_after_commit
from balie.waitingroom.models import Room, Round

FASTEST_PACE = 6000
LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class Opening:
    """When a round of a room freezes its list, and whose round it is; the name is empty for everybody's."""

    draw_at: datetime
    name: str = ""


@transaction.atomic
def create_room(*, doors_at: datetime, openings: Sequence[Opening], closes_at: datetime, pace: int) -> Room:
    """A room with one round or more, each with its secret seed; the hashes of the seeds are published from the moment
    the doors open.
    """
    room = Room.objects.create(doors_at=doors_at, closes_at=closes_at, pace=pace)
    set_openings(room=room, openings=openings)
    return room


@transaction.atomic
def set_openings(*, room: Room, openings: Sequence[Opening]) -> None:
    """Let these be the rounds of the room, in this order. The caller sees to it that no frozen round changes, and none
    comes or goes once there are tickets; a round that stays keeps its seal.
    """
    room.rounds.filter(position__gt=len(openings)).delete()
    kept = {each.position: each for each in room.rounds.all()}
    for position, opening in enumerate(openings, start=1):
        if position in kept:
            Round.objects.filter(pk=kept[position].pk).update(draw_at=opening.draw_at, name=opening.name)
        else:
            seed = secrets.token_bytes(32)
            Round.objects.create(
                room=room,
                position=position,
                name=opening.name,
                draw_at=opening.draw_at,
                seed=seed,
                seed_hash=hashlib.sha256(seed).digest(),
                sealed_at=timezone.now(),
            )


@transaction.atomic
def set_pace(*, room: Room, pace: int, actor: Person, reason: str) -> None:
    """Call `pace` numbers a minute from now on. Raises ValidationError for a pace outside 1 to 6,000 or no reason."""
    if not 1 <= pace <= FASTEST_PACE:
        raise ValidationError(
            _("Kies een tempo van 1 tot %(most)s praktijken per minuut.") % {"most": FASTEST_PACE}, code="pace"
        )
    before = _locked(room).pace
    _change(room, actor=actor, action="room.pace_set", reason=reason, detail={"from": before, "to": pace}, pace=pace)


@transaction.atomic
def pause(*, room: Room, actor: Person, reason: str) -> None:
    """Call nobody until `resume`; who is inside goes on. Raises ValidationError without a reason."""
    _locked(room)
    _change(room, actor=actor, action="room.paused", reason=reason, detail={}, paused=True)


@transaction.atomic
def resume(*, room: Room, actor: Person, reason: str) -> None:
    """Call numbers again, at the pace that was set. Raises ValidationError without a reason."""
    _locked(room)
    _change(room, actor=actor, action="room.resumed", reason=reason, detail={}, paused=False)


@transaction.atomic
def post_message(*, room: Room, text: str, actor: Person, reason: str = "") -> None:
    """Show one message to all who wait, in place of the one before; an empty text takes it away.

    Raises ValidationError when it is longer than 500 characters, or when an empty one comes without a reason.
    """
    text = text.strip()
    if len(text) > LONGEST_MESSAGE:
        raise ValidationError(
            _("Het bericht mag hooguit %(most)s tekens lang zijn; dit is %(length)s.")
            % {"most": LONGEST_MESSAGE, "length": len(text)},
            code="message",
        )
    _locked(room)
    _change(
        room,
        actor=actor,
        action="room.message_posted",
        reason=text or reason,
        detail={"text": text},
        message=text,
        message_at=timezone.now() if text else None,
    )


def _locked(room: Room) -> Room:
    return Room.objects.select_for_update(no_key=True).get(pk=room.pk)


def _change(
    room: Room, *, actor: Person, action: str, reason: str, detail: dict[str, object], **fields: object
) -> None:
    reason = clean_reason(reason)
    Room.objects.filter(pk=room.pk).update(**fields)
    record(actor=actor, practice=None, action=action, subject=f"room:{room.pk}", reason=reason, detail=detail)
    notify_after_commit(f"room:{room.pk}")
