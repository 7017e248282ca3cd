"""The process: it begins, serves, ends gracefully, forgets nothing, and its copies are whole."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from typer import BadParameter

from balie.consult.protocol.tests.vectors.cast import ANNA
from balie.keyserver.command import backup, init, restore
from balie.keyserver.config import STORE, Config, load_config, load_keys
from balie.keyserver.store import Store
from balie.keyserver.tests.house import ORIGIN, House, config

BEGINS_WITHIN_S = 60


def settings(folder: Path) -> Path:
    made = config("north", folder)
    lines = [
        f"{name} = {json.dumps(getattr(made, name))}" for name in ("name", "audience", "issuer", "rp_id", "origins")
    ]
    path = folder / "keyserver.toml"
    path.write_text("\n".join([*lines, 'data = "north"', 'jwks = "jwks.json"', "[limits]", "releases_per_day = 3"]))
    return path


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "balie.cli", "keyserver", "serve", "--config", str(path), "--port", str(port)]
    process = await asyncio.create_subprocess_exec(*command, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(BEGINS_WITHIN_S), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"{address}/health") as answer:
                        assert (await answer.json()) == {"server": "north", "well": True}
                        break
                except aiohttp.ClientConnectionError:
                    assert process.returncode is None
                    await asyncio.sleep(0.05)
        yield process, address
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def nonce(address: str, token: str) -> str:
    headers = {"authorization": f"Bearer {token}", "origin": ORIGIN}
    async with aiohttp.ClientSession() as session, session.post(f"{address}/v1/nonce", headers=headers) as answer:
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "access-control-allow-credentials" not in answer.headers
        found: str = (await answer.json())["nonce"]
        return found


@pytest.mark.slow
async def test_it_ends_when_asked_and_forgets_nothing(tmp_path):
    path = settings(tmp_path)
    init(load_config(path))
    house = House({})
    house.now = 4_000_000_000  # the process has a clock of its own, and looks only whether a token has expired
    token = house.token(ANNA.id, "north")
    async with serving(path) as (process, address):
        first = await nonce(address, token)
        async with aiohttp.ClientSession() as session, session.get(f"{address}/metrics") as answer:
            assert 'keyserver_answers_total{status="200",what="nonce"} 1.0' in await answer.text()
        process.terminate()
        async with asyncio.timeout(10):
            assert await process.wait() == 0
    async with serving(path) as (process, address):
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    async with serving(path) as (_, address):
        second = await nonce(address, token)
    with sqlite3.connect(tmp_path / "north" / STORE) as store:
        assert {row[0] for row in store.execute("SELECT nonce FROM nonce")} == {first, second}
    store.close()


def test_keys_are_made_once(tmp_path, capsys):
    path = settings(tmp_path)
    init(load_config(path))
    assert "server north" in capsys.readouterr().out
    before = load_keys(load_config(path))
    with pytest.raises(BadParameter):
        init(load_config(path))
    assert load_keys(load_config(path)) == before
    assert (tmp_path / "north" / "keys.json").stat().st_mode & 0o077 == 0


def with_a_share(folder: Path) -> Config:
    made = config("north", folder)
    store = Store(Path(made.data) / STORE)
    store.keep_dossier(ANNA.id, b"what is known", b"the share")
    store.close()
    return made


def test_a_copy_brings_everything_back(tmp_path):
    made, copy = with_a_share(tmp_path), tmp_path / "copy"
    backup(made, copy)
    with pytest.raises(BadParameter):
        restore(made, copy)
    (Path(made.data) / STORE).unlink()
    restore(made, copy)
    store = Store(Path(made.data) / STORE)
    assert store.dossier(ANNA.id) == (b"what is known", b"the share")
    store.close()


def test_a_damaged_copy_is_refused(tmp_path):
    made, copy = with_a_share(tmp_path), tmp_path / "copy"
    backup(made, copy)
    damaged = bytearray(copy.read_bytes())
    damaged[4096 : 4096 + 64] = bytes(64)
    copy.write_bytes(damaged)
    (Path(made.data) / STORE).unlink()
    with pytest.raises(BadParameter):
        restore(made, copy)
    assert not (Path(made.data) / STORE).exists()


def test_a_nonce_is_spent_by_one_of_two(tmp_path):
    """Two connections at once, as two processes on one store would be: the guarded update decides."""
    one, two = Store(tmp_path / STORE), Store(tmp_path / STORE)
    one.add_nonce("n", ANNA.id, 1000)
    assert [one.spend_nonce("n", ANNA.id, 1001), two.spend_nonce("n", ANNA.id, 1001)] == [True, False]
    one.close()
    two.close()


def test_what_goes_wrong_leaves_nothing_behind(tmp_path):
    store = Store(tmp_path / STORE)

    def half() -> None:
        with store.transaction():
            store.keep_dossier(ANNA.id, b"", b"")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert store.dossier(ANNA.id) is None
    store.close()


def test_settings_with_a_mistake_say_which(tmp_path):
    path = settings(tmp_path)
    path.write_text(path.read_text().replace("origins", "origin"))
    with pytest.raises(ValueError, match="origin"):
        load_config(path)
