"""The design that failed in 2024, in a few lines: an order becomes final only after its mail has been handed over.

While it waits for the mail server nothing is taken of the day, so others are offered what is gone; and the window is
judged when the click is processed, so a click in time is refused once the mail server is slow. It keeps its books in
tables named as the judge views.
"""

import asyncio
import hashlib
import itertools
import time
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
from aiohttp import web

from balie.rehearse.judge.draw import numbers_of

SEED = hashlib.sha256(b"old").digest()


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


class OldDesign:
    """One campaign, one day with room for `room` orders of one line each; mails leave one at a time, `mail_s` each."""

    def __init__(self, dsn: str, *, mail_s: float, window_s: float, room: int, doors_s: float = 1.0) -> None:
        self.dsn, self.mail_s, self.window_s, self.limit = dsn, mail_s, window_s, room
        self.opens_at = time.time() + doors_s
        self.opened_at = 0.0
        self.door = asyncio.Lock()
        self.mail_server = asyncio.Lock()
        self.tickets: dict[int, dict] = {}
        self.drawn: list[str] = []
        self.holds: dict[str, dict] = {}
        self.orders: dict[int, str] = {}
        self.taken: Counter[str] = Counter()
        self.accepted: list[tuple[str, float]] = []
        self.counter = itertools.count(1)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/live/queue/1/state", self.state),
                web.get("/live/queue/1/seal", self.seal),
                web.get("/live/queue/1/draw", self.draw),
                web.get("/live/queue/1/ticket", self.ticket),
                web.post("/live/queue/1/join", self.join),
                web.get("/live/orders/1/calendar", self.calendar),
                web.get("/live/orders/1/mine", self.mine),
                web.post("/live/orders/1/hold", self.hold),
                web.post("/live/orders/1/confirm", self.confirm),
                web.get("/stream/1", self.stream),
            ]
        )
        return app

    async def write(self, statement: str, *values: object) -> None:
        async with await psycopg.AsyncConnection.connect(self.dsn, autocommit=True) as connection:
            await connection.execute(statement, values)

    async def open(self) -> None:
        """The draw; then everybody is called at once. The queue was not what failed: it is an honest one."""
        await asyncio.sleep(self.opens_at - time.time())
        async with self.door:
            self.drawn = sorted(ticket["ticket"] for ticket in self.tickets.values())
            numbers = numbers_of(self.published())
            self.opened_at = time.time()
            for ticket in self.tickets.values():
                await self.call(ticket, numbers[ticket["ticket"]], self.opened_at)

    async def call(self, ticket: dict, number: int, at: float) -> None:
        ticket["number"] = number
        update = "update judge.tickets set number = %s, called_at = to_timestamp(%s) where ticket = %s"
        await self.write(update, number, at, ticket["ticket"])

    async def state(self, _request: web.Request) -> web.Response:
        last = len(self.tickets) if self.opened_at else 0
        opens_at = stamp(self.opens_at)
        rounds = [{"phase": "drawn" if self.opened_at else "waiting"}]
        return web.json_response(
            {
                "phase": "open",
                "opens_at": opens_at,
                "last": last,
                "called": last,
                "poll_after_ms": 200,
                "rounds": rounds,
            }
        )

    async def seal(self, _request: web.Request) -> web.Response:
        return web.json_response({"rounds": [{"round": 1, "seed_hash": hashlib.sha256(SEED).hexdigest()}]})

    async def draw(self, _request: web.Request) -> web.Response:
        if not self.opened_at:
            return web.json_response({"code": "no_draw"}, status=404)
        return web.json_response(self.published())

    def published(self) -> dict:
        list_hash = hashlib.sha256("\n".join(self.drawn).encode()).hexdigest()
        seed = {"seed": SEED.hex(), "seed_hash": hashlib.sha256(SEED).hexdigest(), "frozen_at": stamp(self.opens_at)}
        drawn = {"round": 1, "first": 1, "list_hash": list_hash, "beacon": None, "tickets": self.drawn}
        return {"version": 2, "complete": True, "rounds": [seed | drawn]}

    async def join(self, request: web.Request) -> web.Response:
        practice = (await request.json())["practice"]
        async with self.door:
            if practice not in self.tickets:
                ticket = self.tickets[practice] = {"ticket": str(uuid4()), "round": 1, "number": None}
                await self.write("insert into judge.tickets values (1, %s, %s, now())", ticket["ticket"], practice)
                if self.opened_at:
                    await self.call(ticket, len(self.tickets), time.time())
        return web.json_response(self.tickets[practice])

    async def ticket(self, request: web.Request) -> web.Response:
        return web.json_response(self.tickets[int(request.query["practice"])])

    def days(self) -> list[dict]:
        free = self.limit - self.taken["2027-10-12"]
        room = {"limit": self.limit, "free": free, "held": 0}
        return [{"day": "2027-10-12", "doses": {k: v * 10 for k, v in room.items()}, "addresses": room}]

    async def calendar(self, _request: web.Request) -> web.Response:
        return web.json_response({"age_ms": 0, "days": self.days()})

    async def mine(self, request: web.Request) -> web.Response:
        number = self.orders.get(int(request.query["practice"]))
        return web.json_response({"order": {"number": number} if number else None})

    async def hold(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.taken["2027-10-12"] >= self.limit:  # what is still waiting for its mail does not count
            return web.json_response({"code": "full", "days": ["2027-10-12"], "alternatives": []}, status=409)
        lines = [{"day": "2027-10-12"} | line for line in body["lines"]]
        self.holds[body["key"]] = {"ends_at": time.time() + self.window_s, "lines": lines}
        remaining = round(self.window_s * 1000)
        return web.json_response({"outcome": "held", "key": body["key"], "lines": lines, "remaining_ms": remaining})

    async def confirm(self, request: web.Request) -> web.Response:
        body = await request.json()
        practice, hold = body["practice"], self.holds[body["key"]]
        number = f"B27-{next(self.counter):05}"
        async with self.mail_server:
            await asyncio.sleep(self.mail_s)  # "pas nadat de bevestigingsmails naar de mailserver zijn gestuurd"
            self.accepted.append((f"{number.lower()}@old", time.time()))
        if time.time() > hold["ends_at"]:
            return web.json_response({"code": "lapsed"}, status=409)
        await self.commit(practice, body["key"], number, hold["lines"])
        return web.json_response({"outcome": "ordered", "number": number, "placed_at": stamp(time.time())})

    async def commit(self, practice: int, key: str, number: str, lines: list[dict]) -> None:
        self.orders[practice] = number
        await self.write("insert into judge.orders values (1, %s, %s, %s, now(), false)", practice, number, key)
        await self.write("insert into judge.mail values (%s, 'a@b', %s, 'sent')", number, f"{number.lower()}@old")
        for line in lines:
            self.taken[line["day"]] += 1
            insert = "insert into judge.order_lines values (1, %s, %s, %s, %s, %s, 'Plein')"
            await self.write(insert, number, line["day"], line["product"], line["doses"], line["location"])

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while True:
            await response.write(b'event: beat\ndata: {"age_ms": 0}\n\n')
            await asyncio.sleep(0.2)

    async def close_books(self) -> None:
        """Write the day as the office believes it to be, at the end of the night."""
        day, doses, addresses = "2027-10-12", self.limit * 10, self.limit
        taken = self.taken[day]
        await self.write(
            "insert into judge.days values (1, %s, %s, %s, %s, %s)", day, doses, addresses, taken * 10, taken
        )
