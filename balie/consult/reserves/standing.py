"""How the reserves of a practice's teams stand, for who runs it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from balie.practices.models import Practice

OF_PRACTICE = """
select n.name, r.made_at, (select max(d.at) from consult_reserve_drill d where d.reserve_id = r.id and d.passed),
       consult_drill_due_v1(r.id) <= clock_timestamp(), r.used_at is not null
  from consult_team_name n left join consult_reserve r on r.group_id = n.group_id and r.replaced_at is null
 where n.practice_id = %s order by n.name, n.id
"""


@dataclass(frozen=True)
class Standing:
    """Of a team: when its reserve was made and drilled last; None where there is none, or nobody did."""

    team: str
    made_at: datetime | None
    drilled_at: datetime | None
    due: bool | None
    used: bool


def read_standing(*, practice: Practice) -> list[Standing]:
    """Of each team of this practice, by name."""
    with connection.cursor() as cursor:
        cursor.execute(OF_PRACTICE, [practice.pk])
        return [Standing(*row) for row in cursor.fetchall()]
