"""Practices that sleep: the leader that orders for them, and what it leaves behind."""

from balie.ordering.placing import Placing
from balie.runtime.hot import Connection

LINES = "select day, product, location, doses from judge.order_lines where number = %s order by day, product, location"


class Leader:
    """`turn` is one of the duty's."""

    def __init__(self, conn: Connection, fence: int) -> None:
        self.conn, self.fence = conn, fence
        self.duty = Placing()

    async def turn(self) -> None:
        await self.conn.execute("update runtime_clock set advanced_at = clock_timestamp()")
        await self.duty.act(self.conn, self.fence)

    async def look_back(self) -> None:
        """A turn in which it looks for all who were called, as it does now and then."""
        for campaign in self.duty._campaigns.values():
            campaign._look_back_at = 0.0
        await self.turn()


async def order_of(conn: Connection, member) -> tuple | None:
    """Number, whether Balie placed it, and its lines."""
    rows = await conn.execute("select number, auto from judge.orders where practice = %s", (member.practice,))
    if (order := await rows.fetchone()) is None:
        return None
    return (*order, await (await conn.execute(LINES, (order[0],))).fetchall())


async def days_of(conn: Connection, *members) -> list:
    """On which days each has its order, None where it has none."""
    orders = [await order_of(conn, member) for member in members]
    return [order and sorted({line[0] for line in order[2]}) for order in orders]


async def mails(conn: Connection) -> list[tuple[str, str]]:
    rows = await conn.execute("select kind, recipient from mail_outbox order by kind, recipient")
    return await rows.fetchall()
