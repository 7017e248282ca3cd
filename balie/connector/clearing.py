"""What somebody does who looked into a key or device that the connector did not make."""

import asyncio
from pathlib import Path

from balie.connector.config import CLEARED, Config
from balie.connector.own_entries import OwnEntries
from balie.connector.passes import Passing
from balie.consult.client.application import Application
from balie.consult.client.keylog import follow
from balie.consult.client.machine import keyring_and_device
from balie.consult.client.transport import http_transport


async def clear(config: Config, note: str) -> list[str]:
    """Names the statements about which `note` was written down. Raises Rejected, ClosedError, UnreachableError,
    ProblemError.
    """
    keyring, device = keyring_and_device(Path(config.data))
    async with http_transport(origin=config.origin) as http:
        passing = Passing(http, config.origin, config.read_code())
        application = Application(config.origin, "", passing, asyncio.sleep)
        key_log = follow(application, config.read_key_servers(), address=config.origin)
        return await OwnEntries(key_log, keyring, config.file(CLEARED)).clear(device.device, note) if key_log else []
