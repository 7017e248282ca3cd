"""Hot paths and key servers in this process, behind real sockets, for probes that come by HTTP as they always do."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDict

from balie.asgi import Site
from balie.consult.client.machine import keyring_and_device
from balie.consult.keyservers import KeyServerAt
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.keylog import ml_dsa_public
from balie.consult.tokens import Issuer
from balie.keyserver.asgi import create
from balie.keyserver.tests.house import NAMES, config, keys, known
from balie.ops.card import Card
from balie.ops.enrolling import enrol_people
from balie.ops.probes.looking import Unwell
from balie.ops.probes.order import Order
from balie.ordering.tests.web import off_loop, running

SEED = b64(bytes(32)).replace("-", "+").replace("_", "/") + "="
CALL = "update waitingroom_ticket set number = 1, called_at = clock_timestamp()"


@dataclass
class Behind:
    """An ASGI app as a socket shows it; `broken` answers 502 in its stead."""

    app: Any
    broken: bool = False

    async def answer(self, request: web.Request) -> web.Response:
        if self.broken:
            return web.Response(status=502)
        body, sent = await request.read(), []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": request.path,
            "query_string": request.query_string.encode(),
            "headers": [(name.lower(), value) for name, value in request.raw_headers],
        }
        await self.app(scope, receive, send)
        headers = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        return web.Response(
            status=sent[0]["status"],
            body=b"".join(each.get("body", b"") for each in sent[1:]),
            headers=CIMultiDict((name, value) for name, value in headers if name.lower() != "content-length"),
        )


@asynccontextmanager
async def listening(behind: Behind, port: int) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", behind.answer)
    async with TestServer(app, port=port, host="localhost"):
        yield


@dataclass
class Town:
    """An installation that answers at ORIGINS. `routes` are by key server and number."""

    site: Site
    front: Behind
    card: Card
    routes: dict[tuple[str, int], Behind] = field(default_factory=dict)


@pytest.fixture
def address(unused_tcp_port_factory: Callable[[], int], settings, tmp_path) -> int:
    port = unused_tcp_port_factory()
    settings.ORIGINS = [f"http://localhost:{port}"]
    settings.WATCH_FOLDER = str(tmp_path / "watch")
    return port


@pytest.fixture
async def town(installation, address: int) -> AsyncIterator[Town]:
    """Its people are enrolled, and their number has been called."""
    card = await off_loop(enrol_people)
    async with running(Site("live")) as site:
        town = Town(site, Behind(site), card)
        async with listening(town.front, address):
            await site.pictures.read_anew()
            with pytest.raises(Unwell, match="joining: number None waits, and nobody calls it"):
                await Order().look()
            with installation.connect() as conn:
                conn.execute(CALL)
                conn.execute("update waitingroom_room set called = 1, last = 1")
                conn.execute("update runtime_clock set shows = clock_timestamp(), advanced_at = clock_timestamp()")
            await site.pictures.read_anew()
            yield town


@pytest.fixture
async def key_servers(address, settings, tmp_path, unused_tcp_port_factory) -> AsyncIterator[dict[Any, Behind]]:
    """Three, each by two routes; they pin the tokens of this installation, and know the canary as software."""
    origin = settings.ORIGINS[0]
    settings.TOKEN_SEED = SEED
    jwks = tmp_path / "pinned.json"
    jwks.write_text(json.dumps(Issuer(origin=origin, seed=SEED, servers=()).public()))
    keyring, _ = keyring_and_device(tmp_path / "watch")
    trust = {"issuer": origin, "jwks": str(jwks), "rp_id": "localhost", "origins": [origin]}
    routes: dict[Any, Behind] = {}
    at = []
    async with AsyncExitStack() as stack:
        for name in NAMES:
            app = create(config(name, tmp_path, **trust, machines={keyring.person: 1000}), keys(name))
            await stack.enter_async_context(app.router.lifespan_context(app))
            ports = [unused_tcp_port_factory() for _ in range(2)]
            for number, port in enumerate(ports, start=1):
                routes[name, number] = Behind(app)
                await stack.enter_async_context(listening(routes[name, number], port))
            public = known(name)
            at.append(
                KeyServerAt(
                    server=name,
                    kem=b64(public.kem),
                    sign=b64(public.sign),
                    ml_dsa=b64(ml_dsa_public(keys(name).sign)),
                    audience=f"https://{name}.example",
                    routes=tuple(f"http://localhost:{port}" for port in ports),
                )
            )
        settings.KEY_SERVERS = tuple(at)
        yield routes
