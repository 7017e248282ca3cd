"""Whatever comes in, the answer is an answer or `Rejected`: no other error gets out, which would tell more."""

import contextlib
import json

import pyshamir
from hypothesis import given, settings
from hypothesis import strategies as st

from balie.consult.protocol import boxes, persons, shares, statements, suite, unlocking
from balie.consult.protocol.encoding import b64, info, unb64
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.tests.vectors.cast import ANNA
from balie.consult.protocol.tests.vectors.maker import flipped, secret

SEALED = suite.seal(suite.public_of(ANNA.kem_seed), b"", b"text")
BOX = boxes.lock("balie-example+jwe", secret("box"), b"text")
KEYS = statements.signers(ANNA.sign_public)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(st.binary(max_size=1200) | st.integers(0, len(SEALED)).map(lambda at: SEALED[:at]))
@settings(max_examples=60, deadline=None)
def test_sealed(data):
    with contextlib.suppress(Rejected):
        suite.unseal(ANNA.kem_seed, b"", data)


@given(st.text() | st.lists(st.text(alphabet="ABcd-_."), min_size=5, max_size=5).map(".".join))
@settings(max_examples=100, deadline=None)
def test_a_box(text):
    with contextlib.suppress(Rejected):
        boxes.unlock("balie-example+jwe", secret("box"), text)


@given(JSON)
@settings(max_examples=100, deadline=None)
def test_a_statement(value):
    with contextlib.suppress(Rejected):
        persons.accept_person_key(value, person=ANNA.id, known=None)
    with contextlib.suppress(Rejected):
        statements.verify("balie-example+jws", value, KEYS)


@given(JSON | st.just(ANNA.states()))
@settings(max_examples=100, deadline=None)
def test_a_payload(value):
    with contextlib.suppress(Rejected):
        decode(json.dumps(value).encode("utf-8", "surrogatepass"), persons.PersonKey)


@given(st.text())
def test_base64url(text):
    with contextlib.suppress(Rejected):
        assert b64(unb64(text)) == text


@given(st.text())
@settings(deadline=None)
def test_a_code(text):
    with contextlib.suppress(Rejected):
        unlocking.passphrase(text)


@given(st.lists(st.binary(max_size=9), max_size=4), st.lists(st.binary(max_size=9), max_size=4))
def test_two_lists_of_fields_never_give_the_same_bytes(one, other):
    assert (info("a", *one) == info("a", *other)) == (one == other)


def test_without_hashes_a_tampered_share_gives_a_wrong_secret_in_silence():
    """The control: this is what signed hashes are for."""
    shared = secret("shared")
    one, two, _ = shares.split(shared)
    assert pyshamir.combine([bytearray(one), bytearray(two)]) == shared
    assert pyshamir.combine([bytearray(flipped(one, 0)), bytearray(two)]) != shared
