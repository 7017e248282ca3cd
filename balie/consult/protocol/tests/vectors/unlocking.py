"""`keys.md`: keyset, unlock methods, shares."""

from typing import Any

import pyshamir

from balie.consult.protocol import boxes, keysets, shares, unlocking
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.keysets import Generation, Keyset
from balie.consult.protocol.payloads import encode
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.statements import Statement, sign
from balie.consult.protocol.tests.vectors.cast import ANNA, AT, BEN
from balie.consult.protocol.tests.vectors.maker import Cases, flipped, secret
from balie.consult.protocol.unlocking import Unlock

TITLE = "Keyset, unlock methods, shares (keys.md)"
KEY = secret("keyset key")
CODE = "akker bodem citroen deken emmer fiets gracht hamer ijzer jager"
SET = b64(secret("share set", 16))
SERVERS = ("north", "east", "south")


def make(cases: Cases) -> None:
    keyset(cases)
    derived(cases)
    device(cases)
    recovery(cases)
    sharing(cases)


def keyset(cases: Cases) -> None:
    def generation(actor: Any) -> Generation:
        return Generation(generation=actor.generation, kem=b64(actor.kem_seed), sign=b64(actor.sign_seed))

    def boxed(what: str, *generations: Generation, person: str = ANNA.id) -> str:
        content = Keyset(person=person, generations=generations)
        return cases.kept.text(what, [KEY, encode(content)], lambda: keysets.lock_keyset(content, KEY))

    one, two = generation(ANNA), generation(ANNA.next())
    given = {"box": boxed("a keyset", one, two), "key": b64(KEY), "person": ANNA.id, "generation": 2}
    out = [[1, one.kem, one.sign], [2, two.kem, two.sign]]
    cases.gives("a keyset", "open_keyset", out, **given)
    cases.gives("a keyset that is ahead", "open_keyset", out, **given | {"generation": 1})
    cases.rejects("a keyset that is behind", "open_keyset", Reason.STALE, **given | {"generation": 3})
    cases.rejects(
        "a keyset under another key", "open_keyset", Reason.WRONG_KEY, **given | {"key": b64(secret("other"))}
    )
    ben = boxed("a keyset of somebody else", one, two, person=BEN.id)
    cases.rejects("a keyset of somebody else", "open_keyset", Reason.WRONG_PERSON, **given | {"box": ben})
    turned = boxed("a keyset in the wrong order", two, one)
    cases.rejects("a keyset in the wrong order", "open_keyset", Reason.MALFORMED, **given | {"box": turned})
    empty = boxed("a keyset without keys")
    cases.rejects("a keyset without keys", "open_keyset", Reason.MALFORMED, **given | {"box": empty})


def derived(cases: Cases) -> None:
    out = secret("output of a passkey")
    given = {"person": ANNA.id, "secret": b64(out)}
    cases.gives("input of the passkey", "prf_input", b64(unlocking.prf_input(ANNA.id)), person=ANNA.id)
    for method in ("passkey", "shares"):
        key = unlocking.derived_key(method, ANNA.id, out)
        cases.gives(f"wrapping key, {method}", "derived_key", b64(key), **given, method=method)
        box = cases.kept.text(f"wrapped, {method}", [KEY, out], lambda method=method: _wrapped(method, out))
        cases.gives(f"unwrapped, {method}", "unwrap", b64(KEY), **given, method=method, box=box)
        wrong = given | {"secret": b64(secret("another output"))}
        cases.rejects(f"another secret, {method}", "unwrap", Reason.WRONG_KEY, **wrong, method=method, box=box)
    other = "passkey" if method == "shares" else "shares"
    cases.rejects("another method", "unwrap", Reason.WRONG_KEY, **given, method=other, box=box)
    cases.rejects("another person", "unwrap", Reason.WRONG_KEY, **given | {"person": BEN.id}, method=method, box=box)
    cases.rejects("a short secret", "derived_key", Reason.MALFORMED_KEY, **given | {"secret": "AAAA"}, method=method)


def _wrapped(method: Any, out: bytes) -> str:
    return unlocking.wrap(method, ANNA.id, out, KEY)


def device(cases: Cases) -> None:
    key, name = secret("device key"), b64(secret("device id", 16))

    def boxed(what: str, content: Unlock) -> str:
        return cases.kept.text(
            what, [key, encode(content)], lambda: boxes.lock(unlocking.TYP, key, encode(content), kid=name)
        )

    given = {"person": ANNA.id, "device": name, "device_key": b64(key)}
    box = boxed("on a device", Unlock(person=ANNA.id, method="device", key=b64(KEY)))
    cases.gives("on a device", "unwrap_on_device", b64(KEY), **given, box=box)
    elsewhere = given | {"device": b64(secret("elsewhere", 16))}
    cases.rejects("on another device", "unwrap_on_device", Reason.WRONG_KEY, **elsewhere, box=box)
    ben = boxed("on a device, of somebody else", Unlock(person=BEN.id, method="device", key=b64(KEY)))
    cases.rejects("on a device, of somebody else", "unwrap_on_device", Reason.WRONG_PERSON, **given, box=ben)
    code = boxed("on a device, for a code", Unlock(person=ANNA.id, method="code", key=b64(KEY)))
    cases.rejects("on a device, for a code", "unwrap_on_device", Reason.WRONG_TYPE, **given, box=code)


def recovery(cases: Cases) -> None:
    given = {"person": ANNA.id, "code": CODE}
    cases.rejects("no age file", "unwrap_with_code", Reason.UNOPENABLE, **given, file=b64(b"age?"))
    words = "-".join(CODE.split())
    typed = {
        "as printed": CODE,
        "in capitals": CODE.upper(),
        "with dashes": words,
        "loosely": f"  {CODE}\n".replace(" ", "  "),
    }
    for what, code in typed.items():
        cases.gives(f"code typed {what}", "passphrase", words, code=code)
    for what, code in {
        "nine words": CODE.rsplit(" ", 1)[0],
        "eleven words": f"{CODE} koek",
        "a digit": CODE.replace("akker", "akk3r"),
        "nothing": "",
    }.items():
        cases.rejects(f"code: {what}", "passphrase", Reason.MALFORMED, code=code)


def sharing(cases: Cases) -> None:
    shared = secret("the shared secret")

    def drawn() -> bytes:
        return b"".join(shares.split(shared))

    joined = cases.kept.data("three shares", [shared], drawn)
    held = {server: joined[33 * at : 33 * at + 33] for at, server in enumerate(SERVERS)}
    assert pyshamir.combine([bytearray(share) for share in held.values()]) == shared
    north = held["north"]
    hashed = shares.share_hash(person=ANNA.id, set_id=SET, server="north", share=north)
    cases.gives("hash of a share", "share_hash", hashed, person=ANNA.id, set=SET, server="north", share=b64(north))
    stated = _share_set(held)
    given: dict[str, Any] = {"person": ANNA.id, "admitters": [], "statements": [ANNA.states()], "share_set": stated}
    for pair in (("north", "east"), ("east", "south"), ("south", "north"), SERVERS):
        some = {server: b64(held[server]) for server in pair}
        cases.gives(f"shares of {', '.join(pair)}", "combine", b64(shared), **given, shares=some)
    bad = {"north": b64(flipped(north, 3)), "east": b64(held["east"])}
    cases.rejects("a share with a bit turned", "combine", Reason.BAD_SHARE, **given, shares=bad)
    moved = {"north": b64(held["east"]), "east": b64(held["east"])}
    cases.rejects("a share of another server", "combine", Reason.BAD_SHARE, **given, shares=moved)
    west = {"west": b64(north), "east": b64(held["east"])}
    cases.rejects("a server that is not in the set", "combine", Reason.BAD_SHARE, **given, shares=west)
    cases.rejects("one share", "combine", Reason.TOO_FEW_SHARES, **given, shares={"north": b64(north)})
    wrong = {
        "a share set of somebody else's making": (Reason.UNKNOWN_SIGNER, _share_set(held, seed=BEN.sign_seed)),
        "a share set about somebody else": (Reason.WRONG_PERSON, _share_set(held, person=BEN.id)),
        "a share set with two servers": (Reason.MALFORMED, _share_set(held, only=2)),
        "a share set with a server twice": (Reason.MALFORMED, _share_set(held, twice=True)),
    }
    two = {server: b64(held[server]) for server in SERVERS[:2]}
    for what, (reason, statement) in wrong.items():
        cases.rejects(what, "combine", reason, **given | {"share_set": statement}, shares=two)


def _share_set(
    held: dict[str, bytes], *, person: str = ANNA.id, seed: bytes = ANNA.sign_seed, only: int = 3, twice: bool = False
) -> Statement:
    hashes = [
        shares.ShareHash(server=server, hash=shares.share_hash(person=person, set_id=SET, server=server, share=share))
        for server, share in held.items()
    ]
    if twice:
        hashes[2] = hashes[1]
    stated = shares.ShareSet(person=person, generation=1, set=SET, shares=tuple(hashes[:only]), at=AT)
    return sign(shares.TYP, stated, [seed])
