"""`release.md`: challenges, replies, holding statements, passkeys, approvals."""

from typing import Any

from balie.consult.protocol import approvals, passkeys, release, shares, statements, suite
from balie.consult.protocol.approvals import Approval
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.payloads import encode
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.release import Held, KeyServer, Offer, Reply
from balie.consult.protocol.shares import ShareSet
from balie.consult.protocol.statements import Statement, sign_compact
from balie.consult.protocol.tests.vectors.cast import ANNA, AT, BEN, CORA, DIRK, Actor, shown
from balie.consult.protocol.tests.vectors.maker import Cases, flipped, secret
from balie.consult.protocol.tests.vectors.message import device, device_seed

TITLE = "Share release (release.md)"
SET = b64(secret("share set", 16))
NAMES = ("north", "east", "south")
SHARES = {name: secret(f"share of {name}", 33) for name in NAMES}
REPLY_SEED = secret("reply key")
REPLY = suite.public_of(REPLY_SEED)
OFFERS = tuple(Offer(server=name, nonce=b64(secret(f"nonce of {name}"))) for name in NAMES)


def share_set() -> tuple[Statement, ShareSet]:
    statement = shares.state_share_set(
        person=ANNA.id, generation=1, set_id=SET, shares=SHARES, at=AT, sign_seed=ANNA.sign_seed
    )
    return statement, shares.accept_share_set(statement, ANNA.person())


STATEMENT, STATED = share_set()
CHALLENGE = release.challenge(STATED, REPLY, OFFERS)


def kem_seed(name: str) -> bytes:
    return secret(f"kem of {name}")


def sign_seed(name: str) -> bytes:
    return secret(f"sign of {name}")


def server(name: str) -> KeyServer:
    return KeyServer(name, suite.public_of(kem_seed(name)), statements.public_of(sign_seed(name)))


def given() -> dict[str, Any]:
    return {"person": ANNA.id, "statements": [ANNA.states()], "share_set": STATEMENT}


def north() -> dict[str, Any]:
    return {"server": "north", "server_sign": b64(server("north").sign)}


def make(cases: Cases) -> None:
    challenges(cases)
    deposits(cases)
    replies(cases)
    holding(cases)
    keys_of_people(cases)
    approved(cases)
    trusted(cases)


def challenges(cases: Cases) -> None:
    def shown_offers(*offers: Offer) -> list[dict[str, Any]]:
        return [{"server": each.server, "nonce": each.nonce} for each in offers]

    asked = given() | {"reply": b64(REPLY), "offers": shown_offers(*OFFERS)}
    cases.gives("a challenge", "challenge", b64(CHALLENGE), **asked)
    for at, name in enumerate(NAMES):
        some = [Offer(server=each.server, nonce=None) if at == place else each for place, each in enumerate(OFFERS)]
        out = b64(release.challenge(STATED, REPLY, some))
        cases.gives(f"a challenge without {name}", "challenge", out, **asked | {"offers": shown_offers(*some)})
    alone = [OFFERS[0], *(Offer(server=each.server, nonce=None) for each in OFFERS[1:])]
    cases.rejects("one server alone", "challenge", Reason.TOO_FEW_SHARES, **asked | {"offers": shown_offers(*alone)})
    wrong = {
        "servers in another order": shown_offers(OFFERS[1], OFFERS[0], OFFERS[2]),
        "two servers": shown_offers(*OFFERS[:2]),
        "a server that is not in the set": shown_offers(*OFFERS[:2], Offer(server="west", nonce=OFFERS[2].nonce)),
        "a short nonce": shown_offers(*OFFERS[:2], Offer(server="south", nonce="AAAA")),
    }
    for what, offers in wrong.items():
        cases.rejects(f"a challenge: {what}", "challenge", Reason.MALFORMED, **asked | {"offers": offers})


def deposits(cases: Cases) -> None:
    share, public = SHARES["north"], server("north").kem

    def sealed(what: str, content: bytes, label: str = "share-deposit") -> str:
        context = release._context(label, "north", ANNA.id, SET)
        return b64(cases.kept.data(what, [public, context, content], lambda: suite.seal(public, context, content)))

    asked = given() | {"server": "north", "kem_seed": b64(kem_seed("north"))}
    right = sealed("a deposit", share)
    cases.gives("a deposit", "open_deposit", b64(share), **asked, sealed=right)
    lying = sealed("another deposit", flipped(share, 0))
    cases.rejects("a deposit that was not stated", "open_deposit", Reason.BAD_SHARE, **asked, sealed=lying)
    east = asked | {"kem_seed": b64(kem_seed("east"))}
    cases.rejects("a deposit for another server", "open_deposit", Reason.UNOPENABLE, **east, sealed=right)
    reply = sealed("no deposit", share, "share-reply")
    cases.rejects("what is no deposit", "open_deposit", Reason.UNOPENABLE, **asked, sealed=reply)


def replies(cases: Cases) -> None:
    share = SHARES["north"]

    def sealed(what: str, content: bytes = share, public: bytes = REPLY, challenge: bytes = CHALLENGE) -> bytes:
        context = release._context("share-reply", "north", ANNA.id, SET, challenge)
        return cases.kept.data(what, [public, context, content], lambda: suite.seal(public, context, content))

    box = sealed("a reply")
    right: dict[str, Any] = {
        "server": "north",
        "person": ANNA.id,
        "set": SET,
        "challenge": b64(CHALLENGE),
        "sealed": b64(box),
    }

    def text(by: str = "north", typ: str = release.REPLY_TYP, **members: Any) -> str:
        return sign_compact(typ, encode(Reply(**right | members)), sign_seed(by))

    asked = given() | north() | {"reply_seed": b64(REPLY_SEED), "challenge": b64(CHALLENGE)}
    cases.gives("a reply", "open_reply", b64(share), **asked, text=text())
    other = secret("another challenge")
    wrong: dict[str, tuple[Reason, str]] = {
        "signed by another server": (Reason.UNKNOWN_SIGNER, text(by="east")),
        "that says it is of another server": (Reason.WRONG_SERVER, text(server="east")),
        "about somebody else": (Reason.WRONG_PERSON, text(person=BEN.id)),
        "about an older set": (Reason.STALE, text(set=b64(secret("older", 16)))),
        "to another challenge": (Reason.WRONG_CHALLENGE, text(challenge=b64(other))),
        "sealed for another challenge": (
            Reason.UNOPENABLE,
            text(sealed=b64(sealed("a reply to another challenge", challenge=other))),
        ),
        "sealed to another reply key": (
            Reason.UNOPENABLE,
            text(sealed=b64(sealed("a reply to another key", public=suite.public_of(secret("other reply key"))))),
        ),
        "with another share": (
            Reason.BAD_SHARE,
            text(sealed=b64(sealed("a reply with another share", content=flipped(share, 1)))),
        ),
        "with a bit turned": (Reason.UNOPENABLE, text(sealed=b64(flipped(box, -1)))),
        "of another suite": (Reason.UNKNOWN_SUITE, text(sealed=b64(b"\2" + box[1:]))),
        "that is no reply": (Reason.WRONG_TYPE, text(typ=release.HELD_TYP)),
        "too long": (Reason.MALFORMED, text(sealed="A" * 2049)),
    }
    for what, (reason, bent) in wrong.items():
        cases.rejects(f"a reply {what}", "open_reply", reason, **asked, text=bent)


def holding(cases: Cases) -> None:
    nonce = secret("nonce of the one who asks")
    right: dict[str, Any] = {
        "server": "north",
        "person": ANNA.id,
        "set": SET,
        "hash": STATED.shares[0].hash,
        "nonce": b64(nonce),
        "at": AT,
    }

    def text(by: str = "north", **members: Any) -> str:
        return sign_compact(release.HELD_TYP, encode(Held(**right | members)), sign_seed(by))

    asked = given() | north() | {"nonce": b64(nonce)}
    cases.gives("a share is held", "accept_held", AT, **asked, text=text())
    wrong: dict[str, tuple[Reason, str]] = {
        "says another server": (Reason.UNKNOWN_SIGNER, text(by="east")),
        "by another server": (Reason.WRONG_SERVER, text(server="east")),
        "of somebody else": (Reason.WRONG_PERSON, text(person=BEN.id)),
        "of an older set": (Reason.STALE, text(set=b64(secret("older", 16)))),
        "as was said before": (Reason.WRONG_CHALLENGE, text(nonce=b64(secret("older nonce")))),
        "with the hash of another's": (Reason.BAD_SHARE, text(hash=STATED.shares[1].hash)),
    }
    for what, (reason, bent) in wrong.items():
        cases.rejects(f"a share is held, {what}", "accept_held", reason, **asked, text=bent)


def keys_of_people(cases: Cases) -> None:
    def passkey(what: str, seed: bytes = ANNA.sign_seed) -> Statement:
        return passkeys.state_passkey(
            person=ANNA.id,
            generation=1,
            credential=secret(what, 16),
            key=secret(f"{what} key", 44),
            at=AT,
            sign_seed=seed,
        )

    one, two = passkey("one"), passkey("two")
    gone = passkeys.revoke_passkey(
        person=ANNA.id, generation=1, credential=secret("one", 16), at=AT, sign_seed=ANNA.sign_seed
    )
    held = {b64(secret(what, 16)): b64(secret(f"{what} key", 44)) for what in ("one", "two")}
    asked = {"person": ANNA.id, "statements": [ANNA.states()], "passkeys": [one, two], "revocations": []}
    cases.gives("two passkeys", "accept_passkeys", held, **asked)
    left = {b64(secret("two", 16)): held[b64(secret("two", 16))]}
    cases.gives("one of two passkeys revoked", "accept_passkeys", left, **asked | {"revocations": [gone]})
    by_ben = passkey("one", BEN.sign_seed)
    wrong = {
        "a passkey that somebody else added": (Reason.UNKNOWN_SIGNER, [by_ben]),
        "a passkey twice": (Reason.MALFORMED, [one, one]),
        "a revocation is no passkey": (Reason.WRONG_TYPE, [gone]),
    }
    for what, (reason, listed) in wrong.items():
        cases.rejects(what, "accept_passkeys", reason, **asked | {"passkeys": listed})


def approved(cases: Cases) -> None:
    right = Approval(person=ANNA.id, set=SET, challenge=b64(CHALLENGE), at=AT)
    asked: dict[str, Any] = {
        "person": ANNA.id,
        "set": SET,
        "challenge": b64(CHALLENGE),
        "devices": [device(ANNA), device(BEN)],
        "colleagues": [shown(each.known_key()) for each in (ANNA, BEN, CORA)],
    }
    by_device = approvals.state_approval(right, device_seed(ANNA))
    by_two = approvals.state_approval(right, BEN.sign_seed, CORA.sign_seed)
    for name, each in {"of a challenge": CHALLENGE, "of zeros": bytes(32)}.items():
        code = approvals.approval_code(each)
        cases.gives(f"approval code {name}", "approval_code", code, challenge=b64(each))
    cases.gives("approved by a device", "accept_approval", "device", **asked, approval=by_device)
    cases.gives("approved by two colleagues", "accept_approval", "colleagues", **asked, approval=by_two)

    def bent(**members: Any) -> Statement:
        fields = {name: getattr(right, name) for name in right.__struct_fields__}
        return approvals.state_approval(Approval(**fields | members), device_seed(ANNA))

    wrong: dict[str, tuple[Reason, Statement]] = {
        "by one colleague": (Reason.MISSING_SIGNATURE, approvals.state_approval(right, BEN.sign_seed)),
        "by a colleague nobody knows": (
            Reason.UNKNOWN_SIGNER,
            approvals.state_approval(right, BEN.sign_seed, DIRK.sign_seed),
        ),
        "by the person's own key as a colleague": (
            Reason.UNKNOWN_SIGNER,
            approvals.state_approval(right, BEN.sign_seed, ANNA.sign_seed),
        ),
        "by a device of somebody else": (Reason.UNKNOWN_SIGNER, approvals.state_approval(right, device_seed(BEN))),
        "for somebody else": (Reason.WRONG_PERSON, bent(person=BEN.id)),
        "for an older set": (Reason.STALE, bent(set=b64(secret("older", 16)))),
        "for another challenge": (Reason.WRONG_CHALLENGE, bent(challenge=b64(secret("another challenge")))),
    }
    for what, (reason, statement) in wrong.items():
        cases.rejects(f"approved {what}", "accept_approval", reason, **asked, approval=statement)
    revoked = asked | {"devices": [device(ANNA, revoked=True)]}
    cases.rejects(
        "approved by a revoked device", "accept_approval", Reason.UNKNOWN_SIGNER, **revoked, approval=by_device
    )
    twice = asked | {"colleagues": [shown(BEN.known_key()), shown(CORA.known_key()) | {"person": BEN.id}]}
    cases.rejects(
        "approved twice by one colleague", "accept_approval", Reason.MISSING_SIGNATURE, **twice, approval=by_two
    )


def trusted(cases: Cases) -> None:
    def stated(*colleagues: Actor, by: Actor = ANNA) -> Statement:
        keys = [each.known_key() for each in colleagues]
        return approvals.state_trustees(person=ANNA.id, generation=1, colleagues=keys, at=AT, sign_seed=by.sign_seed)

    asked = {"person": ANNA.id, "statements": [ANNA.states()]}
    out = [{"person": each.id, "sign": b64(each.sign_public)} for each in (BEN, CORA)]
    cases.gives("two trustees", "accept_trustees", out, **asked, trustees=stated(BEN, CORA))
    wrong: dict[str, tuple[Reason, Statement]] = {
        "trustees whom somebody else named": (Reason.UNKNOWN_SIGNER, stated(BEN, CORA, by=DIRK)),
        "one trustee": (Reason.MALFORMED, stated(BEN)),
        "a trustee twice": (Reason.MALFORMED, stated(BEN, BEN)),
        "oneself as a trustee": (Reason.MALFORMED, stated(ANNA, BEN)),
    }
    for what, (reason, statement) in wrong.items():
        cases.rejects(what, "accept_trustees", reason, **asked, trustees=statement)
