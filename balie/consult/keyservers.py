"""Where the key servers are, and which keys they have: what an installation pins, and its clients go by."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.keylog import Cosigner
from balie.consult.protocol.payloads import MlDsa, Name, Public, Server
from balie.consult.protocol.release import KeyServer
from balie.consult.protocol.shares import SERVERS

Address = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+\Z")]


class KeyServerAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key server. `audience` is what its tokens name; `routes` are addresses that lead there, best first. With
    `ml_dsa`, its other signing key, it cosigns the key log.
    """

    server: Server
    kem: Public
    sign: Name
    ml_dsa: MlDsa | None = None
    audience: str
    routes: Annotated[tuple[Address, ...], msgspec.Meta(min_length=1)]

    @property
    def known(self) -> KeyServer:
        return KeyServer(self.server, unb64(self.kem), unb64(self.sign))

    @property
    def cosigner(self) -> Cosigner | None:
        return Cosigner(self.server, unb64(self.sign), unb64(self.ml_dsa)) if self.ml_dsa else None


def read_key_servers(text: str) -> tuple[KeyServerAt, ...]:
    """The three of an installation, from its settings (JSON). Raises ValueError with what is wrong."""
    found = msgspec.json.decode(text, type=tuple[KeyServerAt, ...])
    if len({each.server for each in found}) != len(found) or len(found) != SERVERS:
        raise ValueError(f"name {SERVERS} different key servers, not {[each.server for each in found]}")
    return found


def cosigners(servers: Sequence[KeyServerAt]) -> list[Cosigner]:
    """Those that cosign the key log, all of an installation's; none where it has none."""
    found = [each.cosigner for each in servers]
    return [each for each in found if each] if all(found) else []


def origins(servers: Sequence[KeyServerAt]) -> list[str]:
    """Every address that a browser may ask."""
    return sorted({route for each in servers for route in each.routes})
