"""The ordering calls of the live and work processes: async, set-based, no ORM. The rules are in `sql/`, not here.

Each call is one transaction on a connection of `balie.runtime.hot`. Arrays travel as PostgreSQL's text literals:
psycopg would look at every element to find its type, and prepare one statement per combination of types.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.conf import settings
from msgspec import Meta
from psycopg.rows import TupleRow

from balie.lib.sqlfiles import read_sql
from balie.runtime.hot import Connection

# As wide as the columns: a larger number in a body is a bad request, not an error of the whole batch.
Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Doses = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
# Which of a practice's orders in a campaign: see `Order.slot`.
Slot = Annotated[int, Meta(ge=0, le=999)]

HOLD = """
select outcome, hold_key, expires_at, now, line_product, line_location, line_doses, line_day, detail
  from ordering_hold_batch_v1(%s, %s::bigint[], %s::uuid[], %s::bigint[], %s::int[],
         %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::int[], %s::date[], %s::smallint[])
"""
# Where each was asked from goes along as a setting of the transaction, which the log of acts reads
# (practices/sql/audit_origin_v1.sql). The call hangs on it, so that it is there first.
CONFIRM = """
select outcome, number, placed_at, hold_key
  from (select set_config('balie.origins', %s, true) as origins offset 0) told
 cross join lateral ordering_confirm_batch_v1(
         %s, %s::bigint[], %s::uuid[], %s::bigint[], %s::int[], case when told.origins is null then '' else %s end,
         %s::smallint[])
"""
RELEASE = "select outcome, number from ordering_release_batch_v1(%s, %s::bigint[], %s::uuid[], %s::smallint[])"
SWEEP = "select ordering_sweep_v1(make_interval(secs => %s), %s)"
PLACE = "select ordering_place_v1(null, %s)"


class Line(msgspec.Struct, frozen=True):
    """So many doses of a product to a location, on a day; without one, on the first day of the ranking with room."""

    product: Id
    location: Id
    doses: Doses
    day: date | None = None


class HoldRequest(msgspec.Struct, frozen=True):
    """`elapsed_ms`: milliseconds since the request reached us, at the moment of the call."""

    practice: int
    key: UUID
    actor: int | None
    elapsed_ms: int
    lines: list[Line]
    ranking: list[date]
    slot: int = 0


class HoldAnswer(msgspec.Struct, frozen=True):
    """`outcome` is an outcome or code of docs/spec/live.md; `key` to `remaining_ms` are there when held.

    `detail` holds what the code needs: `days`, `number`, `called`, `opens_at` or `errors`.
    """

    outcome: str
    key: UUID | None
    lines: list[Line]
    expires_at: datetime | None
    remaining_ms: int | None
    now: datetime
    detail: dict[str, Any]


class ConfirmRequest(msgspec.Struct, frozen=True):
    """`elapsed_ms` as in HoldRequest; the actor becomes who placed the order, `origin` the address they asked from."""

    practice: int
    key: UUID
    actor: int | None
    elapsed_ms: int
    origin: str = ""
    slot: int = 0


class ConfirmAnswer(msgspec.Struct, frozen=True):
    """`outcome`: ordered, lapsed, no_hold, blocked, replaced (`key` is what is held instead) or full."""

    outcome: str
    number: str | None
    placed_at: datetime | None
    key: UUID | None


class ReleaseRequest(msgspec.Struct, frozen=True):
    """Give back the hold with this key."""

    practice: int
    key: UUID
    slot: int = 0


class ReleaseAnswer(msgspec.Struct, frozen=True):
    """`outcome`: released, or already_ordered with the order's number."""

    outcome: str
    number: str | None


class DayRow(msgspec.Struct, frozen=True):
    """A delivery day. Taken is held and ordered together; held is what may still come back."""

    day: date
    doses_limit: int
    doses_taken: int
    doses_held: int
    addresses_limit: int
    addresses_taken: int
    addresses_held: int


class MyTicket(msgspec.Struct, frozen=True):
    """The practice's place in the waiting room."""

    ticket: UUID
    round: int
    arrived_at: datetime
    number: int | None
    called: bool


class MyHold(msgspec.Struct, frozen=True):
    """What the practice holds, or held until it lapsed: then `live` is false."""

    key: UUID
    lines: list[Line]
    expires_at: datetime
    remaining_ms: int
    live: bool


class MyOrder(msgspec.Struct, frozen=True):
    """The practice's order."""

    number: str
    placed_at: datetime


class MyAuto(msgspec.Struct, frozen=True):
    """Balie orders for the practice, `parts`: in parts if it must; `failed_at` since when in vain."""

    parts: bool
    failed_at: datetime | None


class Mine(msgspec.Struct, frozen=True):
    """Where a practice stands with one of its orders. `version` grows with every change of its hold; 0 before any.

    `blocked`: the organiser lets it hold and confirm nothing.
    """

    now: datetime
    still: bool
    window_s: int
    version: int
    blocked: bool
    ticket: MyTicket | None
    hold: MyHold | None
    order: MyOrder | None
    auto: MyAuto | None


async def hold_batch(conn: Connection, campaign: int, requests: Sequence[HoldRequest]) -> list[HoldAnswer]:
    """Settle requests of as many practices in one transaction; answers in the order asked.

    Never raises for a business outcome. A practice may be in a batch once: psycopg.errors.CardinalityViolation.
    """
    lines = [line for request in requests for line in request.lines]
    params = (
        campaign,
        _array(request.practice for request in requests),
        _array(request.key for request in requests),
        _array(request.actor for request in requests),
        _array(request.elapsed_ms for request in requests),
        _array(len(request.lines) for request in requests),
        _array(line.product for line in lines),
        _array(line.location for line in lines),
        _array(line.doses for line in lines),
        _array(line.day for line in lines),
        _array(len(request.ranking) for request in requests),
        _array(day for request in requests for day in request.ranking),
        _array(request.slot for request in requests),
    )
    return [_hold_answer(*row) for row in await _rows(conn, HOLD, params)]


async def confirm_batch(conn: Connection, campaign: int, requests: Sequence[ConfirmRequest]) -> list[ConfirmAnswer]:
    """Make orders of what is held, with their audit events and mail rows; answers in the order asked."""
    origins = {str(request.practice): request.origin for request in requests}
    params = (
        msgspec.json.encode(origins).decode(),
        campaign,
        _array(request.practice for request in requests),
        _array(request.key for request in requests),
        _array(request.actor for request in requests),
        _array(request.elapsed_ms for request in requests),
        settings.MAIL_DOMAIN,
        _array(request.slot for request in requests),
    )
    return [ConfirmAnswer(*row) for row in await _rows(conn, CONFIRM, params)]


async def trace_mails(conn: Connection, traces: Mapping[str, str]) -> None:
    """Give the mails of orders that this transaction placed, by number, their place in a trace."""
    params = {"numbers": list(traces), "traces": list(traces.values())}
    await conn.execute(read_sql("ordering", "trace_mails").encode(), params)


async def release_batch(conn: Connection, campaign: int, requests: Sequence[ReleaseRequest]) -> list[ReleaseAnswer]:
    """Give holds back; answers in the order asked."""
    practices = _array(request.practice for request in requests)
    keys = _array(request.key for request in requests)
    slots = _array(request.slot for request in requests)
    return [ReleaseAnswer(*row) for row in await _rows(conn, RELEASE, (campaign, practices, keys, slots))]


async def sweep(conn: Connection, *, grace_s: float, limit: int) -> int:
    """Give back at most `limit` holds that ended more than `grace_s` seconds of service time ago; how many.

    The grace must exceed the deadline of a request, so that a click in time finds its hold.
    """
    swept: int = (await _rows(conn, SWEEP, (grace_s, limit)))[0][0]
    return swept


async def place_practices(conn: Connection, *, again: bool) -> int:
    """Give practices that have none yet their place in the groups of campaigns; with `again` all, save who waits."""
    placed: int = (await _rows(conn, PLACE, (again,)))[0][0]
    return placed


async def read_days(conn: Connection, campaign: int) -> list[DayRow]:
    """The calendar as one statement sees it."""
    rows = await _rows(conn, read_sql("ordering", "read_days"), {"campaign": campaign})
    return [DayRow(*row) for row in rows]


async def read_mine(conn: Connection, campaign: int, practice: int, slot: int = 0) -> Mine:
    """Where the practice stands with the order in that slot, in one query.

    Raises LookupError when the campaign does not exist.
    """
    about = {"campaign": campaign, "practice": practice, "slot": slot}
    rows = await _rows(conn, read_sql("ordering", "read_mine"), about)
    if not rows:
        raise LookupError(f"no campaign {campaign}")
    now, still, window_s, ticket, round_, arrived_at, number, called, state, key, expires_at, version = rows[0][:12]
    lines, order, placed_at, blocked, auto, failed_at = rows[0][12:16], *rows[0][16:]
    hold = state in {"held", "lapsed"}
    return Mine(
        now=now,
        still=still,
        window_s=window_s,
        version=version or 0,
        blocked=blocked,
        ticket=MyTicket(ticket, round_, arrived_at, number, called) if ticket else None,
        hold=MyHold(key, _lines(*lines), expires_at, _ms(now, expires_at), state == "held" and now <= expires_at)
        if hold
        else None,
        order=MyOrder(order, placed_at) if order else None,
        auto=MyAuto(auto == "parts", failed_at) if auto else None,
    )


async def _rows(conn: Connection, query: str, params: Any) -> list[TupleRow]:
    cursor = conn.cursor(binary=True)
    await cursor.execute(query.encode(), params, prepare=True)
    return await cursor.fetchall()


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _hold_answer(outcome: str, key: UUID | None, expires_at: datetime | None, now: datetime, *rest: Any) -> HoldAnswer:
    lines, detail = rest[:4], rest[4] or {}
    if expires_at is None:
        return HoldAnswer(outcome, None, [], None, None, now, detail)
    return HoldAnswer(outcome, key, _lines(*lines), expires_at, _ms(now, expires_at), now, detail)


def _lines(products: list[int], locations: list[int], doses: list[int], days: list[date]) -> list[Line]:
    return list(map(Line, products, locations, doses, days))


def _ms(now: datetime, expires_at: datetime) -> int:
    return max(0, round((expires_at - now).total_seconds() * 1000))
