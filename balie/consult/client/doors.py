"""Doors to the keyset that need no key server: what this device kept, a security key, and the printed recovery code.

The cache may go; another door brings it back.
"""

from pathlib import Path
from typing import Annotated, Any

import msgspec

from balie.consult.client.device import DeviceSecrets, write_private
from balie.consult.client.keyrings import Keyring, open_keyring, read_history
from balie.consult.client.releasing import Public
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.payloads import Id, Payload, decode, encode
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.unlocking import unwrap, unwrap_on_device, unwrap_with_code, wrap_for_device


class _Cache(Payload, frozen=True, kw_only=True):
    person: Id
    history: Annotated[tuple[dict[str, Any], ...], msgspec.Meta(min_length=1)]
    keyset: str
    unlock: str


def save_cache(path: Path, device: DeviceSecrets, keyring: Keyring) -> None:
    unlock = wrap_for_device(device.person, device.device, unb64(device.cache), keyring.key)
    write_private(
        path, encode(_Cache(person=device.person, history=keyring.history, keyset=keyring.box(), unlock=unlock))
    )


def open_cache(path: Path, device: DeviceSecrets, *, admitters: tuple[KnownKey, ...] = ()) -> Keyring:
    """No server is asked. Raises FileNotFoundError, or Rejected when it is not this device's."""
    cache = decode(path.read_bytes(), _Cache)
    key = unwrap_on_device(device.person, device.device, unb64(device.cache), cache.unlock)
    known = read_history(device.person, cache.history, admitters)
    return open_keyring(box=cache.keyset, key=key, history=cache.history, known=known)


def open_with_code(public: Public, *, code: str, file: bytes, box: str) -> Keyring:
    """`file` is the age file that was made with the code; `box` is any copy of the keyset: the application's, a key
    server's, a device's.
    """
    key = unwrap_with_code(public.person, code, file)
    return open_keyring(box=box, key=key, history=public.history, known=public.known())


def open_with_passkey(public: Public, *, secret: bytes, wrap: str, box: str) -> Keyring:
    """`secret` is what the passkey's PRF gave for this person; `wrap` was made with it."""
    key = unwrap("passkey", public.person, secret, wrap)
    return open_keyring(box=box, key=key, history=public.history, known=public.known())
