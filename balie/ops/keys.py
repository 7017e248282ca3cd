"""The keys of the canary, in files of a folder that its owner alone may read.

They are made before anything else runs: key servers know this person as software, with a limit of its own, by an id
that stands in their settings.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from balie.consult.client.device import DeviceSecrets, load_device, make_device, save_device, write_private
from balie.consult.client.doors import open_cache, save_cache
from balie.consult.client.keyrings import Keyring, make_keyring
from balie.consult.client.releasing import Public

DEVICE: Final = "device.json"
CACHE: Final = "keyset.json"
PUBLIC: Final = "public.json"
RELEASES_A_DAY: Final = 20_000  # one in five seconds, and its confirming tries


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
