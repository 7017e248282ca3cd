"""Builders for tests: a room as the organiser's service makes it, moved to where the test needs it."""

from datetime import timedelta

from django.utils import timezone

from balie.waitingroom.models import Room
from balie.waitingroom.services import create_room


def make_room(*, doors_in_s: float = -60, draws_in_s: float = -1, closes_in_s: float = 3600, pace: int = 60) -> Room:
    """A room whose times are given in seconds from now; unless told otherwise it is about to be drawn."""
    now = timezone.now()
    return create_room(
        doors_at=now + timedelta(seconds=doors_in_s),
        draw_at=now + timedelta(seconds=draws_in_s),
        closes_at=now + timedelta(seconds=closes_in_s),
        pace=pace,
    )
