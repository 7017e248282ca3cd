"""Where the key servers are, and which keys they have: what an installation pins, and its clients go by."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.keylog import Cosigner, origin_of
from balie.consult.protocol.payloads import MlDsa, Name, Public, Server
from balie.consult.protocol.release import KeyServer
from balie.consult.protocol.shares import SERVERS

Address = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+\Z")]


class KeyServerAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key server. `audience` is what its tokens name; `routes` are addresses that lead there, best first. With
    `ml_dsa`, its other signing key, it cosigns the key log, which it calls `key_log` if that is given.
    """

    server: Server
    kem: Public
    sign: Name
    ml_dsa: MlDsa | None = None
    key_log: Annotated[str, msgspec.Meta(pattern=r"^[^\s+]{1,255}\Z")] | None = None
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
    if len({each.key_log for each in found}) != 1:
        raise ValueError("all key servers have one key_log, or none is given")
    return found


def cosigners(servers: Sequence[KeyServerAt]) -> list[Cosigner]:
    """Those that cosign the key log, all of an installation's; none where it has none."""
    found = [each.cosigner for each in servers]
    return [each for each in found if each] if all(found) else []


def key_log_name(servers: Sequence[KeyServerAt], *, address: str) -> str:
    """What checkpoints call the key log of the installation at this address."""
    named = next((each.key_log for each in servers if each.key_log), None)
    return named or origin_of(address)


def origins(servers: Sequence[KeyServerAt]) -> list[str]:
    """Every address that a browser may ask."""
    return sorted({route for each in servers for route in each.routes})
