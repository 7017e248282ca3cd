"""Tokens for key servers: that somebody is logged in here. They are of no use without a gesture.

One for each key server, which nobody else accepts. Key servers check them against pinned public keys and ask nobody.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from balie.consult.keyservers import KeyServerAt
from balie.consult.protocol.boxes import KEY_BYTES
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.statements import public_of
from balie.lib.problems import Problem
from balie.runtime.hot import Connection

IDENTITY: Final = "select id from consult_identity where person_id = %s and known <> ''"
GOOD_S: Final = 600
ALGORITHM: Final = "Ed25519"


class Issuer:
    """Makes tokens in the name of `origin`, for these key servers. Raises ValueError for a seed that is none."""

    def __init__(self, *, origin: str, seed: str, servers: Sequence[KeyServerAt]) -> None:
        self._origin, self._servers, self._key = origin, tuple(servers), _key(seed)

    def tokens(self, person: str, now: int) -> dict[str, str]:
        """Key server to token, for the person that the protocol calls so."""
        return {each.server: self._token(person, each.audience, now) for each in self._servers}

    def own_token(self, server: KeyServerAt, now: int) -> str:
        """With which the application itself asks a key server to cosign its key log."""
        return self._signed({"token_use": "key-log"}, server.audience, now)

    def _token(self, person: str, audience: str, now: int) -> str:
        return self._signed({"token_use": "access", "person": person}, audience, now)

    def _signed(self, said: dict[str, str], audience: str, now: int) -> str:
        claims = {"iss": self._origin, "aud": audience, "iat": now, "exp": now + GOOD_S}
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self._key.kid}
        return jwt.encode(header, claims | said, self._key, algorithms=[ALGORITHM])

    def public(self) -> Any:
        """The JWK set that key servers pin."""
        return KeySet([self._key]).as_dict(private=False)


async def give_tokens(issuer: Issuer, conn: Connection, person: int, now: int) -> dict[str, Any]:
    """For somebody who is logged in and has stated keys here. Raises Problem."""
    row = await (await conn.execute(IDENTITY, (person,))).fetchone()
    if row is None:
        raise Problem("no_keys")
    return {"tokens": issuer.tokens(row[0], now), "good_s": GOOD_S}


def _key(seed: str) -> OKPKey:
    try:
        data = base64.b64decode(seed, validate=True)
    except binascii.Error:
        data = b""
    if len(data) != KEY_BYTES:
        raise ValueError(f"not {KEY_BYTES} bytes in base64")
    key = OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": b64(public_of(data)), "d": b64(data)})
    return OKPKey.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})
