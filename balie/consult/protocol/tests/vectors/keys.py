"""`keys.md`: person keys, devices, safety numbers."""

import json
from typing import Any

from balie.consult.protocol import devices, persons, statements
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.persons import PersonKey
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.statements import Statement, kid_of
from balie.consult.protocol.tests.vectors.cast import ANNA, AT, BEN, CORA, DIRK, shown, sign_raw
from balie.consult.protocol.tests.vectors.maker import Cases, secret

TITLE = "Person keys and devices (keys.md)"
DEVICE = b64(secret("device id", 16))
DEVICE_PUBLIC = statements.public_of(secret("device sign"))


def make(cases: Cases) -> None:
    first_keys(cases)
    payloads(cases)
    next_keys(cases)
    certificates(cases)
    numbers = {"one": [ANNA.states()], "other": [BEN.states()]}
    number = persons.safety_number(ANNA.person(), BEN.person())
    who = {"one_id": ANNA.id, "other_id": BEN.id}
    cases.gives("safety number", "safety_number", number, **numbers, **who)
    turned = {"one": [BEN.states()], "other": [ANNA.states()], "one_id": BEN.id, "other_id": ANNA.id}
    cases.gives("safety number, the other way round", "safety_number", number, **turned)


def result(who: Any, how: str, *vouchers: Any, era: list[Any]) -> dict[str, Any]:
    """What is known of a person once their last statement was accepted."""
    return {
        "generation": who.generation,
        "sign": b64(who.sign_public),
        "name": statements.name_of(persons.TYP, statements.peek(who.states())),
        "how": how,
        "vouchers": sorted(each.id for each in vouchers),
        "era": sorted(kid_of(each.sign_public) for each in era),
    }


def first_keys(cases: Cases) -> None:
    anna: dict[str, Any] = {"person": ANNA.id, "admitters": [shown(BEN.known_key()), shown(CORA.known_key())]}
    cases.gives("a first key", "accept_person", result(ANNA, "first", era=[ANNA]), **anna, statements=[ANNA.states()])
    vouched = ANNA.states(BEN.sign_seed, CORA.sign_seed)
    out = result(ANNA, "first", BEN, CORA, era=[ANNA])
    cases.gives("a first key that two vouch for", "accept_person", out, **anna, statements=[vouched])
    wrong: dict[str, tuple[Reason, Statement]] = {
        "a first key of somebody else": (Reason.WRONG_PERSON, BEN.states()),
        "a key that its owner did not sign": (
            Reason.MISSING_SIGNATURE,
            sign_raw(persons.TYP, statements.peek(ANNA.states()), BEN.sign_seed, CORA.sign_seed),
        ),
        "a first key signed by a stranger too": (Reason.UNKNOWN_SIGNER, ANNA.states(DIRK.sign_seed)),
        "a second key when none is known": (Reason.NOT_THE_NEXT, ANNA.next().states(ANNA.sign_seed)),
        "a statement of another type": (
            Reason.WRONG_TYPE,
            sign_raw("balie-device+jws", statements.peek(ANNA.states()), ANNA.sign_seed),
        ),
    }
    for what, (reason, statement) in wrong.items():
        cases.rejects(what, "accept_person", reason, **anna, statements=[statement])


def payloads(cases: Cases) -> None:
    """Payloads that nobody should sign: signed all the same."""
    right = json.loads(statements.peek(ANNA.states()))
    text = json.dumps(right, separators=(",", ":"))
    wrong = {
        "one member more": json.dumps(right | {"note": ""}),
        "a member missing": json.dumps({name: value for name, value in right.items() if name != "at"}),
        "version 2": json.dumps(right | {"v": 2}),
        "version true": json.dumps(right | {"v": True}),
        "generation 0": json.dumps(right | {"generation": 0}),
        "generation as text": json.dumps(right | {"generation": "1"}),
        "generation with a point": text.replace('"generation":1', '"generation":1.0'),
        "generation with an exponent": text.replace('"generation":1', '"generation":1e0'),
        "a time beyond 2^53": json.dumps(right | {"at": 2**53}),
        "a person with bits left over": json.dumps(right | {"person": right["person"][:-1] + "B"}),
        "a signing key with a line end": json.dumps(right | {"sign": right["sign"] + "\n"}),
        "a KEM key that is too short": json.dumps(right | {"kem": right["kem"][:-4]}),
        "half a character": text.replace('"previous":null', '"previous":"\\ud800"'),
        "text behind it": text + "{}",
        "not-a-number": text.replace(f'"at":{AT}', '"at":NaN'),
        "a comma at the end": text.replace("}", ",}"),
    }
    for what, payload in wrong.items():
        statement = sign_raw(persons.TYP, payload.encode(), ANNA.sign_seed)
        given: dict[str, Any] = {"person": ANNA.id, "admitters": [], "statements": [statement]}
        cases.rejects(f"payload: {what}", "accept_person", Reason.MALFORMED, **given)
    second = sign_raw(persons.TYP, json.dumps(right | {"suite": 2}).encode(), ANNA.sign_seed)
    given = {"person": ANNA.id, "admitters": [], "statements": [second]}
    cases.rejects("payload: suite 2", "accept_person", Reason.UNKNOWN_SUITE, **given)
    spaced = sign_raw(persons.TYP, json.dumps(right, indent=2, sort_keys=True).encode(), ANNA.sign_seed)
    name = statements.name_of(persons.TYP, statements.peek(spaced))
    out = result(ANNA, "first", era=[ANNA]) | {"name": name}
    cases.gives("payload: other order and spaces", "accept_person", out, **given | {"statements": [spaced]})


def next_keys(cases: Cases) -> None:
    second = ANNA.next()
    third = second.next()
    chain = [ANNA.states(), second.states(ANNA.sign_seed)]
    admitters = [BEN.known_key(), CORA.known_key()]
    given: dict[str, Any] = {"person": ANNA.id, "admitters": [shown(each) for each in admitters]}
    out = result(second, "continued", era=[ANNA, second])
    cases.gives("a second key", "accept_person", out, **given, statements=chain)
    admitted = [ANNA.states(), second.states(BEN.sign_seed, CORA.sign_seed)]
    out = result(second, "admitted", BEN, CORA, era=[second])
    cases.gives("a second key, admitted by two", "accept_person", out, **given, statements=admitted)
    reserved: dict[str, Any] = {"reserves": [b64(statements.public_of(secret("reserve sign")))]}
    vouched = [ANNA.states(), second.states(secret("reserve sign"))]
    out = result(second, "admitted", era=[second])
    cases.gives(
        "a second key for which a reserve vouches", "accept_person", out, **given, **reserved, statements=vouched
    )
    with_another = [ANNA.states(), second.states(secret("another reserve sign"))]
    cases.rejects(
        "a second key for which another reserve vouches",
        "accept_person",
        Reason.UNKNOWN_SIGNER,
        **given,
        **reserved,
        statements=with_another,
    )
    out = result(third, "continued", era=[ANNA, second, third])
    cases.gives("a third key", "accept_person", out, **given, statements=[*chain, third.states(second.sign_seed)])
    forked = PersonKey(
        suite=1,
        person=ANNA.id,
        generation=2,
        kem=b64(secret("no key") + bytes(1184)),
        sign=b64(second.sign_public),
        previous=b64(secret("another statement")),
        at=AT,
    )
    wrong = {
        "a second key that nothing ties to the first": (Reason.MISSING_SIGNATURE, [second.states()]),
        "a second key with one admitter": (Reason.MISSING_SIGNATURE, [second.states(BEN.sign_seed)]),
        "a second key with an admitter nobody knows": (
            Reason.UNKNOWN_SIGNER,
            [second.states(BEN.sign_seed, DIRK.sign_seed)],
        ),
        "the first key again": (Reason.NOT_THE_NEXT, [ANNA.states()]),
        "a generation skipped": (Reason.NOT_THE_NEXT, [third.states(ANNA.sign_seed)]),
        "a key that follows another statement": (
            Reason.NOT_THE_NEXT,
            [statements.sign(persons.TYP, forked, [second.sign_seed, ANNA.sign_seed])],
        ),
        "a third key signed by the first": (Reason.UNKNOWN_SIGNER, [chain[1], third.states(ANNA.sign_seed)]),
    }
    for what, (reason, more) in wrong.items():
        cases.rejects(what, "accept_person", reason, **given, statements=[ANNA.states(), *more])
    himself = {
        "person": ANNA.id,
        "admitters": [{"person": ANNA.id, "sign": b64(DIRK.sign_public), "teams": []}, given["admitters"][0]],
    }
    own_help = [ANNA.states(), second.states(BEN.sign_seed, DIRK.sign_seed)]
    cases.rejects("admitted by oneself", "accept_person", Reason.UNKNOWN_SIGNER, **himself, statements=own_help)
    twice = {
        "person": ANNA.id,
        "admitters": [shown(BEN.known_key()), {"person": BEN.id, "sign": b64(DIRK.sign_public), "teams": []}],
    }
    cases.rejects("admitted twice by one", "accept_person", Reason.MISSING_SIGNATURE, **twice, statements=own_help)


def certificates(cases: Cases) -> None:
    second = ANNA.next()
    chain = [ANNA.states(), second.states(ANNA.sign_seed)]
    certificate = _certificate(ANNA.sign_seed)
    revoked = devices.revoke_device(person=ANNA.id, generation=2, device=DEVICE, at=AT, sign_seed=second.sign_seed)
    other = devices.revoke_device(
        person=ANNA.id, generation=1, device=b64(secret("elsewhere", 16)), at=AT, sign_seed=ANNA.sign_seed
    )
    given: dict[str, Any] = {"person": ANNA.id, "admitters": [], "statements": chain, "revocations": []}
    out = {"device": DEVICE, "sign": b64(DEVICE_PUBLIC), "revoked": False}
    cases.gives("a device", "accept_device", out, **given, certificate=certificate)
    gone = given | {"revocations": [other, revoked]}
    cases.gives("a device that was revoked", "accept_device", out | {"revoked": True}, **gone, certificate=certificate)
    still = given | {"revocations": [other]}
    cases.gives("another device was revoked", "accept_device", out, **still, certificate=certificate)
    wrong = {
        "a device certified by somebody else": (Reason.UNKNOWN_SIGNER, _certificate(BEN.sign_seed)),
        "a device of somebody else": (Reason.WRONG_PERSON, _certificate(ANNA.sign_seed, person=BEN.id)),
        "a device under another generation": (Reason.WRONG_KEY, _certificate(ANNA.sign_seed, generation=2)),
        "a device certified twice over": (Reason.MALFORMED, _certificate(ANNA.sign_seed, second.sign_seed)),
        "a revocation is no certificate": (Reason.WRONG_TYPE, revoked),
    }
    for what, (reason, statement) in wrong.items():
        cases.rejects(what, "accept_device", reason, **given, certificate=statement)
    admitters = [shown(BEN.known_key()), shown(CORA.known_key())]
    admitted = {"admitters": admitters, "statements": [ANNA.states(), second.states(BEN.sign_seed, CORA.sign_seed)]}
    old = given | admitted
    cases.rejects(
        "a device from before an admission", "accept_device", Reason.UNKNOWN_SIGNER, **old, certificate=certificate
    )


def _certificate(*seeds: bytes, person: str = ANNA.id, generation: int = 1) -> Statement:
    certificate = devices.DeviceCertificate(
        person=person, generation=generation, device=DEVICE, sign=b64(DEVICE_PUBLIC), at=AT
    )
    return statements.sign(devices.TYP, certificate, seeds)
