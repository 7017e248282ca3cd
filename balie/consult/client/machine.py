"""A client that is software: its keys in files of a folder that their owner alone may read, made known once, and its
deposit mended whenever that is asked.

Keys are made before anything else runs: key servers know this person as software, with a limit of its own, by an id
that stands in their settings.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from balie.consult.client.application import Application, ProblemError
from balie.consult.client.device import DeviceSecrets, load_device, make_device, save_device, write_private
from balie.consult.client.doors import open_cache, save_cache
from balie.consult.client.enrolment import deposit, state_keys
from balie.consult.client.keyrings import Keyring, make_keyring
from balie.consult.client.releasing import Public
from balie.consult.client.trail import Tried
from balie.consult.client.transport import Transport
from balie.consult.client.vault import Vault
from balie.consult.keyservers import KeyServerAt

DEVICE: Final = "device.json"
CACHE: Final = "keyset.json"
PUBLIC: Final = "public.json"
NO_KEYS: Final = "no_keys"


class _Kept(msgspec.Struct, frozen=True):
    person: str
    history: tuple[dict[str, Any], ...]
    share_set: dict[str, Any]


@dataclass(frozen=True)
class Keys:
    """What unlocking begins with: what all may know, and the device whose software is the passkey."""

    public: Public
    device: DeviceSecrets


def keyring_and_device(folder: Path) -> tuple[Keyring, DeviceSecrets]:
    """Made the first time."""
    if (folder / DEVICE).exists():
        device = load_device(folder / DEVICE)
        return open_cache(folder / CACHE, device), device
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring = make_keyring(at=int(time.time()))
    device = make_device(keyring.person)
    save_cache(folder / CACHE, device, keyring)
    save_device(folder / DEVICE, device)
    return keyring, device


def load_keys(folder: Path) -> Keys:
    """Once they were deposited. Raises OSError or ValueError before that."""
    kept = msgspec.json.decode((folder / PUBLIC).read_bytes(), type=_Kept)
    return Keys(Public(kept.person, kept.history, kept.share_set), load_device(folder / DEVICE))


def save_public(folder: Path, public: Public) -> None:
    write_private(folder / PUBLIC, msgspec.json.encode(_Kept(public.person, public.history, public.share_set)))


async def enrol(
    folder: Path, application: Application, transport: Transport, servers: Sequence[KeyServerAt]
) -> list[Tried]:
    """Make these keys known to the application and the key servers; whatever is there already stays. Returns who of the
    key servers has no share yet, and why.
    """
    keyring, device = keyring_and_device(folder)
    try:
        await application.tokens()
    except ProblemError as problem:
        if problem.code != NO_KEYS:
            raise
        await state_keys(application, keyring, device, at=int(time.time()))
    tokens = (await application.tokens()).tokens

    async def token(server: KeyServerAt) -> str:
        return tokens[server.server]

    vault = Vault(servers, transport, token)
    if (folder / PUBLIC).exists() and not await vault.held(load_keys(folder).public):
        return []
    version = await _version(application)
    enrolled = await deposit(application, vault, keyring, device, at=int(time.time()), version=version + 1)
    save_public(folder, enrolled.public)
    return list(enrolled.missing)


async def _version(application: Application) -> int:
    """Of the keyset that the application keeps already; 0 for none."""
    try:
        return (await application.keyset()).version
    except ProblemError as problem:
        if problem.status != 404:
            raise
        return 0
