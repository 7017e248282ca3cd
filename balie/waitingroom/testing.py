"""Builders for tests: a room as the organiser's service makes it, moved to where the test needs it."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from balie.waitingroom.models import Room
from balie.waitingroom.services import Opening, create_room


def make_room(
    *, doors_in_s: float = -60, draws_in_s: float | Sequence[float] = -1, closes_in_s: float = 3600, pace: int = 60
) -> Room:
    """A room whose times are given in seconds from now, the draws one for each round; unless told otherwise it has one
    round, and that is about to be drawn.
    """
    now = timezone.now()
    draws = draws_in_s if isinstance(draws_in_s, Sequence) else [draws_in_s]
    return create_room(
        doors_at=now + timedelta(seconds=doors_in_s),
        openings=[Opening(now + timedelta(seconds=each)) for each in draws],
        closes_at=now + timedelta(seconds=closes_in_s),
        pace=pace,
    )
