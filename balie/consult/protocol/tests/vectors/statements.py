"""`envelope.md`: statements and boxes."""

import json
from typing import Any

from balie.consult.protocol import boxes, statements
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.tests.vectors.cast import ANNA, BEN, CORA, sign_raw
from balie.consult.protocol.tests.vectors.maker import Cases, flipped, secret

TITLE = "Statements and boxes (envelope.md)"
TYP = "balie-example+jws"
BOX_TYP = "balie-example+jwe"


def make(cases: Cases) -> None:
    signing(cases)
    headers(cases)
    locking(cases)


def signing(cases: Cases) -> None:
    payload = b'{"v":1}'
    for who in (ANNA, BEN):
        cases.gives(f"kid of {who.who}", "kid", statements.kid_of(who.sign_public), public=b64(who.sign_public))
    text = statements.sign_compact(TYP, payload, ANNA.sign_seed)
    cases.gives("signed by one", "sign_compact", text, typ=TYP, payload=b64(payload), seed=b64(ANNA.sign_seed))
    both = sign_raw(TYP, payload, ANNA.sign_seed, BEN.sign_seed)
    publics = [b64(who.sign_public) for who in (ANNA, BEN)]
    given: dict[str, Any] = {"typ": TYP, "statement": both, "signers": publics}
    kids = [statements.kid_of(who.sign_public) for who in (ANNA, BEN)]
    name = statements.name_of(TYP, payload)
    cases.gives("signed by two", "verify", {"payload": b64(payload), "kids": kids, "name": name}, **given)
    first, second = both["signatures"]
    wrong = {
        "a payload with another space": (Reason.BAD_SIGNATURE, both | {"payload": b64(b'{"v": 1}')}),
        "a signature with a bit turned": (Reason.BAD_SIGNATURE, both | {"signatures": [first, _turned(second)]}),
        "signatures exchanged": (
            Reason.BAD_SIGNATURE,
            both | {"signatures": [first | {"signature": second["signature"]}]},
        ),
        "one signer unknown": (Reason.UNKNOWN_SIGNER, sign_raw(TYP, payload, ANNA.sign_seed, CORA.sign_seed)),
        "another type": (Reason.WRONG_TYPE, sign_raw("balie-other+jws", payload, ANNA.sign_seed)),
        "the same signer twice": (Reason.MALFORMED, both | {"signatures": [first, first]}),
        "no signatures": (Reason.MALFORMED, both | {"signatures": []}),
        "five signatures": (Reason.MALFORMED, both | {"signatures": [first] * 5}),
        "one member more": (Reason.MALFORMED, both | {"header": {}}),
        "an unprotected header": (Reason.MALFORMED, both | {"signatures": [first | {"header": {}}]}),
        "no payload": (Reason.MALFORMED, {"signatures": [first]}),
        "a payload that is too large": (Reason.MALFORMED, sign_raw(TYP, bytes(65537), ANNA.sign_seed)),
        "a signature of 63 bytes": (
            Reason.MALFORMED,
            both | {"signatures": [first | {"signature": first["signature"][:-2]}]},
        ),
    }
    for what, (reason, statement) in wrong.items():
        cases.rejects(what, "verify", reason, **given | {"statement": statement})


def _turned(signature: dict[str, str]) -> dict[str, str]:
    return signature | {"signature": b64(flipped(statements.unb64(signature["signature"]), 5))}


def headers(cases: Cases) -> None:
    """Headers that somebody might try; the signature is left as it was, for none of these come that far."""
    statement = sign_raw(TYP, b"{}", ANNA.sign_seed)
    kid, given = statements.kid_of(ANNA.sign_public), {"typ": TYP, "signers": [b64(ANNA.sign_public)]}
    right = {"alg": "Ed25519", "typ": TYP, "kid": kid}
    wrong = {
        "alg none": (Reason.WRONG_ALGORITHM, right | {"alg": "none"}),
        "alg EdDSA": (Reason.WRONG_ALGORITHM, right | {"alg": "EdDSA"}),
        "alg HS256": (Reason.WRONG_ALGORITHM, right | {"alg": "HS256"}),
        "no typ": (Reason.MALFORMED, {"alg": "Ed25519", "kid": kid}),
        "no kid": (Reason.MALFORMED, {"alg": "Ed25519", "typ": TYP}),
        "a key in the header": (Reason.MALFORMED, right | {"jwk": {}}),
        "crit": (Reason.MALFORMED, right | {"crit": ["b64"], "b64": False}),
        "kid no string": (Reason.MALFORMED, right | {"kid": 1}),
    }
    for what, (reason, header) in wrong.items():
        protected = b64(json.dumps(header).encode())
        bent = statement | {"signatures": [statement["signatures"][0] | {"protected": protected}]}
        cases.rejects(f"header: {what}", "verify", reason, **given, statement=bent)
    for what, raw in {
        "no JSON": b"{",
        "a list": b"[]",
        "a byte order mark": b"\xef\xbb\xbf{}",
        "no UTF-8": b"\xff",
    }.items():
        bent = statement | {"signatures": [statement["signatures"][0] | {"protected": b64(raw)}]}
        cases.rejects(f"header: {what}", "verify", Reason.MALFORMED, **given, statement=bent)


def locking(cases: Cases) -> None:
    key, plaintext = secret("box key"), b"what is in the box"

    def locked(what: str, **options: Any) -> str:
        typ, kid = options.get("typ", BOX_TYP), options.get("kid")
        return cases.kept.text(what, [key, typ.encode(), plaintext], lambda: boxes.lock(typ, key, plaintext, kid=kid))

    box = locked("a box")
    given = {"typ": BOX_TYP, "key": b64(key), "box": box, "kid": None}
    cases.gives("a box", "unlock_box", b64(plaintext), **given)
    named = locked("a named box", kid="a-name")
    cases.gives("a named box", "unlock_box", b64(plaintext), **given | {"box": named, "kid": "a-name"})
    cases.rejects("a box under another name", "unlock_box", Reason.WRONG_KEY, **given | {"box": named, "kid": "other"})
    cases.rejects("a box: another key", "unlock_box", Reason.WRONG_KEY, **given | {"key": b64(secret("another"))})
    under_name = given | {"box": named, "kid": "a-name", "key": b64(secret("another"))}
    cases.rejects("a named box: another key", "unlock_box", Reason.UNOPENABLE, **under_name)
    short = given | {"key": b64(key[:16])}
    cases.rejects("a box: a key of 16 bytes", "unlock_box", Reason.MALFORMED_KEY, **short)
    other_typ = locked("a box of another type", typ="balie-other+jwe")
    cases.rejects("a box of another type", "unlock_box", Reason.WRONG_TYPE, **given | {"box": other_typ})
    header, _, nonce, ciphertext, tag = box.split(".")
    right = {"alg": "dir", "enc": "A256GCM", "typ": BOX_TYP, "kid": boxes.key_name(key)}

    def bent(**members: Any) -> str:
        return ".".join([b64(json.dumps(right | members).encode()), "", nonce, ciphertext, tag])

    wrong = {
        "a bit turned": (Reason.UNOPENABLE, f"{header}..{nonce}.{b64(flipped(statements.unb64(ciphertext), 0))}.{tag}"),
        "a tag with a bit turned": (
            Reason.UNOPENABLE,
            f"{header}..{nonce}.{ciphertext}.{b64(flipped(statements.unb64(tag), 0))}",
        ),
        "a header with another space": (Reason.UNOPENABLE, bent()),
        "an encrypted key": (Reason.MALFORMED, f"{header}.AAAA.{nonce}.{ciphertext}.{tag}"),
        "four parts": (Reason.MALFORMED, f"{header}..{nonce}.{ciphertext}"),
        "a nonce of 15 bytes": (Reason.MALFORMED, f"{header}..{nonce}AAAA.{ciphertext}.{tag}"),
        "a tag of 12 bytes": (Reason.MALFORMED, f"{header}..{nonce}.{ciphertext}.{tag[:16]}"),
        "alg A256GCMKW": (Reason.WRONG_ALGORITHM, bent(alg="A256GCMKW")),
        "enc A128CBC-HS256": (Reason.WRONG_ALGORITHM, bent(enc="A128CBC-HS256")),
        "compressed": (Reason.MALFORMED, bent(zip="DEF")),
        "crit": (Reason.MALFORMED, bent(crit=["exp"], exp=1)),
    }
    for what, (reason, text) in wrong.items():
        cases.rejects(f"a box: {what}", "unlock_box", reason, **given | {"box": text})
