"""Three real key servers, and a network between them and a client that fails as it is told."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from balie.consult.client.deposits import Doors, Split, share_out
from balie.consult.client.device import DeviceSecrets, make_device, state_device
from balie.consult.client.keyrings import Keyring, make_keyring
from balie.consult.client.releasing import Public
from balie.consult.client.transport import Response, UnreachableError
from balie.consult.client.vault import Vault
from balie.consult.keyservers import KeyServerAt
from balie.consult.protocol import approvals
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.tests.vectors.cast import BEN, CORA
from balie.keyserver.tests.house import NAMES, ORIGIN, RP_ID, START, House, call, known

ROUTES = ("https://{}.example", "https://{}.other.example")


def at(name: str) -> KeyServerAt:
    keys = known(name)
    return KeyServerAt(
        server=name,
        kem=b64(keys.kem),
        sign=b64(keys.sign),
        audience=f"https://{name}.example",
        routes=tuple(route.format(name) for route in ROUTES),
    )


@dataclass
class Network:
    """`dead`: routes or servers that refuse. `silent`: that take a request and say nothing. `status`: what a proxy says
    in a server's stead. `asked` are server, route and path of each request, with its body.
    """

    house: House
    dead: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    status: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    hanging: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    elapsed: dict[float, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    async def transport(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        route, _, path = url.partition("/v1/")
        server = next(name for name in NAMES if f"//{name}." in route)
        self.asked.append((server, route, path, body))
        faults = {server, route, f"{server} {path}"}
        if faults & self.dead:
            raise UnreachableError("refused")
        if faults & self.silent:
            self.hanging[server].set()
            await asyncio.Event().wait()
        if said := next((self.status[each] for each in faults if each in self.status), 0):
            return Response(said, b"<html>")
        headers = {**headers, "origin": ORIGIN}
        answer = await call(self.house.apps[server], method, f"/v1/{path}", body, headers)
        return Response(answer.status, self.bent(server, path, answer.body))

    def bent(self, _server: str, _path: str, body: bytes) -> bytes:
        return body

    async def pause(self, seconds: float) -> None:
        """Time goes by only when a test says so."""
        await self.elapsed[seconds].wait()

    def asked_for(self, path: str) -> list[str]:
        return [server for server, _, asked, _ in self.asked if asked == path]


@dataclass
class Person:
    """Somebody who made keys, with a device and two trustees, and deposited them."""

    network: Network
    keyring: Keyring
    device: DeviceSecrets
    parts: Split
    doors: Doors
    vault: Vault

    @property
    def public(self) -> Public:
        return Public(self.keyring.person, self.keyring.history, self.parts.statement)

    @property
    def passkey(self) -> Any:
        return self.device.authenticator(rp_id=RP_ID, origin=ORIGIN)


def vault_in(network: Network, person: str, order: tuple[str, ...] = NAMES) -> Vault:
    async def token(server: KeyServerAt) -> str:
        return network.house.token(person, server.server)

    def choose(servers: list[str]) -> list[str]:
        return [name for name in order if name in servers]

    return Vault([at(name) for name in NAMES], network.transport, token, pause=network.pause, choose=choose)


def make_person(network: Network, order: tuple[str, ...] = NAMES) -> Person:
    keyring = make_keyring(at=START)
    device = make_device(keyring.person)
    stated = state_device(keyring, device, at=START)
    trustees = approvals.state_trustees(
        person=keyring.person,
        generation=1,
        colleagues=[BEN.known_key(), CORA.known_key()],
        at=START,
        sign_seed=keyring.sign_seed,
    )
    doors = Doors(passkeys=(stated.passkey,), devices=(stated.certificate,), trustees=trustees)
    vault = vault_in(network, keyring.person, order)
    return Person(network, keyring, device, share_out(keyring, vault.servers, at=START), doors, vault)


def bend(body: bytes, **members: Any) -> bytes:
    return json.dumps(json.loads(body) | members).encode()
