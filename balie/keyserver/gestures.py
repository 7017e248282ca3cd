"""Whether a passkey made a gesture for exactly this challenge: WebAuthn, by its library."""

from typing import Annotated

import msgspec
from webauthn import verify_authentication_response
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticationCredential, AuthenticatorAssertionResponse

from balie.consult.protocol.encoding import unb64
from balie.keyserver.config import Config


class Assertion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an authenticator gave, each in `b64`."""

    credential: Annotated[str, msgspec.Meta(min_length=22, max_length=1366)]
    client_data: Annotated[str, msgspec.Meta(max_length=4096)]
    authenticator_data: Annotated[str, msgspec.Meta(max_length=4096)]
    signature: Annotated[str, msgspec.Meta(max_length=2048)]


def verified(assertion: Assertion, *, key: bytes, challenge: bytes, config: Config) -> bool:
    """Present **and** verified, at one of the application's origins.

    Counters are not compared: passkeys that are synchronised have none, and a challenge serves once anyway.
    """
    response = AuthenticatorAssertionResponse(
        client_data_json=unb64(assertion.client_data),
        authenticator_data=unb64(assertion.authenticator_data),
        signature=unb64(assertion.signature),
    )
    credential = AuthenticationCredential(
        id=assertion.credential, raw_id=unb64(assertion.credential), response=response
    )
    try:
        verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=config.rp_id,
            expected_origin=config.origins,
            credential_public_key=key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return False
    return True
