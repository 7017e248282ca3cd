"""Unlock methods: each wraps the key of the keyset by itself (`keys.md`, "Unlock methods")."""

import re
import unicodedata
from typing import Final, Literal

import pyrage
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from balie.consult.protocol.boxes import KEY_BYTES, lock, unlock
from balie.consult.protocol.encoding import b64, info, unb64
from balie.consult.protocol.payloads import Id, Payload, Secret, decode, encode
from balie.consult.protocol.reasons import Reason, reject

TYP: Final = "balie-unlock+jwe"
WORDS: Final = 10
Derived = Literal["passkey", "shares"]
Method = Literal["device", "passkey", "shares", "code"]


class Unlock(Payload, frozen=True, kw_only=True):
    """What every method gives: the key of the keyset."""

    person: Id
    method: Method
    key: Secret


def derived_key(method: Derived, person: str, secret: bytes) -> bytes:
    """The wrapping key from a passkey's PRF output or from the secret that was shared out."""
    if len(secret) != KEY_BYTES:
        reject(Reason.MALFORMED_KEY, TYP)
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info("unlock", method.encode(), person.encode()))
    return kdf.derive(secret)


def prf_input(person: str) -> bytes:
    """What a passkey's PRF is evaluated on (`prf.eval.first`)."""
    return info("passkey-prf", person.encode())


def wrap(method: Derived, person: str, secret: bytes, key: bytes) -> str:
    unlocked = Unlock(person=person, method=method, key=b64(key))
    return lock(TYP, derived_key(method, person, secret), encode(unlocked))


def unwrap(method: Derived, person: str, secret: bytes, box: str) -> bytes:
    return _key(unlock(TYP, derived_key(method, person, secret), box), person, method)


def wrap_for_device(person: str, device: str, device_key: bytes, key: bytes) -> str:
    """In a browser the device's key is an AES-GCM key that cannot be taken out; so the box is called by the device."""
    return lock(TYP, device_key, encode(Unlock(person=person, method="device", key=b64(key))), kid=device)


def unwrap_on_device(person: str, device: str, device_key: bytes, box: str) -> bytes:
    return _key(unlock(TYP, device_key, box, kid=device), person, "device")


def unwrap_with_code(person: str, code: str, file: bytes) -> bytes:
    """`file` is an age file, made by a browser: this side's library would stretch the words for seconds."""
    words = passphrase(code)
    try:
        plaintext = pyrage.passphrase.decrypt(file, words)
    except (pyrage.DecryptError, ValueError):
        reject(Reason.UNOPENABLE, "recovery code")
    return _key(plaintext, person, "code")


def passphrase(code: str) -> str:
    """The ten words as they were printed, however they were typed."""
    words = re.findall(r"\S+", unicodedata.normalize("NFKC", code).lower().replace("-", " "))
    if len(words) != WORDS or not all(re.fullmatch(r"[a-z]+", word) for word in words):
        reject(Reason.MALFORMED, "recovery code")
    return "-".join(words)


def _key(plaintext: bytes, person: str, method: Method) -> bytes:
    unlocked = decode(plaintext, Unlock)
    if unlocked.person != person:
        reject(Reason.WRONG_PERSON, TYP)
    if unlocked.method != method:
        reject(Reason.WRONG_TYPE, TYP)
    return unb64(unlocked.key, KEY_BYTES)
