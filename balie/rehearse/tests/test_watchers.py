"""What is on a screen grows older when nothing is heard, and a broken stream is replaced by asking."""

import asyncio
import random

from aiohttp import web
from aiohttp.test_utils import TestServer

from balie.rehearse.cast import Habits, Member, Role, Tempo, Traits
from balie.rehearse.judge.evidence import ClientLog
from balie.rehearse.measure import Clock, Measures
from balie.rehearse.players import Stage
from balie.rehearse.proxy import Proxy
from balie.rehearse.watchers import Watcher


class Calendar:
    """Says once how old its picture is, then nothing; hangs up when told to."""

    def __init__(self) -> None:
        self.streams = self.polls = 0
        self.hang_up = asyncio.Event()
        self.polled = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/stream/1", self.stream), web.get("/live/orders/1/calendar", self.poll)])
        return app

    async def stream(self, request: web.Request) -> web.StreamResponse:
        self.streams += 1
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b'event: room\ndata: {"age_ms": 90000}\n\nevent: beat\ndata: {"age_ms": 400}\n\n')
        await self.hang_up.wait()
        return response

    async def poll(self, _request: web.Request) -> web.Response:
        self.polls += 1
        self.polled.set()
        return web.json_response({"age_ms": 5, "days": []})


class Noted(Measures):
    """Hands on each age as it is noted."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: asyncio.Queue[float] = asyncio.Queue()

    def add_age(self, at: float, ms: float) -> None:
        super().add_age(at, ms)
        self.noted.put_nowait(ms)


async def test_the_age_grows_in_silence_and_a_poll_makes_it_young():
    calendar = Calendar()
    async with TestServer(calendar.app()) as server:
        url = str(server.make_url("")).rstrip("/")
        clock, measures = Clock(), Noted()
        async with Proxy({"live": [url], "streams": [url]}, origin=url, clock=clock) as proxy:
            stage = Stage(1, proxy, clock, ClientLog(), measures, Tempo(think_s=(0, 0)))
            chance = random.Random(1)
            member = Member(practice=1, cookie="pass", lines=[], ranking=[])
            role = Role(member=member, traits=Traits.drawn(chance, Habits()), arrives_at=clock.now(), chance=chance)
            watching = asyncio.create_task(Watcher(role, stage).watch())
            async with asyncio.timeout(10):
                ages = [await measures.noted.get() for _ in range(5)]
                calendar.hang_up.set()
                await calendar.polled.wait()
                after = [await measures.noted.get() for _ in range(3)]
            watching.cancel()
            await asyncio.wait([watching])
    assert 400 <= ages[0] < ages[-1] < 90_000
    assert min(after) < 400
