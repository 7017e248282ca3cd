"""A campaign under way in a database of its own, asked through `hot.py` as the live process does."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import psycopg

from balie.ordering import hot
from balie.ordering.hot import ConfirmRequest, HoldAnswer, HoldRequest, Line, ReleaseRequest
from balie.ordering.services import changes, orders
from balie.ordering.testing import make_campaign, make_day, make_product, make_ticket
from balie.practices.testing import make_location, make_membership, make_person, make_practice
from balie.runtime.hot import Connection, connect

MONDAY, TUESDAY, WEDNESDAY = date(2027, 10, 4), date(2027, 10, 5), date(2027, 10, 6)
IN_TIME = datetime(2027, 9, 1, tzinfo=UTC)  # orders for those days may still be changed for nothing


@dataclass(frozen=True)
class Member:
    """A practice whose number has been called, with two places to deliver to and somebody who clicks."""

    practice: int
    person: int
    home: int
    annex: int


class Desk:
    """Three days of 1,000 doses to 2 addresses, and four practices that may order. Its clock moves when told to."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        campaign = make_campaign(slug="griep-2027", called=0)
        self.campaign, self.room = campaign.pk, campaign.room_id
        self.flu, self.pneumo = (make_product(campaign, code).pk for code in ("flu", "pneumo"))
        for day in (MONDAY, TUESDAY, WEDNESDAY):
            make_day(campaign, day, doses=1000, addresses=2)
        self.linde, self.eik, self.beuk, self.iep = (self._member(campaign, number) for number in range(1, 5))
        with psycopg.connect(dsn) as conn:
            # A clock that nobody advances stands still: windows end when a test says so, to the millisecond.
            conn.execute("update runtime_clock set advanced_at = clock_timestamp() - interval '1 hour'")

    @staticmethod
    def _member(campaign, number: int) -> Member:
        practice = make_practice(f"Praktijk {number}", email=f"praktijk{number}@voorbeeld.example")
        person = make_person()
        make_membership(person, practice)
        make_ticket(campaign, practice, number=number)
        places = [make_location(practice, name, street=f"{name}weg {number}").pk for name in ("Hoofd", "Bij")]
        return Member(practice.pk, person.pk, *places)

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Connection]:
        """One more connection of the hot paths."""
        async with await connect(self.dsn, name="test") as conn:
            yield conn

    def wants(
        self, member: Member, *lines: Line, ranking=(), key: UUID | None = None, elapsed_ms=0, slot=0
    ) -> HoldRequest:
        asked = (member.practice, key or uuid4(), member.person, elapsed_ms)
        return HoldRequest(*asked, list(lines), list(ranking), slot)

    def flu_for(self, member: Member, doses: int = 500, day: date | None = MONDAY) -> Line:
        return Line(self.flu, member.home, doses, day)

    async def prepare(
        self, conn: Connection, member: Member, *lines: Line, ranking: Sequence[date], auto: str = "one_day"
    ) -> None:
        """What the practice puts ready; unless told otherwise for Balie to order, all on one day."""
        async with conn.transaction():
            prepared = await value(
                conn,
                "insert into ordering_prepared_order (campaign_id, practice_id, saved_at, auto, auto_set_at)"
                " values (%s, %s, clock_timestamp(), %s, clock_timestamp()) returning id",
                self.campaign,
                member.practice,
                auto,
            )
            for line in lines:
                await conn.execute(
                    "insert into ordering_prepared_line (prepared_id, product_id, location_id, doses)"
                    " values (%s, %s, %s, %s)",
                    (prepared, line.product, line.location, line.doses),
                )
            for rank, day in enumerate(ranking, start=1):
                await conn.execute(
                    "insert into ordering_ranked_day (prepared_id, rank, day) values (%s, %s, %s)",
                    (prepared, rank, day),
                )

    async def hold(self, conn: Connection, *requests: HoldRequest) -> list[HoldAnswer]:
        return await hot.hold_batch(conn, self.campaign, requests)

    async def hold_flu(
        self, conn: Connection, member: Member, doses: int = 500, day: date | None = MONDAY, **more
    ) -> HoldAnswer:
        """One practice, one line."""
        return (await self.hold(conn, self.wants(member, self.flu_for(member, doses, day), **more)))[0]

    async def confirm(
        self, conn: Connection, member: Member, key: UUID, elapsed_ms: int = 0, slot: int = 0
    ) -> hot.ConfirmAnswer:
        request = ConfirmRequest(member.practice, key, member.person, elapsed_ms, slot=slot)
        return (await hot.confirm_batch(conn, self.campaign, [request]))[0]

    async def release(self, conn: Connection, member: Member, key: UUID, slot: int = 0) -> hot.ReleaseAnswer:
        return (await hot.release_batch(conn, self.campaign, [ReleaseRequest(member.practice, key, slot)]))[0]

    async def offer_more(self, conn: Connection, *, early_until: date | None = None) -> None:
        """Re-orders from now on, two a practice; with a day also pre-deliveries, of at most 100 doses."""
        await conn.execute(
            "update ordering_campaign set reorders_open_at = opens_at,"
            " reorders_close_at = opens_at + interval '1 year', reorders_most = 2 where id = %s",
            (self.campaign,),
        )
        if early_until:
            await conn.execute(
                "update ordering_campaign set early_opens_at = opens_at, early_closes_at = closes_at, early_until = %s,"
                " early_most = 100 where id = %s",
                (early_until, self.campaign),
            )

    async def order_flu(
        self, conn: Connection, member: Member, doses: int = 500, day: date | None = MONDAY, slot: int = 0
    ) -> str:
        """Held and ordered, one line; the number."""
        held = await self.hold_flu(conn, member, doses, day, slot=slot)
        number = (await self.confirm(conn, member, held.key, slot=slot)).number
        assert number
        return number

    async def cancel(
        self,
        conn: Connection,
        member: Member,
        number: str,
        *,
        at: datetime = IN_TIME,
        granted: bool = False,
        fee_cents: int = 0,
    ) -> tuple[str, datetime | None]:
        """The outcome, and when it was cancelled."""
        cursor = await conn.execute(
            orders.CANCEL.encode(),
            (self.campaign, member.practice, number, member.person, at, granted, fee_cents, "", "balie.example"),
        )
        row = await cursor.fetchone()
        assert row
        return row[0], row[1]

    async def change(
        self,
        conn: Connection,
        member: Member,
        number: str,
        *lines: Line,
        revision: int = 0,
        at: datetime = IN_TIME,
        granted: bool = False,
        fee_cents: int = 0,
    ) -> tuple[str, int | None, dict[str, object] | None]:
        """The outcome, the revision and the detail."""
        asked = (self.campaign, member.practice, number, revision, member.person, at)
        columns = changes.columns_of(lines)
        cursor = await conn.execute(
            changes.CHANGE.encode(), (*asked, *columns, granted, fee_cents, "", "balie.example")
        )
        row = await cursor.fetchone()
        assert row
        return row[0], row[1], row[2]

    async def wait_for(self, conn: Connection, member: Member, number: str, *lines: Line, revision: int = 0) -> int:
        """A standing swap: what the order should become as soon as that fits; its key."""
        products, locations, doses, days = changes.columns_of(lines)
        swap: int = await value(
            conn,
            "insert into ordering_swap (campaign_id, practice_id, number, revision, line_product, line_location,"
            " line_doses, line_day, asked_at, asked_by_id, state)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp(), %s, 'open') returning id",
            *(self.campaign, member.practice, number, revision, products, locations, doses, days, member.person),
        )
        return swap

    async def taken(self, conn: Connection) -> dict[date, tuple[int, int]]:
        """Doses and addresses taken of each day of which anything is."""
        rows = await hot.read_days(conn, self.campaign)
        return {row.day: (row.doses_taken, row.addresses_taken) for row in rows if row.doses_taken}

    async def state(self, conn: Connection, member: Member) -> str | None:
        rows = await conn.execute(
            "select state from judge.holds where campaign = %s and practice = %s", (self.campaign, member.practice)
        )
        row = await rows.fetchone()
        return row[0] if row else None


async def pass_time(conn: Connection, seconds: float) -> None:
    """Let service time go by."""
    await conn.execute("update runtime_clock set shows = shows + make_interval(secs => %s)", (seconds,))


async def value(conn: Connection, query: str, *params: object):
    """The one value that the query gives."""
    return (await (await conn.execute(query, params)).fetchone())[0]
