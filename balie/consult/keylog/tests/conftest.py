from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from balie.consult.client.tests.network import Network, at
from balie.consult.keylog.cosigning import Cosigning
from balie.consult.keylog.log import KeyLog
from balie.consult.keyservers import KeyServerAt
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.keylog import ml_dsa_public, origin_of
from balie.consult.tests.conftest import clients, conn, keyholders, strangers, ward
from balie.keyserver.tests.house import ISSUER, NAMES, house, keys

__all__ = ["clients", "conn", "keyholders", "strangers", "ward"]

SERVERS = [msgspec.structs.replace(at(name), ml_dsa=b64(ml_dsa_public(keys(name).sign))) for name in NAMES]


class OwnTokens:
    """The issuer that the key servers of the tests know."""

    def __init__(self, network: Network) -> None:
        self._house = network.house

    def own_token(self, server: KeyServerAt, _now: int) -> str:
        return self._house.token("", server.server, token_use="key-log")


@pytest.fixture(autouse=True)
def configured(settings):
    settings.KEY_SERVERS, settings.ORIGINS = tuple(SERVERS), [ISSUER]
    settings.TOKEN_SEED = "A" * 43 + "="


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    async with house(tmp_path) as found:
        yield Network(found)


@pytest.fixture
def cosigning(network: Network) -> Cosigning:
    own = OwnTokens(network)
    return Cosigning(KeyLog(origin_of(ISSUER)), SERVERS, own, network.transport)  # type: ignore[arg-type]
