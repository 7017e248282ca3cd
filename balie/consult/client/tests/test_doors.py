"""Doors that need no key server."""

from dataclasses import replace

import pyrage
import pytest

from balie.consult.client.device import load_device, make_device, save_device
from balie.consult.client.doors import open_cache, open_with_code, save_cache
from balie.consult.client.gestures import by_passkey
from balie.consult.client.keyrings import make_keyring, next_generation, open_keyring, read_history
from balie.consult.client.releasing import Public
from balie.consult.client.trail import LockedError
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.payloads import encode
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.unlocking import Unlock
from balie.keyserver.tests.house import NAMES, START

CODE = "akker bodem citroen deken emmer fiets gracht hamer ijzer jager"


@pytest.fixture
def kept(tmp_path):
    keyring = make_keyring(at=START)
    device = make_device(keyring.person)
    save_device(tmp_path / "device", device)
    save_cache(tmp_path / "cache", device, keyring)
    return tmp_path, keyring


def test_a_device_opens_what_it_kept(kept):
    folder, keyring = kept
    assert open_cache(folder / "cache", load_device(folder / "device")) == keyring
    assert {each.stat().st_mode & 0o077 for each in folder.iterdir()} == {0}


def test_another_device_does_not(kept):
    folder, keyring = kept
    with pytest.raises(Rejected, match="wrong-key"):
        open_cache(folder / "cache", make_device(keyring.person))


def test_a_newer_keyset_takes_the_old_ones_place(kept):
    folder, keyring = kept
    device, newer = load_device(folder / "device"), next_generation(keyring, at=START + 1)
    save_cache(folder / "cache", device, newer)
    opened = open_cache(folder / "cache", device)
    assert (opened.generation, opened.known.how, len(opened.kem_seeds())) == (2, "continued", 2)
    assert not (folder / "cache.new").exists()


def test_an_old_copy_of_the_keyset_is_stale(kept):
    _, keyring = kept
    newer = next_generation(keyring, at=START + 1)
    with pytest.raises(Rejected, match="stale"):
        open_keyring(box=keyring.box(), key=keyring.key, history=newer.history, known=newer.known)


def test_keys_that_were_never_stated_are_refused(kept):
    """Whoever serves the keyset cannot slip in keys of their own, even with its key in hand."""
    _, keyring = kept
    other = make_keyring(at=START, person=keyring.person)
    with pytest.raises(Rejected, match="wrong-key"):
        open_keyring(
            box=replace(other, key=keyring.key).box(), key=keyring.key, history=keyring.history, known=keyring.known
        )


@pytest.mark.slow
async def test_all_key_servers_are_dead_and_the_code_helps(network, dora):
    network.dead |= set(NAMES)
    with pytest.raises(LockedError, match="south"):
        await dora.vault.unlock(dora.public, by_passkey(dora.passkey))
    key = Unlock(person=dora.keyring.person, method="code", key=b64(dora.keyring.key))
    file = pyrage.passphrase.encrypt(encode(key), CODE.replace(" ", "-"))
    box = dora.keyring.box()
    assert open_with_code(dora.public, code=CODE.upper(), file=file, box=box).keyset == dora.keyring.keyset
    with pytest.raises(Rejected, match="unopenable"):
        open_with_code(dora.public, code=CODE.replace("jager", "koek"), file=file, box=box)


def test_a_history_that_forks_is_refused():
    keyring = make_keyring(at=START)
    one, other = next_generation(keyring, at=START + 1), next_generation(keyring, at=START + 1)
    with pytest.raises(Rejected, match="not-the-next"):
        read_history(keyring.person, [*one.history, other.history[-1]])
    with pytest.raises(Rejected, match="malformed"):
        Public(keyring.person, (), {}).known()
