"""The design that failed in 2023, in a few lines: the password that opens one's conversations is at one key server,
behind one proxy, and whoever logs in asks for it there.
"""

import asyncio
import contextlib
import time

from balie.embedded.ports import free_ports
from balie.embedded.relay import relay
from balie.rehearse.talks.verdict import Circle, Talked
from balie.rehearse.talks.voices import Heard, Said, Unlocking

CONVERSATION = "the conversation"
HOST = "127.0.0.1"


class OldDesign:
    """One conversation of so many people, who log in one after the other within `lasts_s`, and then speak and read."""

    def __init__(self, people: int, *, lasts_s: float) -> None:
        self.people, self.lasts_s = people, lasts_s
        self.said: list[Said] = []
        self.heard = {number: Heard(number, read={}, unreadable=[], got={}) for number in range(people)}
        self.unlockings: list[Unlocking] = []
        self.stored: list[tuple[str, str, int]] = []

    async def play(self, *, proxy_dies_at_s: float | None) -> Talked:
        server, self.proxy = free_ports(2)
        async with await asyncio.start_server(self._key_server, HOST, server):
            proxy = asyncio.create_task(relay(self.proxy, server))
            if proxy_dies_at_s is not None:
                asyncio.get_running_loop().call_later(proxy_dies_at_s, proxy.cancel)
            await asyncio.gather(*map(self._person, range(self.people)))
            proxy.cancel()
            await asyncio.gather(proxy, return_exceptions=True)
        return Talked(
            circles=[Circle(CONVERSATION, list(range(self.people)))],
            said=self.said,
            shifts=[],
            heard=list(self.heard.values()),
            outsiders=[],
            pried=[],
            unlockings=self.unlockings,
            stored=self.stored,
        )

    async def _key_server(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            writer.write(b"password")

    async def _person(self, number: int) -> None:
        await asyncio.sleep((number + 1) * self.lasts_s / (self.people + 1))
        began_at = time.time()
        password = await self._ask()
        failed = "" if password else "no password"
        self.unlockings.append(Unlocking(number, began_at, time.time(), failed, []))
        said = Said(f"message {number}", CONVERSATION, number, began_at)
        self.said.append(said)
        if not password:
            return
        self.stored.append((CONVERSATION, said.id, len(self.stored) + 1))
        said.acked_at = time.time()
        await asyncio.sleep(self.lasts_s)
        places = {message: place for _, message, place in self.stored}
        self.heard[number].got = places
        self.heard[number].read = dict.fromkeys(places, time.time())

    async def _ask(self) -> bytes:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(HOST, self.proxy)
            with contextlib.closing(writer):
                return await reader.read()
        return b""
