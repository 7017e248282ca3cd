"""How long unlocking takes with two of three key servers: all healthy, one killed, one that says nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from balie.consult.client.deposits import Doors, Split, share_out
from balie.consult.client.device import DeviceSecrets, make_device, state_device
from balie.consult.client.gestures import by_passkey
from balie.consult.client.keyrings import Keyring, make_keyring
from balie.consult.client.releasing import Public
from balie.consult.client.transport import http_transport
from balie.consult.client.vault import Vault
from balie.consult.keyservers import KeyServerAt, read_key_servers
from balie.consult.tokens import Issuer
from balie.embedded.ports import free_ports
from balie.embedded.supervisor import Child, Supervisor
from balie.embedded.vaults import PORTS, Vaults, prepare_vaults
from balie.embedded.vitals import HEALTH, ask
from balie.rehearse.injection import kill_part
from balie.rehearse.measure import Histogram

ORIGIN, RP_ID = "http://localhost", "localhost"
FAILING = ("one_dead", "one_silent")
UNLOCKS = 100
WARM_UP = 5
ENOUGH = 100_000  # releases a day for that person
READY_S = 60.0


@dataclass(frozen=True)
class KeyServers:
    """Three that run, and somebody who deposited; the second of them is the one that fails."""

    vaults: Vaults
    children: dict[str, Child]
    keyring: Keyring
    device: DeviceSecrets
    parts: Split

    @property
    def victim(self) -> Child:
        return self.children[self.vaults.each[1].parts()[0].name]

    @property
    def public(self) -> Public:
        return Public(self.keyring.person, self.keyring.history, self.parts.statement)

    @asynccontextmanager
    async def vault(self) -> AsyncIterator[Vault]:
        servers = read_key_servers(self.vaults.settings["BALIE_KEY_SERVERS"])
        issuer = Issuer(origin=ORIGIN, seed=self.vaults.seed, servers=servers)
        tokens = issuer.tokens(self.keyring.person, int(time.time()))

        async def token(server: KeyServerAt) -> str:
            return tokens[server.server]

        async with http_transport(origin=ORIGIN) as transport:
            yield Vault(servers, transport, token)

    def wait_until_well(self) -> None:
        until = time.monotonic() + READY_S
        while missing := [name for name, port in self.vaults.addresses().items() if ask(port, HEALTH) != 200]:
            if time.monotonic() > until:
                raise TimeoutError(f"no answer from {', '.join(missing)}")
            time.sleep(0.05)


@contextmanager
def key_servers() -> Iterator[KeyServers]:
    """Without an application: tokens are made here."""
    now = int(time.time())
    keyring = make_keyring(at=now)
    with ExitStack() as last:
        folder = Path(last.enter_context(TemporaryDirectory(prefix="balie-bench-", dir="/var/tmp")))
        vaults = prepare_vaults(
            folder, ports=free_ports(PORTS), origin=ORIGIN, rp_id=RP_ID, machines={keyring.person: ENOUGH}
        )
        supervisor = last.enter_context(Supervisor(folder / "logs"))
        children = {part.name: supervisor.start(part) for part in vaults.parts()}
        parts = share_out(keyring, read_key_servers(vaults.settings["BALIE_KEY_SERVERS"]), at=now)
        found = KeyServers(vaults, children, keyring, make_device(keyring.person), parts)
        found.wait_until_well()
        asyncio.run(_deposit(found))
        yield found


async def _deposit(servers: KeyServers) -> None:
    passkey = state_device(servers.keyring, servers.device, at=int(time.time())).passkey
    async with servers.vault() as vault:
        if missing := await vault.deposit(servers.keyring, servers.parts, Doors(passkeys=(passkey,))):
            raise RuntimeError(", ".join(map(str, missing)))


def measure_unlocking(servers: KeyServers) -> dict[str, float]:
    """One round: milliseconds, healthy, then with one dead, then with one that says nothing."""
    found: dict[str, float] = {}
    for name, failing in (("healthy", _healthy), ("one_dead", _dead), ("one_silent", _silent)):
        with failing(servers):
            waited = asyncio.run(_unlock_often(servers))
        found |= {f"unlock_p50_{name}_ms": waited.at(50), f"unlock_p99_{name}_ms": waited.at(99)}
    return found


def unlock_ratios(found: dict[str, float]) -> dict[str, float]:
    healthy = found["unlock_p99_healthy_ms"]
    return {f"unlock_p99_{name}_vs_healthy": found[f"unlock_p99_{name}_ms"] / healthy for name in FAILING}


async def _unlock_often(servers: KeyServers) -> Histogram:
    """One after the other, as a watcher does; the first few warm up what a client keeps open."""
    gesture = by_passkey(servers.device.authenticator(rp_id=RP_ID, origin=ORIGIN))
    waited = Histogram()
    async with servers.vault() as vault:
        for number in range(WARM_UP + UNLOCKS):
            began = time.perf_counter()
            await vault.unlock(servers.public, gesture)
            if number >= WARM_UP:
                waited.add((time.perf_counter() - began) * 1000)
    return waited


@contextmanager
def _healthy(_servers: KeyServers) -> Iterator[None]:
    yield


@contextmanager
def _dead(servers: KeyServers) -> Iterator[None]:
    kill_part(servers.victim)
    yield
    servers.victim.tend()
    servers.wait_until_well()


@contextmanager
def _silent(servers: KeyServers) -> Iterator[None]:
    """It takes connections, and nobody reads them."""
    processes = [psutil.Process(servers.victim.pid), *psutil.Process(servers.victim.pid).children(recursive=True)]
    for process in processes:
        process.suspend()
    yield
    for process in processes:
        process.resume()
    servers.wait_until_well()
