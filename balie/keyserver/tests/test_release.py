"""Getting shares back: what serves, and everything that does not."""

import json
from dataclasses import asdict

import pytest

from balie.consult.protocol import shares
from balie.consult.protocol.authenticator import USER_PRESENT, SoftwareAuthenticator
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.release import Offer, accept_held
from balie.consult.protocol.tests.vectors.cast import ANNA, BEN, CORA, DIRK
from balie.consult.protocol.tests.vectors.maker import flipped, secret
from balie.keyserver.tests.house import IDP, NAMES, ORIGIN, RP_ID, START, STRANGER, Client, house, known


async def test_one_gesture_serves_all_three(servers, anna):
    offers = await anna.offers()
    request = anna.request(offers)
    answers = {name: await servers.ask(name, "release", request) for name in NAMES}
    held = {name: anna.opened(name, answer, offers) for name, answer in answers.items()}
    assert shares.combine(anna.stated, {name: held[name] for name in NAMES[1:]}) == anna.shared
    assert answers["north"].json["keyset"] == "the keyset"


async def test_two_are_enough_while_one_is_dead(servers, anna):
    offers = await anna.offers("east")
    request = anna.request(offers)
    held = {name: anna.opened(name, await servers.ask(name, "release", request), offers) for name in ("north", "south")}
    assert shares.combine(anna.stated, held) == anna.shared


async def test_the_same_request_gets_the_same_answer_for_a_minute(servers, anna):
    request = anna.request(await anna.offers())
    first = await servers.ask("north", "release", request)
    servers.now += 59
    assert (await servers.ask("north", "release", request)).body == first.body
    servers.now += 2
    assert (await servers.ask("north", "release", request)).status == 403


async def test_a_nonce_serves_once(servers, anna):
    offers = await anna.offers()
    assert (await servers.ask("north", "release", anna.request(offers))).status == 200
    anna.reply_seed = secret("another reply key")
    assert (await servers.ask("north", "release", anna.request(offers))).status == 403
    assert (await servers.ask("east", "release", anna.request(offers))).status == 200


async def test_a_nonce_is_good_for_two_minutes(servers, anna):
    offers = await anna.offers()
    servers.now += 121
    assert (await servers.ask("north", "release", anna.request(offers))).status == 403


def other_passkey() -> SoftwareAuthenticator:
    return SoftwareAuthenticator(secret("credential", 16), secret("stolen"), RP_ID, ORIGIN)


REFUSED = {
    "no gesture": lambda _anna, _offers: {"assertion": None},
    "a gesture and an approval": lambda anna, offers: {
        "approval": anna.approval(offers, BEN.sign_seed, CORA.sign_seed)["approval"]
    },
    "another key under the same name": lambda anna, offers: {
        "assertion": asdict(other_passkey().sign(anna.challenge(offers)))
    },
    "a passkey nobody stated": lambda anna, offers: {
        "assertion": asdict(
            SoftwareAuthenticator(secret("other", 16), secret("other"), RP_ID, ORIGIN).sign(anna.challenge(offers))
        )
    },
    "a user who was not verified": lambda anna, offers: {
        "assertion": asdict(anna.passkey.sign(anna.challenge(offers), flags=USER_PRESENT))
    },
    "a user who was not there": lambda anna, offers: {
        "assertion": asdict(anna.passkey.sign(anna.challenge(offers), flags=4))
    },
    "another site": lambda anna, offers: {
        "assertion": asdict(
            SoftwareAuthenticator(
                anna.passkey.credential, anna.passkey.seed, RP_ID, "https://balie.example.evil.example"
            ).sign(anna.challenge(offers))
        )
    },
    "another RP id": lambda anna, offers: {
        "assertion": asdict(
            SoftwareAuthenticator(anna.passkey.credential, anna.passkey.seed, "evil.example", ORIGIN).sign(
                anna.challenge(offers)
            )
        )
    },
    "a challenge of one's own": lambda anna, _offers: {"assertion": asdict(anna.passkey.sign(secret("mine")))},
    "a reply key that was not signed": lambda _anna, _offers: {"reply": b64(flipped(secret("public", 1216), 0))},
    "another set": lambda _anna, _offers: {"set": b64(secret("older", 16))},
    "another person": lambda _anna, _offers: {"person": BEN.id},
    "no nonce of this server": lambda _anna, offers: {
        "offers": [{"server": each.server, "nonce": None if each.server == "north" else each.nonce} for each in offers]
    },
    "another server's nonce in its place": lambda _anna, offers: {
        "offers": [{"server": each.server, "nonce": offers[1].nonce} for each in offers]
    },
    "servers in another order": lambda anna, offers: (
        anna.request(list(offers))
        | {"offers": [{"server": each.server, "nonce": each.nonce} for each in reversed(offers)]}
    ),
    "approved by one trustee": lambda anna, offers: anna.approval(offers, BEN.sign_seed),
    "approved by somebody else too": lambda anna, offers: anna.approval(offers, BEN.sign_seed, DIRK.sign_seed),
    "approved by her own key": lambda anna, offers: anna.approval(offers, ANNA.sign_seed),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_refused_and_nothing_told(servers, anna, what):
    offers = await anna.offers()
    answer = await servers.ask("north", "release", anna.request(offers) | REFUSED[what](anna, offers))
    assert (answer.status, answer.json) == (403, {"error": "refused"})
    events = (await servers.ask("north", "log")).json["events"]
    assert [each["what"] for each in events] == ["refused", "deposited"]


async def test_somebody_who_has_nothing_here_looks_the_same(servers):
    stranger = Client(servers)
    answer = await servers.ask("north", "release", stranger.request(await stranger.offers()))
    assert (answer.status, answer.json) == (403, {"error": "refused"})


@pytest.mark.parametrize("by", [["device"], ["ben", "cora"]])
async def test_without_a_passkey_a_device_or_two_trustees_approve(servers, anna, by):
    seeds = {"device": anna.device_seed, "ben": BEN.sign_seed, "cora": CORA.sign_seed}
    offers = await anna.offers()
    answer = await servers.ask("north", "release", anna.approval(offers, *(seeds[each] for each in by)))
    assert anna.opened("north", answer, offers) == anna.shares["north"]


TOKENS = {
    "none": lambda _servers: "",
    "no token": lambda _servers: "a.b.c",
    "for another server": lambda servers: servers.token(ANNA.id, "east"),
    "expired": lambda servers: servers.token(ANNA.id, "north", exp=START - 31),
    "of another issuer": lambda servers: servers.token(ANNA.id, "north", iss="https://evil.example"),
    "signed by another": lambda servers: servers.token(ANNA.id, "north", STRANGER),
    "for logging in": lambda servers: servers.token(ANNA.id, "north", token_use="id"),
    "about nobody": lambda servers: servers.token("anna", "north"),
}


@pytest.mark.parametrize("which", TOKENS)
@pytest.mark.parametrize("what", ["nonce", "release", "deposit", "held", "log"])
async def test_a_token_that_does_not_count(servers, which, what):
    answer = await servers.ask("north", what, {}, token=TOKENS[which](servers))
    assert (answer.status, answer.json) == (401, {"error": "token"})


async def test_with_the_right_token_the_same_is_answered(servers):
    """The control for the ones that do not count."""
    assert (await servers.ask("north", "nonce", {}, token=servers.token(ANNA.id, "north", IDP))).status == 200


async def test_another_persons_token_opens_nothing(servers, anna):
    offers = await anna.offers()
    answer = await servers.ask("north", "release", anna.request(offers), person=BEN)
    assert answer.status == 403


async def test_ten_releases_a_day(servers, anna):
    for at in range(11):
        answer = await servers.ask("north", "release", anna.request(await anna.offers()))
        assert answer.status == (200 if at < 10 else 429)
    assert answer.headers["retry-after"] == "86400"
    servers.now += 86_401
    assert (await servers.ask("north", "release", anna.request(await anna.offers()))).status == 200


async def test_machines_have_a_limit_of_their_own(tmp_path):
    async with house(tmp_path, machines={ANNA.id: 12}) as servers:
        anna = Client(servers)
        await anna.deposits()
        for at in range(13):
            answer = await servers.ask("north", "release", anna.request(await anna.offers()))
            assert answer.status == (200 if at < 12 else 429)


@pytest.mark.parametrize(("machines", "most"), [({}, 60), ({ANNA.id: 70}, 70), ({ANNA.id: 12}, 60)])
async def test_a_machine_has_as_many_nonces_an_hour_as_releases_a_day(tmp_path, machines, most):
    async with house(tmp_path, machines=machines) as servers:
        statuses = [(await servers.ask("north", "nonce")).status for _ in range(most + 1)]
        assert statuses == [200] * most + [429]


async def test_who_keeps_trying_is_stopped_and_nothing_is_lost(servers, anna):
    wrong = {"assertion": asdict(other_passkey().sign(secret("guess")))}
    offers = await anna.offers()
    answers = [(await servers.ask("north", "release", anna.request(offers) | wrong)).status for _ in range(30)]
    assert answers == [403] * 20 + [429] * 10
    servers.now += 3601
    assert (await servers.ask("north", "release", anna.request(await anna.offers()))).status == 200


async def test_a_share_is_said_to_be_held(servers, anna):
    nonce = secret("hers")
    text = (await servers.ask("north", "held", {"v": 1, "nonce": b64(nonce)})).json["held"]
    assert accept_held(anna.stated, known("north"), text=text, nonce=nonce) == START
    assert (await servers.ask("north", "held", {"v": 1, "nonce": b64(nonce)}, person=BEN)).status == 403


async def test_an_answer_passed_on_by_another_server_opens_for_nobody_else(servers, anna):
    """A server that plays the assertion to its neighbour gets a reply it cannot open."""
    offers = await anna.offers()
    answer = await servers.ask("east", "release", anna.request(offers))
    anna.reply_seed = secret("the neighbour's")
    with pytest.raises(Rejected):
        anna.opened("east", answer, offers)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", json.dumps({"v": 1}).encode(), b"{}" * 9])
@pytest.mark.parametrize("what", ["release", "deposit", "held"])
async def test_what_is_no_request(servers, anna, what, body):
    answer = await servers.ask("north", what, body or b" ")
    assert (answer.status, answer.json) == (400, {"error": "malformed"})


async def test_too_large(servers):
    assert (await servers.ask("north", "deposit", b" " * (512 * 1024 + 1))).status == 413


async def test_offers_are_typed(servers, anna):
    offers = [Offer(server="north", nonce=None)]
    request = anna.request(await anna.offers()) | {"offers": [{"server": offers[0].server, "nonce": None}]}
    assert (await servers.ask("north", "release", request)).status == 400
