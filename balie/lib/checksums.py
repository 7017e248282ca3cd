"""Signed checksums of files that we hand out: whoever has our public keys can tell that a file is ours and whole.

A signature is a compact JWS (RFC 7515, EdDSA by Ed25519) over the file's SHA-256 and what the file says it is about.
The key follows from the installation's secret, so there is nothing to configure, and no key to lose.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

ALGORITHM: Final = "Ed25519"
TYPE: Final = "balie-checksum+jws"
_INFO: Final = b"balie checksums v1"
_SEED_BYTES: Final = 32


class StrangeFileError(ValueError):
    """The file is not what was signed, or nobody we know signed it. The text says which."""


def sign_file(content: bytes, about: Mapping[str, Any], *, secret: str) -> str:
    """The signature that goes beside the file."""
    key = _key(secret)
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}
    payload = json.dumps({**about, "sha256": sha256(content).hexdigest()}, separators=(",", ":"), sort_keys=True)
    return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM])


def verify_file(content: bytes, signature: str, *, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What the signature says the file is about. Raises StrangeFileError."""
    try:
        found = jws.deserialize_compact(signature.strip(), KeySet.import_key_set(keys), algorithms=[ALGORITHM])  # type: ignore[arg-type]
        said = json.loads(found.payload)
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise StrangeFileError("None of these keys made this signature.") from fault
    if found.protected.get("typ") != TYPE or not isinstance(said, dict):
        raise StrangeFileError("This is a signature of something else.")
    if said.pop("sha256", None) != sha256(content).hexdigest():
        raise StrangeFileError("The file is not the one that was signed: something in it is different.")
    return said


def public_keys(secrets: Sequence[str]) -> dict[str, Any]:
    """The JWK set for whoever verifies: of the secret in use, and of those before it."""
    return KeySet([_key(secret) for secret in secrets]).as_dict(private=False)  # type: ignore[return-value]


def _key(secret: str) -> OKPKey:
    seed = HKDF(algorithm=SHA256(), length=_SEED_BYTES, salt=None, info=_INFO).derive(secret.encode())
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key = OKPKey.import_key(private)
    return OKPKey.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})
