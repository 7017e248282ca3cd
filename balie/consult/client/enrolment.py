"""Making somebody known: to the application, and to the key servers."""

from collections.abc import Sequence
from dataclasses import dataclass

from balie.consult.client.application import Application, stated
from balie.consult.client.deposits import Doors, share_out
from balie.consult.client.device import DeviceSecrets, state_device
from balie.consult.client.keyrings import Keyring
from balie.consult.client.releasing import Public
from balie.consult.client.trail import Tried
from balie.consult.client.vault import Vault
from balie.consult.protocol import devices, passkeys, persons, shares


@dataclass(frozen=True)
class Enrolled:
    """`public` is what unlocking begins with; `missing` which key servers have no share yet, and why."""

    public: Public
    missing: Sequence[Tried]


async def state_keys(application: Application, keyring: Keyring, device: DeviceSecrets, *, at: int) -> None:
    """The first keys and the first device: enough to talk."""
    made = state_device(keyring, device, at=at)
    keys = [stated(persons.TYP, each) for each in keyring.history]
    await application.post(*keys, stated(devices.TYP, made.certificate), stated(passkeys.TYP, made.passkey))


async def deposit(
    application: Application, vault: Vault, keyring: Keyring, device: DeviceSecrets, *, at: int, version: int = 1
) -> Enrolled:
    """Shares for the key servers, and the keyset for the application: the second and third way back in. Keys are
    stated before; tokens for key servers are given to those who have keys.
    """
    parts = share_out(keyring, vault.servers, at=at)
    made = state_device(keyring, device, at=at)
    doors = Doors(passkeys=(made.passkey,), devices=(made.certificate,))
    missing = await vault.deposit(keyring, parts, doors)
    await application.post(stated(shares.TYP, parts.statement))
    wrap = {"method": "shares", "id": parts.stated.set, "wrap": parts.unlock}
    await application.keep_keyset(version=version, keyset=keyring.box(), wraps=[wrap])
    return Enrolled(Public(keyring.person, keyring.history, parts.statement), missing)
