"""Signed checksums: what was signed is accepted, and nothing else is."""

import pytest
from joserfc import jws

from balie.lib import checksums
from balie.lib.checksums import StrangeFileError, public_keys, sign_file, verify_file

SECRET, BEFORE = "a secret of this installation", "the one before it"
CONTENT, ABOUT = b'{"day": "2027-10-04"}\n', {"day": "2027-10-04"}


def test_a_file_of_ours_is_known_also_after_the_secret_is_replaced():
    keys = public_keys([SECRET, BEFORE])
    assert all(key.keys() == {"crv", "x", "kty", "kid"} for key in keys["keys"])
    for secret in (SECRET, BEFORE):
        assert verify_file(CONTENT, sign_file(CONTENT, ABOUT, secret=secret), keys=keys) == ABOUT


@pytest.mark.parametrize(
    ("content", "signature", "secrets", "says"),
    [
        (CONTENT[:-1], sign_file(CONTENT, ABOUT, secret=SECRET), [SECRET], "not the one"),
        (CONTENT, sign_file(CONTENT, ABOUT, secret=BEFORE), [SECRET], "None of these keys"),
        (CONTENT, sign_file(CONTENT, ABOUT, secret=SECRET)[:-6] + "AAAAAA", [SECRET], "None of these keys"),
        (CONTENT, "onzin", [SECRET], "None of these keys"),
        (CONTENT, "", [SECRET], "None of these keys"),
    ],
)
def test_what_is_not_ours_or_not_whole_is_refused(content, signature, secrets, says):
    with pytest.raises(StrangeFileError, match=says):
        verify_file(content, signature, keys=public_keys(secrets))


def test_another_kind_of_message_under_our_key_is_no_signature_of_a_file():
    key = checksums._key(SECRET)
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": key.kid}
    other = jws.serialize_compact(header, b"{}", key, algorithms=["Ed25519"])
    with pytest.raises(StrangeFileError, match="something else"):
        verify_file(CONTENT, other, keys=public_keys([SECRET]))
