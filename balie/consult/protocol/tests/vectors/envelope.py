"""`envelope.md`: encoding and sealing."""

from balie.consult.protocol import encoding, suite
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.tests.vectors.maker import Cases, flipped, secret

TITLE = "Encoding and sealing (envelope.md)"


def make(cases: Cases) -> None:
    encodings(cases)
    base64url(cases)
    sealing(cases)


def encodings(cases: Cases) -> None:
    lists: dict[str, list[bytes]] = {
        "no fields": [],
        "one empty field": [b""],
        "two fields": [b"ab", b"c"],
        "the same bytes divided otherwise": [b"a", b"bc"],
        "a field of 256 bytes": [bytes(range(256))],
        "a field that looks like a length": [b"\0\1", b"\0"],
    }
    for what, fields in lists.items():
        texts = [b64(field) for field in fields]
        cases.gives(
            f"info: {what}", "info", b64(encoding.info("an-example", *fields)), label="an-example", fields=texts
        )
        cases.gives(f"name: {what}", "name", encoding.name("an-example", *fields), label="an-example", fields=texts)
    for what, label in {
        "empty": "",
        "capitals": "An",
        "a zero": "a\0b",
        "ends in a dash": "a-",
        "accented": "é",
    }.items():
        cases.rejects(f"info: label, {what}", "info", Reason.MALFORMED, label=label, fields=[])
    cases.rejects("info: a field of 65536 bytes", "info", Reason.MALFORMED, label="a", fields=[b64(bytes(65536))])


def base64url(cases: Cases) -> None:
    cases.gives("base64url: both special letters", "unb64", "fbff", text="-_8", length=None)
    wrong = {
        "padding": "_w==",
        "the other alphabet": "+/8",
        "bits left over": "_x",
        "one letter": "A",
        "a space": "AA AA",
        "a line end": "AAAA\n",
        "a letter beyond ASCII": "AAAé",
    }
    for what, text in wrong.items():
        cases.rejects(f"base64url: {what}", "unb64", Reason.MALFORMED, text=text, length=None)
    cases.rejects("base64url: too short", "unb64", Reason.MALFORMED, text="AAAA", length=4)
    cases.rejects("base64url: too long", "unb64", Reason.MALFORMED, text="AAAA", length=2)


def sealing(cases: Cases) -> None:
    seed, other, context = secret("recipient"), secret("another recipient"), encoding.info("an-example", b"one")
    public, plaintext = suite.public_of(seed), secret("a key")
    cases.gives("public key of a seed", "public_of", b64(public), seed=b64(seed))
    cases.gives("name of a public key", "public_name", suite.public_name(public), public=b64(public))
    cases.rejects("a seed of 31 bytes", "public_of", Reason.MALFORMED_KEY, seed=b64(seed[:31]))

    def kept(what: str, text: bytes) -> bytes:
        return cases.kept.data(what, [public, context, text], lambda: suite.seal(public, context, text))

    sealed, empty = kept("a key sealed", plaintext), kept("nothing sealed", b"")
    given = {"seed": b64(seed), "info": b64(context), "sealed": b64(sealed)}
    cases.gives("a sealed key", "unseal", b64(plaintext), **given)
    cases.gives("nothing, sealed", "unseal", "", **given | {"sealed": b64(empty)})
    damaged = {
        "the encapsulated ML-KEM ciphertext": flipped(sealed, 1),
        "the encapsulated X25519 key": flipped(sealed, 1 + 1088),
        "the ciphertext": flipped(sealed, 1 + suite.ENC_BYTES),
        "the tag": flipped(sealed, -1),
    }
    for what, wrong in damaged.items():
        cases.rejects(f"a bit turned in {what}", "unseal", Reason.UNOPENABLE, **given | {"sealed": b64(wrong)})
    cases.rejects("the last byte missing", "unseal", Reason.UNOPENABLE, **given | {"sealed": b64(sealed[:-1])})
    cases.rejects("one byte too many", "unseal", Reason.UNOPENABLE, **given | {"sealed": b64(sealed + b"\0")})
    cases.rejects("sealed to somebody else", "unseal", Reason.UNOPENABLE, **given | {"seed": b64(other)})
    context = encoding.info("an-example", b"two")
    cases.rejects("sealed for another purpose", "unseal", Reason.UNOPENABLE, **given | {"info": b64(context)})
    short = sealed[: suite.ENC_BYTES + suite.TAG_BYTES]
    cases.rejects("too short to hold a tag", "unseal", Reason.MALFORMED, **given | {"sealed": b64(short)})
    for number in (0, 2, 255):
        wrong = bytes([number]) + sealed[1:]
        cases.rejects(f"suite {number}", "unseal", Reason.UNKNOWN_SUITE, **given | {"sealed": b64(wrong)})
    cases.rejects("nothing at all", "unseal", Reason.UNKNOWN_SUITE, **given | {"sealed": ""})
    publics = {
        "a public key of 1215 bytes": public[:-1],
        "a public key beyond the modulus": b"\xff" * suite.MLKEM_PUBLIC_BYTES + public[suite.MLKEM_PUBLIC_BYTES :],
        "an X25519 key of small order": public[: suite.MLKEM_PUBLIC_BYTES] + bytes(32),
    }
    for what, wrong in publics.items():
        cases.rejects(what, "seal", Reason.MALFORMED_KEY, public=b64(wrong), info="", plaintext="")
