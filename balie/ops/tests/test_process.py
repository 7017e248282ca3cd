"""The process: it starts and speaks without PostgreSQL, and a kill in the middle of an outage changes nothing."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest

from balie.embedded.ports import free_ports

GRAPH = """
stable_s = 1
[node.door]
title = { nl = "De deur", en = "The door" }
runbook = "watch"
probe = { kind = "http", url = "http://127.0.0.1:%d/" }
[function.entering]
title = { nl = "Binnenkomen", en = "Entering" }
plural = false
needs = ["door"]
degraded = { nl = "Het gaat traag.", en = "It is slow." }
stopped = { nl = "Niemand kan binnen.", en = "Nobody can enter." }
"""
WITHIN_S = 40

pytestmark = [pytest.mark.slow]


class Outpost:
    """A watch in a folder of its own, over something that does not answer; its PostgreSQL does not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.door, self.port, self.spare = free_ports(3)
        (folder / "graph.toml").write_text(GRAPH % self.door)
        self.environment = {
            **os.environ,
            "DATABASE_URL": "postgresql://127.0.0.1:1/none",
            "BALIE_SECRET_KEY": "x" * 60,
            "BALIE_WATCH_FOLDER": str(folder / "ledger"),
            "BALIE_WATCH_GRAPH": str(folder / "graph.toml"),
            "BALIE_WATCH_INTERVAL": "1",
            "BALIE_WATCH_URL": f"http://127.0.0.1:{self.port}",
            "BALIE_WATCH_PING": f"http://127.0.0.1:{self.door}/alive",
        }

    async def call(self, *words: object) -> asyncio.subprocess.Process:
        command = [sys.executable, "-m", "balie.cli", "watch", *map(str, words)]
        return await asyncio.create_subprocess_exec(
            *command, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await self.call("--port", self.port)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    def entries(self) -> list[tuple[int, str]]:
        """What happened with verdicts, as the file says it."""
        path = self.folder / "ledger" / "watch.sqlite"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as ledger:
            if not ledger.execute("select 1 from sqlite_master where name = 'ops_entry'").fetchone():
                return []
            return ledger.execute("select verdict_id, what from ops_entry order by id").fetchall()

    async def until(self, *expected: tuple[int, str]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while self.entries() != list(expected):  # noqa: ASYNC110 - another process writes that file
                await asyncio.sleep(0.1)


def visiting() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))  # on addresses without a name too


ASKED: set[bytes] = set()


async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    ASKED.add((await reader.readline()).split()[1])
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    writer.close()


async def test_a_kill_in_the_middle_of_an_outage_opens_nothing_twice(tmp_path):
    outpost = Outpost(tmp_path)
    async with outpost.watching() as process:
        await outpost.until((1, "opened"))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    door = await asyncio.start_server(answering, "127.0.0.1", outpost.door)
    async with door, outpost.watching() as process, visiting() as visitor:
        await outpost.until((1, "opened"), (1, "closed"))
        async with visitor.get(f"http://127.0.0.1:{outpost.port}/ready") as answer:
            assert json.loads(await answer.read()) == {"judging": True, "open": 0, "unwritten": 0}

        async with asyncio.timeout(WITHIN_S):
            while b"/alive" not in ASKED:  # noqa: ASYNC110 - another process asks
                await asyncio.sleep(0.1)
        link = (await (await outpost.call("link")).communicate())[0].decode().strip()
        async with visitor.get(link) as answer:
            assert "De deur werkt niet" in await answer.text(), "in the history"

        second = await outpost.call("--port", outpost.spare)
        assert await second.wait() == 2, "one watch at a time works in a folder"
        third = await outpost.call("--port", outpost.port)
        assert await third.wait() == 1, "and one server on a port"
        process.terminate()
        assert await process.wait() == 0
