"""How long consultaties take, by agreement and group, from their times alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from balie.lib.sqlfiles import read_sql


@dataclass(frozen=True)
class Figures:
    """Of the questions of a time under one agreement, to one team of a practice; without `team` to people by
    themselves. `ours`: they were asked by this practice; else they were asked of it. `settled`: concluded, or past
    their time; `in_time`: concluded before it.
    """

    ours: bool
    kind: str
    unit: str
    within: int
    team: str
    asked: int
    picked_up: int
    pick_up_median: timedelta | None
    pick_up_p90: timedelta | None
    concluded: int
    conclude_median: timedelta | None
    conclude_p90: timedelta | None
    settled: int
    in_time: int

    @property
    def share_in_time(self) -> float | None:
        return self.in_time / self.settled if self.settled else None


def read_figures(*, practice: int, since: datetime, until: datetime) -> Sequence[Figures]:
    """Of what was asked from `since` to before `until`, by this practice or of a team of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("consult", "consultation_figures"), {"practice": practice, "since": since, "until": until}
        )
        return [Figures(*row) for row in cursor.fetchall()]
