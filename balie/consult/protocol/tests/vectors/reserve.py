"""`reserve.md`: parts on paper, drills, restoring."""

import json
from typing import Any

import msgspec

from balie.consult.protocol import reserve
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.payloads import encode
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.reserve import Reserve
from balie.consult.protocol.statements import Statement
from balie.consult.protocol.statements import public_of as signing_public
from balie.consult.protocol.suite import public_name, public_of
from balie.consult.protocol.tests.vectors.cast import ANNA, AT, BEN, shown
from balie.consult.protocol.tests.vectors.maker import Cases, flipped, secret

TITLE = "The reserve of a team (reserve.md)"
TEAM = b64(secret("reserve team"))
SET = b64(secret("reserve set", 16))
OTHER_SET = b64(secret("another reserve set", 16))
SEED, DRILL = secret("reserve key"), secret("reserve drill")


def make(cases: Cases) -> None:
    parts = _parts(cases, "parts", SET)
    stated = _stated(parts)
    statement = reserve.state_reserve(stated, ANNA.sign_seed)
    texts = [reserve.write_part(each) for each in parts]
    written(cases, parts[0], texts[0])
    statements(cases, stated, statement)
    combined(cases, parts, texts, statement)
    copies(cases)


def _parts(cases: Cases, what: str, set_id: str) -> list[bytes]:
    """Shamir draws at random: kept as one text."""
    made_from = [set_id.encode(), SEED, DRILL]

    def draw() -> bytes:
        return b"".join(reserve.make_parts(set_id=set_id, seed=SEED, drill=DRILL))

    data = cases.kept.data(f"reserve {what}", made_from, draw)
    size = reserve.PART_BYTES
    return [data[at : at + size] for at in range(0, len(data), size)]


def _stated(parts: list[bytes], **more: Any) -> Reserve:
    right = {
        "suite": 1,
        "team": TEAM,
        "set": SET,
        "kem": b64(public_of(SEED)),
        "sign": b64(signing_public(reserve.sign_seed_of(SEED))),
        "drill": reserve.drill_name(SET, DRILL),
        "parts": tuple(reserve.part_name(TEAM, each) for each in parts),
        "by": ANNA.id,
        "acting": f"person:{ANNA.id}",
        "at": AT,
    }
    return Reserve(**(right | more))


def written(cases: Cases, part: bytes, text: str) -> None:
    out = {"number": 1, "set": SET, "data": b64(part)}
    cases.gives("a part as it is written", "write_part", text, part=b64(part))
    for what, typed in {
        "a part as it is written, read": text,
        "a part in small letters": text.lower(),
        "a part with line ends and hyphens": text.replace(" ", "-\r\n "),
        "a part with digits that look like letters": text.translate(str.maketrans("OIB", "018")),
    }.items():
        cases.gives(what, "read_part", out, text=typed)
    other = "A" if text[0] != "A" else "B"
    key_share, drill_share = _shares(part)
    lines = text.split("\n")
    for what, typed in {
        "nothing": "",
        "a part with a letter changed": other + text[1:],
        "a part with two letters exchanged": text[1] + text[0] + text[2:],
        "a part with two lines exchanged": "\n".join([lines[1], lines[0], *lines[2:]]),
        "a part without its last letter": text[:-1],
        "a part with a letter more": text + "A",
        "a part with a letter from elsewhere": "é" + text[1:],
        "a part with a letter that grows": "ß" + text[1:],
        "a part with a sign": "+" + text[1:],
        "a fourth part": reserve.write_part(reserve.part_of(4, SET, key_share, drill_share)),
    }.items():
        cases.rejects(what, "read_part", Reason.MALFORMED, text=typed)


def _shares(part: bytes) -> tuple[bytes, bytes]:
    found = reserve.read_part(reserve.write_part(part))
    return found.key_share, found.drill_share


def statements(cases: Cases, stated: Reserve, right: Statement) -> None:
    known: dict[str, Any] = {"known": [shown(ANNA.known_key()), shown(BEN.known_key())]}
    cases.gives("a reserve", "accept_reserve", json.loads(encode(stated)), statement=right, **known)
    for what, reason, seed, more in [
        ("a reserve of another suite", Reason.UNKNOWN_SUITE, ANNA.sign_seed, {"suite": 2}),
        ("a reserve in somebody else's name", Reason.WRONG_PERSON, BEN.sign_seed, {}),
        ("a reserve on behalf of a team", Reason.WRONG_PERSON, ANNA.sign_seed, {"acting": f"team:{TEAM}"}),
        ("a reserve with one part thrice", Reason.MALFORMED, ANNA.sign_seed, {"parts": stated.parts[:1] * 3}),
        ("a reserve of two parts", Reason.MALFORMED, ANNA.sign_seed, {"parts": stated.parts[:2]}),
        ("a reserve of a stranger", Reason.UNKNOWN_SIGNER, secret("stranger"), {}),
    ]:
        wrong = msgspec.structs.replace(stated, **more)
        cases.rejects(what, "accept_reserve", reason, statement=reserve.state_reserve(wrong, seed), **known)


def combined(cases: Cases, parts: list[bytes], texts: list[str], statement: Statement) -> None:
    given: dict[str, Any] = {"statement": statement, "known": [shown(ANNA.known_key())]}
    for one, other in ((0, 1), (1, 2), (2, 0)):
        which, two = f"parts {one + 1} and {other + 1}", [texts[one], texts[other]]
        cases.gives(f"a drill with {which}", "reserve_drill", None, **given, parts=two)
        cases.gives(f"restoring with {which}", "reserve_restore", b64(SEED), **given, parts=two)
    cases.gives("restoring with all three", "reserve_restore", b64(SEED), **given, parts=texts)
    elsewhere = reserve.write_part(_parts(cases, "parts of another set", OTHER_SET)[1])
    key_share, drill_share = _shares(parts[1])
    forged = reserve.write_part(reserve.part_of(2, SET, key_share, flipped(drill_share, -1)))
    for what, reason, two in [
        ("one part", Reason.TOO_FEW_SHARES, texts[:1]),
        ("no part", Reason.TOO_FEW_SHARES, []),
        ("one part twice", Reason.TOO_FEW_SHARES, [texts[0], texts[0].lower()]),
        ("a part of another set", Reason.WRONG_SET, [texts[0], elsewhere]),
        ("a part that was changed, with a right check", Reason.BAD_SHARE, [texts[0], forged]),
        ("a part that was mistyped", Reason.MALFORMED, [texts[0], texts[1][:-1]]),
    ]:
        for op in ("reserve_drill", "reserve_restore"):
            cases.rejects(f"{op}: {what}", op, reason, **given, parts=two)
    lie = {"kem": b64(public_of(DRILL)), "drill": reserve.drill_name(SET, SEED)}
    lying = reserve.state_reserve(_stated(parts, **lie), ANNA.sign_seed)
    for op in ("reserve_drill", "reserve_restore"):
        cases.rejects(
            f"{op}: not what was stated", op, Reason.WRONG_KEY, **given | {"statement": lying}, parts=texts[:2]
        )
    lie = {"sign": b64(signing_public(DRILL))}
    lying = reserve.state_reserve(_stated(parts, **lie), ANNA.sign_seed)
    cases.rejects(
        "restoring: another signing key was stated",
        "reserve_restore",
        Reason.WRONG_KEY,
        **given | {"statement": lying},
        parts=texts[:2],
    )
    of_another_team = reserve.state_reserve(_stated(parts, team=b64(secret("another team"))), ANNA.sign_seed)
    cases.rejects(
        "parts that were handed out to another team",
        "reserve_drill",
        Reason.BAD_SHARE,
        **given | {"statement": of_another_team},
        parts=texts[:2],
    )


def copies(cases: Cases) -> None:
    key, public = secret("a team key"), public_of(SEED)
    named = public_name(public_of(key))
    made_from = [TEAM.encode(), key, public]
    sealed = cases.kept.data("reserve copy", made_from, lambda: reserve.seal_copy(TEAM, named, key, public=public))
    given: dict[str, Any] = {"team": TEAM, "named": named, "seed": b64(SEED), "sealed": b64(sealed)}
    cases.gives("a copy", "open_reserve_copy", b64(key), **given)
    other = public_name(public_of(secret("another team key")))
    for what, wrong in {
        "a copy of another key": {"named": other},
        "a copy of another team": {"team": b64(secret("another team"))},
        "a copy with another reserve key": {"seed": b64(DRILL)},
        "a copy with a bit turned": {"sealed": b64(flipped(sealed, -1))},
    }.items():
        cases.rejects(what, "open_reserve_copy", Reason.UNOPENABLE, **given | wrong)
