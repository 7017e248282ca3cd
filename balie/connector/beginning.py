"""What happens once, before a connector serves: it gets keys, and everybody who must knows them."""

import asyncio
from pathlib import Path

from balie.connector.config import Config
from balie.connector.passes import Passing
from balie.consult.client.application import Application
from balie.consult.client.machine import enrol
from balie.consult.client.trail import Tried
from balie.consult.client.transport import http_transport


async def begin(config: Config) -> list[Tried]:
    """Whatever is there already stays, so this may run as often as one likes. Returns which key servers have no share
    yet, and why. Raises ClosedError, UnreachableError.
    """
    async with http_transport(origin=config.origin) as http:
        passing = Passing(http, config.origin, config.read_code())
        application = Application(config.origin, "", passing, asyncio.sleep)
        return await enrol(Path(config.data), application, http, config.read_key_servers())
