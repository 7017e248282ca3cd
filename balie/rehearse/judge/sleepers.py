"""Practices for which the installation itself orders, in their turn, from what they put ready: was their turn kept?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

SLEEPERS = """
select p.practice, p.failed_at is not null from judge.prepared p
where p.campaign = %(campaign)s and p.auto in ('one_day', 'parts')
"""

# Placed in the background before its number was called. Whose number never was is counted elsewhere.
EARLY = """
select o.number from judge.orders o join judge.tickets t on t.campaign = o.campaign and t.practice = o.practice
where o.campaign = %(campaign)s and o.auto and o.placed_at < t.called_at order by o.number
"""

# What each sleeper needs to have everything on one day, and since when it was to be served.
NEEDS = """
with needs as (
    select p.practice, t.number, greatest(t.called_at, p.auto_since) as since,
           sum(l.doses) as doses, count(distinct l.location) as stops
    from judge.prepared p
    join judge.tickets t on t.campaign = p.campaign and t.practice = p.practice and t.called_at is not null
    join judge.prepared_lines l on l.campaign = p.campaign and l.practice = p.practice
    where p.campaign = %(campaign)s and p.auto in ('one_day', 'parts')
    group by p.practice, t.number, t.called_at, p.auto_since
)
"""

# An order placed in the background took, on a day that a sleeper with a smaller number wished, at least what that one
# needed: so there was room for it too. And yet it was placed later or never; or together, and on a lesser wish.
OUT_OF_ORDER = (
    NEEDS  # noqa: S608 - both halves are ours
    + """
, took as (
    select o.number as placed, o.placed_at, t.number, l.day, sum(l.doses) as doses, count(distinct l.location) as stops
    from judge.orders o
    join judge.tickets t on t.campaign = o.campaign and t.practice = o.practice
    join judge.order_lines l on l.campaign = o.campaign and l.number = o.number
    where o.campaign = %(campaign)s and o.auto
    group by o.number, o.placed_at, t.number, l.day
), got as (
    select o.practice, o.placed_at, max(w.rank) as rank
    from judge.orders o
    join judge.order_lines l on l.campaign = o.campaign and l.number = o.number
    join judge.wishes w on w.campaign = o.campaign and w.practice = o.practice and w.day = l.day
    where o.campaign = %(campaign)s
    group by o.practice, o.placed_at
)
select distinct took.placed
from needs
join took on took.number > needs.number and took.placed_at >= needs.since
    and took.doses >= needs.doses and took.stops >= needs.stops
join judge.wishes w on w.campaign = %(campaign)s and w.practice = needs.practice and w.day = took.day
left join judge.orders own on own.campaign = %(campaign)s and own.practice = needs.practice
left join got on got.practice = needs.practice
where own.number is null or own.placed_at > took.placed_at or (own.placed_at = took.placed_at and got.rank > w.rank)
order by took.placed
"""
)

# At the end there is room on a day it wished for all it needs, and it has no order.
PASSED_OVER = (
    NEEDS  # noqa: S608 - both halves are ours
    + """
select distinct needs.practice
from needs
join judge.wishes w on w.campaign = %(campaign)s and w.practice = needs.practice
join judge.days d on d.campaign = w.campaign and d.day = w.day
where d.doses_limit - d.doses_taken >= needs.doses and d.addresses_limit - d.addresses_taken >= needs.stops
and not exists (select 1 from judge.orders o where o.campaign = w.campaign and o.practice = needs.practice)
order by needs.practice
"""
)

# Placed in the background and not what was put ready: other lines, a day that nobody wished, or several days unasked.
ALTERED = """
select o.number
from judge.orders o
left join judge.prepared p on p.campaign = o.campaign and p.practice = o.practice
where o.campaign = %(campaign)s and o.auto and (
    exists (
        (select l.product, l.location, l.doses from judge.order_lines l
          where l.campaign = o.campaign and l.number = o.number
         except
         select w.product, w.location, w.doses from judge.prepared_lines w
          where w.campaign = o.campaign and w.practice = o.practice)
        union all
        (select w.product, w.location, w.doses from judge.prepared_lines w
          where w.campaign = o.campaign and w.practice = o.practice
         except
         select l.product, l.location, l.doses from judge.order_lines l
          where l.campaign = o.campaign and l.number = o.number))
    or exists (
        select day from judge.order_lines where campaign = o.campaign and number = o.number
        except
        select day from judge.wishes where campaign = o.campaign and practice = o.practice)
    or p.auto is distinct from 'parts'
       and 1 < (select count(distinct day) from judge.order_lines where campaign = o.campaign and number = o.number))
order by o.number
"""


@dataclass(frozen=True, kw_only=True)
class Sleepers:
    """Those the installation was to order for, and whether it told them that it could not; order numbers that are wrong
    in some way; and practices that were passed over.
    """

    asked: dict[int, bool]
    early: list[str]
    out_of_order: list[str]
    altered: list[str]
    passed_over: list[int]

    @property
    def inversions(self) -> int:
        return len(set(self.early) | set(self.out_of_order))


def read_sleepers(connection: psycopg.Connection[Any], campaign: int) -> Sleepers:
    """From the snapshot of the caller's transaction."""
    here = {"campaign": campaign}

    def column(query: str) -> list[Any]:
        return [row[0] for row in connection.execute(query, here)]

    return Sleepers(
        asked=dict(connection.execute(SLEEPERS, here)),
        early=column(EARLY),
        out_of_order=column(OUT_OF_ORDER),
        altered=column(ALTERED),
        passed_over=column(PASSED_OVER),
    )
