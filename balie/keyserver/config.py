"""What an operator decides: one TOML file, and the server's own keys beside its store."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from balie.consult.protocol import statements, suite
from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.keylog import ml_dsa_public
from balie.consult.protocol.payloads import Id, Secret, Server

KEYS: Final = "keys.json"
STORE: Final = "store.sqlite"

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Per person. What was answered from memory does not count."""

    releases_per_day: Positive = 10
    refusals_per_hour: Positive = 20
    nonces_per_hour: Positive = 60


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`machines`: people that are software, and how many releases a day each may have. `traces`: where spans go.
    `key_log`: what checkpoints call the log that it cosigns; by the issuer's host, unless it is given.
    """

    name: Server
    data: str
    audience: str
    issuer: str
    jwks: str
    rp_id: str
    origins: Annotated[list[str], msgspec.Meta(min_length=1)]
    limits: Limits = Limits()
    machines: dict[Id, Positive] = {}
    traces: str = ""
    key_log: str = ""

    def releases_per_day(self, person: str) -> int:
        return self.machines.get(person, self.limits.releases_per_day)

    def nonces_per_hour(self, person: str) -> int:
        """A machine may do all its releases of a day within one hour."""
        return max(self.limits.nonces_per_hour, self.machines.get(person, 0))


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kem: Secret
    sign: Secret


@dataclass(frozen=True)
class Keys:
    """The seeds of this server's KEM and signing key."""

    kem: bytes
    sign: bytes

    def public(self) -> dict[str, str]:
        """What the application's settings and its clients go by; `ml_dsa` follows from the seed of `sign`."""
        kem, sign, ml_dsa = suite.public_of(self.kem), statements.public_of(self.sign), ml_dsa_public(self.sign)
        return {"kem": b64(kem), "sign": b64(sign), "ml_dsa": b64(ml_dsa)}


def load_config(path: Path) -> Config:
    """Raises ValueError with what is wrong in the file; paths in it are relative to it."""
    config = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Config)
    near = path.parent.absolute()
    return msgspec.structs.replace(config, data=str(near / config.data), jwks=str(near / config.jwks))


def load_keys(config: Config) -> Keys:
    stored = msgspec.json.decode((Path(config.data) / KEYS).read_bytes(), type=_Stored)
    return Keys(unb64(stored.kem), unb64(stored.sign))


def save_keys(config: Config, keys: Keys) -> None:
    """Once: a server that changed its keys is another server to every client."""
    path = Path(config.data) / KEYS
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(msgspec.json.encode(_Stored(b64(keys.kem), b64(keys.sign))))
