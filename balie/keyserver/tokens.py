"""Access tokens: whom the identity provider says a request is from, or that it is its own. They are checked offline,
against pinned keys.
"""

from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from balie.consult.protocol.payloads import Id
from balie.keyserver.config import Config

ALGORITHMS: Final = ["RS256", "ES256", "Ed25519"]
LEEWAY_S: Final = 30
USE: Final = "access"
KEY_LOG_USE: Final = "key-log"
T = TypeVar("T", bound="_Claims")


class _Claims(msgspec.Struct):
    """`aud` MUST be this key server: a token for another service is of no use."""

    iss: str
    aud: str | list[str]
    exp: Annotated[int, msgspec.Meta(ge=0)]
    token_use: str


class _OfPerson(_Claims):
    """`person` is the id in the protocol."""

    person: Id


class Tokens:
    """Reads tokens for one audience."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._keys = KeySet.import_key_set(msgspec.json.decode(Path(config.jwks).read_bytes()))

    def person(self, authorization: str, now: int) -> str | None:
        """The person of a valid bearer token; None for whatever is not one, without telling why."""
        claims = self._claims(authorization, now, USE, _OfPerson)
        return claims.person if claims else None

    def issuer(self, authorization: str, now: int) -> str | None:
        """The issuer, when it asks for its key log itself; None for whatever is no token of that."""
        claims = self._claims(authorization, now, KEY_LOG_USE, _Claims)
        return claims.iss if claims else None

    def _claims(self, authorization: str, now: int, use: str, form: type[T]) -> T | None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            claims = msgspec.convert(jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims, form)
        except (JoseError, ValueError, msgspec.ValidationError):
            return None
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        meant = claims.iss == self._config.issuer and self._config.audience in audiences and claims.token_use == use
        return claims if meant and claims.exp + LEEWAY_S > now else None
