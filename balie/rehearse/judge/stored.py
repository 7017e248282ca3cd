"""What the installation has stored, read through the views of schema `judge` only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from balie.rehearse.judge.evidence import Line
from balie.rehearse.judge.sleepers import Sleepers, read_sleepers

# What is given away of a day, counted again from the lines: an address counts once a day, however many lines go there.
RECOUNT = """
with given as (
    select day, doses, coalesce(location::text, address) as stop from judge.order_lines where campaign = %(campaign)s
    union all
    select day, doses, location::text from judge.holds where campaign = %(campaign)s and state = 'held'
), recount as (
    select day, sum(doses) as doses, count(distinct stop) as addresses from given group by day
)
select day, d.doses_limit, d.addresses_limit, coalesce(r.doses, 0) as doses, coalesce(r.addresses, 0) as addresses,
       d.doses_taken, d.addresses_taken
from (select * from judge.days where campaign = %(campaign)s) d full join recount r using (day)
order by day
"""

# A practice that was called while another with a smaller number was waiting uncalled; or that ordered uncalled.
INVERSIONS = """
select (
    select count(*) from judge.tickets early
    where early.campaign = %(campaign)s and early.called_at is not null and (early.number is null or exists (
        select 1 from judge.tickets passed
        where passed.campaign = early.campaign and passed.number < early.number
          and passed.arrived_at <= early.called_at
          and (passed.called_at is null or passed.called_at > early.called_at)))
) + (
    select count(*) from judge.orders o
    where o.campaign = %(campaign)s and not exists (
        select 1 from judge.tickets t
        where t.campaign = o.campaign and t.practice = o.practice and t.called_at is not null)
)
"""

ORDERS = "select practice, number, hold_key::text, placed_at, auto from judge.orders where campaign = %(campaign)s"
ORDER_LINES = """
select number, day::text, product, location, doses from judge.order_lines where campaign = %(campaign)s
"""
TICKETS = """
select ticket::text, practice, arrived_at, number, round from judge.tickets where campaign = %(campaign)s
"""
MAIL = """
select m.reference, m.message_id, m.state from judge.mail m join judge.orders o on o.number = m.reference
where o.campaign = %(campaign)s
"""


@dataclass(frozen=True)
class Order:
    practice: int
    number: str
    hold_key: str
    placed_at: datetime
    auto: bool
    lines: frozenset[Line]


@dataclass(frozen=True)
class Day:
    """A day's limits, what the lines add up to, and what the installation's own counters say."""

    day: str
    doses_limit: int | None
    addresses_limit: int | None
    doses: int
    addresses: int
    doses_taken: int | None
    addresses_taken: int | None

    @property
    def oversold(self) -> bool:
        if self.doses_limit is None or self.addresses_limit is None:
            return True  # given away on a day that does not exist
        return self.doses > self.doses_limit or self.addresses > self.addresses_limit

    @property
    def miscounted(self) -> bool:
        return (self.doses, self.addresses) != (self.doses_taken, self.addresses_taken)


@dataclass(frozen=True)
class Ticket:
    ticket: str
    practice: int
    arrived_at: datetime
    number: int | None
    round: int


@dataclass(frozen=True)
class Mail:
    order: str
    message_id: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Everything stored about one campaign, from one snapshot."""

    orders: list[Order]
    days: list[Day]
    tickets: list[Ticket]
    mail: list[Mail]
    sleepers: Sleepers
    queue_inversions: int


def read_days(connection: psycopg.Connection[Any], campaign: int) -> list[Day]:
    """Limits and recount of every day, from one statement and so from one snapshot."""
    return [Day(str(row[0]), *row[1:]) for row in connection.execute(RECOUNT, {"campaign": campaign})]


def read_stored(dsn: str, campaign: int) -> Stored:
    """Read a whole campaign as one consistent picture."""
    here = {"campaign": campaign}
    with psycopg.connect(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        lines: dict[str, set[Line]] = defaultdict(set)
        for number, *line in connection.execute(ORDER_LINES, here):
            lines[number].add(Line(*line))
        return Stored(
            orders=[
                Order(practice, number, key, placed_at, auto, frozenset(lines[number]))
                for practice, number, key, placed_at, auto in connection.execute(ORDERS, here)
            ],
            days=read_days(connection, campaign),
            tickets=[Ticket(*row) for row in connection.execute(TICKETS, here)],
            mail=[Mail(*row) for row in connection.execute(MAIL, here)],
            sleepers=read_sleepers(connection, campaign),
            queue_inversions=connection.execute(INVERSIONS, here).fetchone()[0],  # type: ignore[index]
        )
