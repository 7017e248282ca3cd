"""The device of a headless client: its secrets, in a file that it keeps, and what the person states about it."""

import os
from dataclasses import dataclass
from pathlib import Path

from balie.consult.client.keyrings import Keyring, new_id, new_secret
from balie.consult.protocol import statements
from balie.consult.protocol.authenticator import SoftwareAuthenticator
from balie.consult.protocol.devices import certify_device
from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.passkeys import state_passkey
from balie.consult.protocol.payloads import Id, Payload, Secret, decode, encode
from balie.consult.protocol.statements import Statement


class DeviceSecrets(Payload, frozen=True, kw_only=True):
    """Seeds. `sign` signs messages, `cache` locks the keyset here, `passkey` is the software authenticator's."""

    person: Id
    device: Id
    sign: Secret
    cache: Secret
    credential: Id
    passkey: Secret

    def __repr__(self) -> str:
        return f"DeviceSecrets(person={self.person}, device={self.device})"

    def authenticator(self, *, rp_id: str, origin: str) -> SoftwareAuthenticator:
        return SoftwareAuthenticator(unb64(self.credential), unb64(self.passkey), rp_id, origin)


def make_device(person: str) -> DeviceSecrets:
    seeds = [b64(new_secret()) for _ in range(3)]
    return DeviceSecrets(
        person=person, device=new_id(), sign=seeds[0], cache=seeds[1], credential=new_id(), passkey=seeds[2]
    )


@dataclass(frozen=True)
class DeviceStatements:
    """What the person says of a device: that it signs for them, and that its passkey may release shares."""

    certificate: Statement
    passkey: Statement


def state_device(keyring: Keyring, device: DeviceSecrets, *, at: int) -> DeviceStatements:
    public = statements.public_of(unb64(device.sign))
    key = device.authenticator(rp_id="", origin="").public_key
    return DeviceStatements(
        certificate=certify_device(
            person=keyring.person,
            generation=keyring.generation,
            device=device.device,
            public=public,
            at=at,
            sign_seed=keyring.sign_seed,
        ),
        passkey=state_passkey(
            person=keyring.person,
            generation=keyring.generation,
            credential=unb64(device.credential),
            key=key,
            at=at,
            sign_seed=keyring.sign_seed,
        ),
    )


def save_device(path: Path, device: DeviceSecrets) -> None:
    write_private(path, encode(device))


def load_device(path: Path) -> DeviceSecrets:
    return decode(path.read_bytes(), DeviceSecrets)


def write_private(path: Path, content: bytes) -> None:
    """Readable by its owner alone; on the disk before it takes the old one's place."""
    new = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
