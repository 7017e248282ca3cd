"""The process that serves: the client without a screen, the desk, and the HTTP before it."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import structlog
from starlette.applications import Starlette

from balie.connector.api import Api, create
from balie.connector.config import CHECKPOINT, CLEARED, STORE, Config, digest_of_key, load_config
from balie.connector.desk import Desk
from balie.connector.own_entries import OwnEntries
from balie.connector.passes import Passing, lines
from balie.connector.store import Store
from balie.consult.client.application import Application
from balie.consult.client.doors import save_cache
from balie.consult.client.keylog import follow
from balie.consult.client.listening import STREAM
from balie.consult.client.machine import CACHE, keyring_and_device
from balie.consult.client.talk import Talk
from balie.consult.client.transport import http_transport
from balie.consult.client.world import World

log = structlog.get_logger()


def load(path: Path) -> Starlette:
    """Called in the worker process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )
    config = load_config(path)
    api = Api(key=digest_of_key(config), agb_code=config.agb_code)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with opened(config) as api.desk:
            running = asyncio.create_task(api.desk.run())
            running.add_done_callback(_give_up)
            try:
                yield
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running

    return create(api, lifespan=lifespan)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Desk]:
    """The desk of this practice, before it runs."""
    keyring, device = keyring_and_device(Path(config.data))
    store = Store(config.file(STORE))
    async with http_transport(origin=config.origin) as http:
        passing = Passing(http, config.origin, config.read_code())
        application = Application(config.origin, "", passing, asyncio.sleep)
        kept = config.file(CHECKPOINT)
        key_log = follow(application, config.read_key_servers(), address=config.origin, kept=kept)
        talk = Talk(World(application, keyring, key_log), device)
        stream = partial(lines, http, passing, config.origin + STREAM)
        entries = OwnEntries(key_log, keyring, config.file(CLEARED)) if key_log else None
        keep = partial(save_cache, Path(config.data) / CACHE, device)
        yield Desk(
            talk, store, stream, passing.recognise, pause=asyncio.sleep, clock=time.time, entries=entries, keep=keep
        )
    store.close()


def _give_up(running: asyncio.Task[None]) -> None:
    """A desk that broke is begun again with its process, rather than answering for ever from what it once knew."""
    if not running.cancelled() and (fault := running.exception()):
        log.critical("broke", exc_info=fault)
        os.kill(os.getpid(), signal.SIGTERM)
