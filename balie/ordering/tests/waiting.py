"""The desk's day is full, and others wait: those without an order by a wish, those with one by a standing swap."""

from dataclasses import dataclass
from datetime import date

from balie.ordering import swapping
from balie.ordering.services import wishes
from balie.ordering.tests.desk import MONDAY, Desk, Member, value
from balie.runtime.hot import Connection

ROW = """
insert into ordering_hold (campaign_id, practice_id, state, line_product, line_location, line_doses, line_day, version)
values (%s, %s, 'none', '{}', '{}', '{}', '{}', 0) on conflict do nothing
"""
STATE = "select state from ordering_swap where practice_id = %s order by id desc limit 1"


@dataclass(frozen=True)
class Queue:
    """De Linde and De Eik have the whole of Monday; De Beuk and De Iep have nothing."""

    desk: Desk
    conn: Connection
    linde: str
    eik: str

    async def wish(self, who: Member, doses: int = 300, day: date = MONDAY) -> int:
        """As the page asks for it, which takes the practice's row."""
        await self.conn.execute(ROW.encode(), (self.desk.campaign, who.practice))
        return await self.desk.wait_for(self.conn, who, "", self.desk.flu_for(who, doses, day))

    async def free_monday(self) -> None:
        """De Eik gives its half back."""
        await self.desk.cancel(self.conn, self.desk.eik, self.eik)

    async def offered(self, who: Member, doses: int = 300) -> int:
        """What is offered to them."""
        wish = await self.wish(who, doses)
        await self.free_monday()
        await swapping.serve_swaps(self.conn)
        assert await self.state(who) == "offered"
        return wish

    async def accept(self, conn: Connection, who: Member, wish: int) -> tuple[str, str | None]:
        cursor = await conn.execute(wishes.ACCEPT.encode(), (wish, who.person, "balie.example"))
        row = await cursor.fetchone()
        assert row
        return row[0], row[1]

    async def end(self, conn: Connection, wish: int, state: str = "lapsed") -> bool:
        return bool(await value(conn, swapping.END_OFFER, wish, state, "balie.example"))

    async def state(self, who: Member) -> str:
        return str(await value(self.conn, STATE, who.practice))


async def make_queue(desk: Desk, conn: Connection) -> Queue:
    linde = await desk.order_flu(conn, desk.linde)
    eik = await desk.order_flu(conn, desk.eik)
    return Queue(desk, conn, linde, eik)
