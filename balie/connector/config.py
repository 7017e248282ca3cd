"""What whoever runs a connector decides: one TOML file, and secrets beside it that the connector itself makes."""

import hashlib
import secrets
import tomllib
from pathlib import Path
from typing import Annotated, Final

import msgspec

from balie.consult.client.device import write_private
from balie.consult.keyservers import KeyServerAt, read_key_servers

KEY: Final = "key"
STORE: Final = "store.sqlite"
CHECKPOINT: Final = "checkpoint"
CLEARED: Final = "cleared"
KEY_BYTES: Final = 32


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`origin`: where Balie is. `code`: file with the code of the connection. `key_servers`: file with what operators
    call `BALIE_KEY_SERVERS`. `data`: folder of the connector's own. Paths are relative to the file they stand in.
    """

    origin: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+\Z")]
    agb_code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8}\Z")]
    code: str
    key_servers: str
    data: str

    def read_code(self) -> str:
        return Path(self.code).read_text(encoding="utf-8").strip()

    def read_key_servers(self) -> tuple[KeyServerAt, ...]:
        return read_key_servers(Path(self.key_servers).read_text(encoding="utf-8"))

    def file(self, name: str) -> Path:
        return Path(self.data) / name


def load_config(path: Path) -> Config:
    """Raises ValueError with what is wrong in the file, and OSError when it cannot be read."""
    config = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Config)
    near = path.parent.absolute()
    paths = {name: str(near / getattr(config, name)) for name in ("code", "key_servers", "data")}
    return msgspec.structs.replace(config, **paths)


def make_key(config: Config) -> Path:
    """The key by which the record system shows who it is, once; where it stands."""
    path = config.file(KEY)
    if not path.exists():
        write_private(path, secrets.token_urlsafe(KEY_BYTES).encode())
    return path


def digest_of_key(config: Config) -> str:
    return digest(config.file(KEY).read_text(encoding="utf-8").strip())


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
