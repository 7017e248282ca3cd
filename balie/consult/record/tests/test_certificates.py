"""A certificate says what was signed, and nothing else counts."""

import msgspec
import pytest

from balie.consult.record import certificates
from balie.consult.record.certificates import Certificate, CertificateFile, Listed, NotGoodError

SEED = certificates.seed_of("a secret")
KID, PUBLIC = certificates.key_of(SEED)
LISTED = certificates.write_list([Listed("message", "A" * 22, "B" * 43)])


def made(listed: str = LISTED, *, count: int = 1, seed: bytes = SEED) -> CertificateFile:
    counts = dict.fromkeys(certificates.KINDS, 0) | {"message": count}
    said = Certificate(
        v=1,
        installation="https://balie.example",
        conversation="C" * 43,
        kind="conversation",
        changed="2005-01-01T00:00:00+00:00",
        at="2026-01-01T00:00:00+00:00",
        agreed=(),
        counts=counts,
        listed=certificates.list_name(LISTED),
        log="",
    )
    return CertificateFile(certificates.seal_certificate(said, seed), listed)


def check(file: CertificateFile, keys: dict[str, str] | None = None) -> certificates.Checked:
    return certificates.check_file(certificates.write_file(file), keys or {KID: PUBLIC})


def test_what_was_signed_is_right():
    checked = check(made())
    assert (checked.kid, checked.certificate.counts["message"], checked.listed[0].id) == (KID, 1, "A" * 22)
    assert check(made(), certificates.keys_given(PUBLIC)) == checked


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(made(certificates.write_list([Listed("message", "Z" * 22, "B" * 43)])), id="another list"),
        pytest.param(made(count=2), id="another count"),
        pytest.param(made(seed=certificates.seed_of("another secret")), id="another key"),
        pytest.param(CertificateFile(made().certificate[:-4] + "AAAA", LISTED), id="another signature"),
        pytest.param(CertificateFile("", LISTED), id="no certificate"),
        pytest.param(made("[]"), id="an empty list"),
        pytest.param(made("{"), id="no list"),
    ],
)
def test_anything_else_is_not(file):
    with pytest.raises(NotGoodError):
        check(file)


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff\xfe", b"null", msgspec.json.encode({"certificate": 1})])
def test_what_is_no_file_is_not(data):
    with pytest.raises(NotGoodError):
        certificates.check_file(data, {KID: PUBLIC})


@pytest.mark.parametrize("key", ["", "x", "A" * 44, PUBLIC[:-1], "é"])
def test_what_is_no_key_is_not(key):
    with pytest.raises(NotGoodError):
        certificates.check_file(certificates.write_file(made()), certificates.keys_given(key))
