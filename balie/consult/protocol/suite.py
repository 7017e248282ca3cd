"""Suites: how things are sealed to a key (`envelope.md`, "Sealing"). Suite 1 is HPKE (RFC 9180, base mode) with X-Wing,
HKDF-SHA256 and AES-256-GCM. What was sealed, and every key, says of which suite it is; all of `SUITES` are read.
"""

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from balie.consult.protocol.encoding import name
from balie.consult.protocol.reasons import Reason, reject

SEED_BYTES: Final = 32
PUBLIC_BYTES: Final = 1216
MLKEM_PUBLIC_BYTES: Final = 1184
ENC_BYTES: Final = 1120
TAG_BYTES: Final = 16


@dataclass(frozen=True)
class XWing:
    """HPKE with X-Wing, and with what `hpke` says besides. `overhead`: bytes by which sealing makes something longer,
    without the byte of the suite.
    """

    hpke: Suite
    overhead: ClassVar[int] = ENC_BYTES + TAG_BYTES

    def public_of(self, seed: bytes) -> bytes:
        mlkem, x25519 = _halves(seed)
        return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def seal(self, public: bytes, info: bytes, plaintext: bytes) -> bytes:
        if len(public) != PUBLIC_BYTES:
            reject(Reason.MALFORMED_KEY, "public key")
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_BYTES])
            x25519 = X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC_BYTES:])
            return self.hpke.encrypt(plaintext, MLKEM768X25519PublicKey(mlkem, x25519), info=info)
        except ValueError:
            reject(Reason.MALFORMED_KEY, "public key")

    def unseal(self, seed: bytes, info: bytes, sealed: bytes) -> bytes:
        private = MLKEM768X25519PrivateKey(*_halves(seed))
        try:
            return self.hpke.decrypt(sealed, private, info=info)
        except (InvalidTag, ValueError):
            reject(Reason.UNOPENABLE, "sealed")


def _halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(seed) != SEED_BYTES:
        reject(Reason.MALFORMED_KEY, "seed")
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


FIRST: Final = 1
SUITES: Final = {FIRST: XWing(Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM))}
CURRENT = 1  # of keys that are made now; what came before it is sealed again


def known(number: int, what: str) -> XWing:
    """Raises Rejected (`unknown-suite`)."""
    found = SUITES.get(number)
    if found is None:
        reject(Reason.UNKNOWN_SUITE, what)
    return found


def public_of(seed: bytes, number: int = FIRST) -> bytes:
    """The public key of a 32-byte seed; of X-Wing ML-KEM-768, then X25519: 1,216 bytes."""
    return SUITES[number].public_of(seed)


def public_name(public: bytes, number: int = FIRST) -> str:
    """What a public key is called wherever one is named."""
    return name("kem-key", bytes([number]), public)


@dataclass(frozen=True)
class Kem:
    """A public key to seal to, of this suite."""

    public: bytes
    suite: int

    @property
    def name(self) -> str:
        return public_name(self.public, self.suite)


def seal(public: bytes, info: bytes, plaintext: bytes, number: int = FIRST) -> bytes:
    """Suite byte, encapsulated key, ciphertext. All context goes into `info`: the library has no `aad`."""
    return bytes([number]) + SUITES[number].seal(public, info, plaintext)


def unseal(seed: bytes, info: bytes, sealed: bytes) -> bytes:
    """What was sealed to the key of `seed` under exactly this `info`."""
    suite = known(suite_of(sealed), "sealed")
    if len(sealed) < 1 + suite.overhead:
        reject(Reason.MALFORMED, "sealed")
    return suite.unseal(seed, info, sealed[1:])


def suite_of(sealed: bytes) -> int:
    """What its first byte says; 0, which there is not, of nothing at all."""
    return sealed[0] if sealed else 0
