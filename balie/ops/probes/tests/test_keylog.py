"""The key log as the watch reads it: whole, the one of before, and with no key in the canary's name but its own."""

import pytest
from django.conf import settings as configured

from balie.consult.client.device import make_device, state_device
from balie.consult.client.keyrings import make_keyring
from balie.consult.client.transport import http_transport
from balie.consult.installed import key_log, token_issuer
from balie.consult.keylog.cosigning import KEEP, Cosigning
from balie.consult.keylog.tests.test_following import put
from balie.consult.protocol import devices
from balie.consult.protocol.keylog import Checkpoint, cosign, note_of
from balie.keyserver.tests.house import NAMES, START, keys
from balie.ops.card import folder, read_keys
from balie.ops.enrolling import enrol_keys
from balie.ops.lacking import NotSetUpError
from balie.ops.probes import Unwell
from balie.ops.probes.keylog import CHECKPOINT, KeyLog, _followed
from balie.runtime.hot import connect


async def publish(installation) -> None:
    """What is in the log now, by the key servers of the town."""
    log, issuer = key_log(), token_issuer()
    assert log
    assert issuer
    async with (
        http_transport(origin=configured.ORIGINS[0]) as http,
        await connect(installation.dsn, name="test") as conn,
    ):
        await Cosigning(log, configured.KEY_SERVERS, issuer, http).act(conn, 0)


@pytest.fixture(autouse=True)
def beginning_anew():
    """As after a restart."""
    _followed.clear()
    yield
    _followed.clear()


@pytest.fixture
async def singing(key_servers, town, installation):
    town.routes = key_servers
    assert await enrol_keys(town.card) == []
    await publish(installation)
    return town


async def test_a_log_that_says_nothing_strange_is_well(singing):
    assert "all of the key log was read" in await KeyLog().look()
    assert (folder() / CHECKPOINT).exists()


async def test_a_device_in_the_canarys_name_that_it_did_not_make_is_seen(singing, installation):
    probe = KeyLog()
    assert await probe.look()
    person = read_keys().public.person
    thief = make_keyring(at=1, person=person)
    name = put(installation, person, devices.TYP, state_device(thief, make_device(person), at=1).certificate)
    assert "nothing strange" in await probe.look()  # nobody cosigned it yet, so no client takes it
    await publish(installation)
    with pytest.raises(Unwell, match=f"not made by it: {name}"):
        await probe.look()
    with pytest.raises(Unwell, match="not made by it"):
        await KeyLog(within_s=1.7).look()  # and by one that begins anew


async def test_a_log_that_lost_entries_is_seen_after_a_restart_too(singing, installation):
    assert await KeyLog().look()
    log = key_log()
    assert log
    async with await connect(installation.dsn, name="test") as conn:
        await log.catch_up(conn)
        assert log.tree.size > 1
        await conn.execute("delete from consult_key_log_checkpoint")
        checkpoint = Checkpoint(log.origin, 1, log.tree.root(1))  # by key servers that help whoever asks
        note = note_of(checkpoint, *(cosign(checkpoint, name, keys(name).sign, at=START) for name in NAMES[:2]))
        await conn.execute(KEEP, (log.origin, 1, note, START))
    with pytest.raises(Unwell, match="reading the key log: stale"):
        await KeyLog(within_s=1.7).look()


async def test_the_application_away_says_nothing_of_keys(singing):
    singing.front.broken = True
    with pytest.raises(Unwell, match="reading the key log"):
        await KeyLog(within_s=0.5).look()


async def test_who_is_nobody_yet_says_nothing(key_servers, town):
    with pytest.raises(NotSetUpError, match="run `balie watch enrol`"):
        await KeyLog().look()
