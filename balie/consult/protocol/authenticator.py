"""A passkey in software, for clients without a person at hand: the canary and record systems (`release.md`)."""

import struct
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import cbor2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from balie.consult.protocol.encoding import b64

USER_PRESENT: Final = 0x01
USER_VERIFIED: Final = 0x04


@dataclass(frozen=True)
class Assertion:
    """What an authenticator gave, each in `b64`: the form in which it goes to a key server."""

    credential: str
    client_data: str
    authenticator_data: str
    signature: str


@dataclass(frozen=True)
class SoftwareAuthenticator:
    """Ed25519. It cannot verify a user; a key server knows it by a limit of its own."""

    credential: bytes
    seed: bytes
    rp_id: str
    origin: str

    @property
    def public_key(self) -> bytes:
        """In COSE form (RFC 9053): OKP, EdDSA, Ed25519."""
        x = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return bytes(cbor2.dumps({1: 1, 3: -8, -1: 6, -2: x}))

    def sign(self, challenge: bytes, *, flags: int = USER_PRESENT | USER_VERIFIED, count: int = 0) -> Assertion:
        client_data = msgspec.json.encode(
            {"type": "webauthn.get", "challenge": b64(challenge), "origin": self.origin, "crossOrigin": False}
        )
        data = sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, count)
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        signature = key.sign(data + sha256(client_data).digest())
        return Assertion(b64(self.credential), b64(client_data), b64(data), b64(signature))
