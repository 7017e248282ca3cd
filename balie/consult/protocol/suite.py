"""Suite 1: HPKE (RFC 9180, base mode) with X-Wing, HKDF-SHA256 and AES-256-GCM (`envelope.md`, "Sealing")."""

import hashlib
from typing import Final

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

SUITE: Final = 1
SEED_BYTES: Final = 32
PUBLIC_BYTES: Final = 1216
MLKEM_PUBLIC_BYTES: Final = 1184
ENC_BYTES: Final = 1120
TAG_BYTES: Final = 16
_HPKE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(seed) != SEED_BYTES:
        reject(Reason.MALFORMED_KEY, "seed")
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def public_of(seed: bytes) -> bytes:
    """The public key of a 32-byte X-Wing seed: ML-KEM-768, then X25519; 1,216 bytes."""
    mlkem, x25519 = _halves(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def public_name(public: bytes) -> str:
    """What a public key is called wherever one is named."""
    return name("kem-key", bytes([SUITE]), public)


def seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Suite byte, encapsulated key, ciphertext. All context goes into `info`: the library has no `aad`."""
    if len(public) != PUBLIC_BYTES:
        reject(Reason.MALFORMED_KEY, "public key")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_BYTES])
        x25519 = X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC_BYTES:])
        sealed = _HPKE.encrypt(plaintext, MLKEM768X25519PublicKey(mlkem, x25519), info=info)
    except ValueError:
        reject(Reason.MALFORMED_KEY, "public key")
    return bytes([SUITE]) + sealed


def unseal(seed: bytes, info: bytes, sealed: bytes) -> bytes:
    """What was sealed to the key of `seed` under exactly this `info`."""
    if sealed[:1] != bytes([SUITE]):
        reject(Reason.UNKNOWN_SUITE, "sealed")
    if len(sealed) < 1 + ENC_BYTES + TAG_BYTES:
        reject(Reason.MALFORMED, "sealed")
    private = MLKEM768X25519PrivateKey(*_halves(seed))
    try:
        return _HPKE.decrypt(sealed[1:], private, info=info)
    except (InvalidTag, ValueError):
        reject(Reason.UNOPENABLE, "sealed")
