"""A pass that was revoked opens the console no longer, also when the database dies afterwards."""

import asyncio
from contextlib import asynccontextmanager

import psycopg
import pytest
from django.db import connections

from balie.lib.sqlfiles import read_sql
from balie.ops import access
from balie.ops.access import who_asks
from balie.ops.revocations import Revocations
from balie.practices.passes import PassCheck, make_pass
from balie.practices.services import revoke_passes
from balie.practices.testing import make_cast


@pytest.fixture
def organiser(installation, settings, monkeypatch):
    with installation.connect() as conn:
        conn.execute(read_sql("ordering", "watch_role"))
    settings.WATCH_DSN = psycopg.conninfo.make_conninfo(installation.dsn, user="balie_watch")
    restart(monkeypatch)
    return make_cast().organiser


def revoke(person):
    """As the application does, in a thread of its own."""
    try:
        revoke_passes(person=person)
    finally:
        connections.close_all()


def restart(monkeypatch):
    """As a watch that begins, and knows nothing."""
    monkeypatch.setattr(access, "PASSES", PassCheck())


def asks(person, settings) -> str | None:
    held = make_pass(person=person.pk, practice=None, role="", organiser=True, generation=0)
    cookie = f"{settings.PASS_COOKIE}={held}".encode()
    return who_asks({"headers": [(b"cookie", cookie)]})


@asynccontextmanager
async def listening(folder):
    """A watch that runs."""
    task = asyncio.create_task(Revocations(access.PASSES, folder).run())
    try:
        yield
    finally:
        task.cancel()


async def heard():
    async with asyncio.timeout(10):
        await access.PASSES.learned.wait()


async def test_a_revoked_pass_opens_nothing_while_the_database_lives_or_after(
    organiser, settings, monkeypatch, tmp_path
):
    assert asks(organiser, settings) == f"person {organiser.pk}"  # control: nobody has heard of it
    async with listening(tmp_path):
        await asyncio.to_thread(revoke, organiser)
        await heard()
        assert asks(organiser, settings) is None
    settings.WATCH_DSN = "postgresql://balie_watch@127.0.0.1:1/balie"
    restart(monkeypatch)
    assert asks(organiser, settings) is not None  # control: what only memory knew would be gone
    async with listening(tmp_path):
        await heard()
        assert asks(organiser, settings) is None
