"""The three key servers on one machine: they answer, and a proxy or a server that dies is passed over."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from balie.consult.client.deposits import Doors, share_out
from balie.consult.client.device import make_device, state_device
from balie.consult.client.gestures import by_passkey
from balie.consult.client.keyrings import make_keyring
from balie.consult.client.releasing import Public
from balie.consult.client.transport import http_transport
from balie.consult.client.vault import Vault
from balie.consult.keyservers import KeyServerAt, read_key_servers
from balie.consult.tokens import Issuer
from balie.embedded.ports import free_ports
from balie.embedded.supervisor import Child, Supervisor
from balie.embedded.vaults import NAMES, PORTS, Vaults, prepare_vaults
from balie.embedded.vitals import HEALTH, ask

pytestmark = pytest.mark.slow
WITHIN_S = 60
ORIGIN = "http://localhost:8000"


@dataclass
class Running:
    vaults: Vaults
    children: dict[str, Child]

    def kill(self, name: str) -> None:
        os.killpg(self.children[name].pid, signal.SIGKILL)
        while self.children[name].alive():
            time.sleep(0.01)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    vaults = prepare_vaults(tmp_path / "keyservers", ports=free_ports(PORTS), origin=ORIGIN, rp_id="localhost")
    with ExitStack() as last:
        supervisor = last.enter_context(Supervisor(tmp_path / "logs"))
        children = {part.name: supervisor.start(part) for part in vaults.parts()}
        deadline = time.monotonic() + WITHIN_S
        while missing := [name for name, port in vaults.addresses().items() if ask(port, HEALTH) != 200]:
            assert time.monotonic() < deadline, (missing, [child.last_words() for child in supervisor.unwell()])
            time.sleep(0.05)
        yield Running(vaults, children)


async def test_a_proxy_and_a_server_that_die_are_passed_over(running):
    servers = read_key_servers(running.vaults.settings["BALIE_KEY_SERVERS"])
    issuer = Issuer(origin=ORIGIN, seed=running.vaults.seed, servers=servers)
    keyring = make_keyring(at=int(time.time()))
    device = make_device(keyring.person)
    stated = state_device(keyring, device, at=int(time.time()))

    async def token(server: KeyServerAt) -> str:
        return issuer.tokens(keyring.person, int(time.time()))[server.server]

    async with http_transport(origin=ORIGIN) as transport:
        vault = Vault(servers, transport, token)
        parts = share_out(keyring, servers, at=int(time.time()))
        assert await vault.deposit(keyring, parts, Doors(passkeys=(stated.passkey,))) == []
        public = Public(keyring.person, keyring.history, parts.statement)
        gesture = by_passkey(device.authenticator(rp_id="localhost", origin=ORIGIN))
        assert (await vault.unlock(public, gesture)).faults == ()

        running.kill("proxy-noord")
        running.kill("keyserver-oost")
        found = await vault.unlock(public, gesture)
        assert found.keyring.keyset == keyring.keyset
        assert {each.server: each.route for each in found.used} == {
            "noord": running.vaults.each[0].routes[1],
            "zuid": running.vaults.each[2].routes[0],
        }
        assert {(each.server, each.route) for each in found.faults} >= {("noord", running.vaults.each[0].routes[0])}


def test_keys_stay_and_deposits_go(tmp_path):
    folder = tmp_path / "keyservers"
    first = prepare_vaults(folder, ports=free_ports(PORTS), origin=ORIGIN, rp_id="localhost")
    store = folder / NAMES[0] / "data" / "store.sqlite"
    assert store.exists()
    second = prepare_vaults(folder, ports=free_ports(PORTS), origin=ORIGIN, rp_id="localhost")
    assert not store.exists()
    assert [(each.kem, each.sign) for each in first.each] == [(each.kem, each.sign) for each in second.each]
