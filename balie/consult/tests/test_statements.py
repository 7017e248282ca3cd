"""What people state of themselves, over HTTP: keys, devices, and how they get their keys back."""

import pytest

from balie.consult.intake.persons import DEVICES_MOST
from balie.consult.intake.stated import POST_MAX
from balie.consult.protocol import approvals, passkeys, shares
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.statements import peek, public_of, sign_compact
from balie.consult.testing import new_id
from balie.consult.tests.clients import names
from balie.consult.tests.keyholders import Keyholder, named, stated


async def test_the_first_key_makes_the_id_and_can_be_asked_for(clients):
    anna, bilal, *_ = clients
    shown = await bilal.get(f"person?person={anna.holder.id}")
    assert (shown["person"], shown["name"]) == (anna.holder.id, "Anna")
    assert [each["statement"]["typ"] for each in shown["events"]] == ["balie-person-key+jws", "balie-device+jws"]
    assert (await bilal.browser.get(f"/live/consult/person?person={new_id()}")).status == 404
    assert names(await anna.feed()) == names(shown["events"])
    assert shown["events"][0]["statement"]["signed"]["signatures"]


async def test_a_post_is_kept_whole_or_not_at_all_and_once(strangers):
    anna = strangers[0]
    key, device = anna.holder.new_key(), anna.holder.certify()
    broken = device | {"signed": device["signed"] | {"signatures": key["signed"]["signatures"]}}
    assert await anna.refused(key, broken) == (422, "rejected", "statements[1]", "wrong-type")
    assert await anna.get("groups") == {"feed": 0, "groups": []}
    first = await anna.post(key, device)
    assert [each["name"] for each in first.json["stored"]] == [named(key), named(device)]
    assert (await anna.post(device, key)).json["stored"] == first.json["stored"][::-1]
    assert len(await anna.feed()) == 2


async def test_what_is_posted_again_with_other_signatures_stays_as_it_was(clients):
    anna, bilal, *_ = clients
    device = anna.holder.certify(new_id())
    await anna.post(device)
    before = await anna.feed()
    other = bilal.holder.certify(new_id())["signed"]["signatures"]
    assert (await anna.post(device | {"signed": device["signed"] | {"signatures": other}})).status == 200
    assert await anna.feed() == before


async def test_nobody_states_for_another_or_before_a_key(clients, strangers):
    anna, bilal, *_ = clients
    assert await bilal.why(anna.holder.certify(new_id())) == "unknown-signer"
    assert await bilal.why(Keyholder(bilal.holder.person, id=anna.holder.id).new_key()) == "wrong-person"


async def test_whoever_has_no_key_posts_nothing_but_their_first(strangers):
    anna = strangers[0]
    anna.holder.new_key()
    assert await anna.refused(anna.holder.certify()) == (409, "no_keys", "statements[0]", "person")
    assert await anna.why(anna.holder.new_key()) == "not-the-next"


async def test_an_id_that_another_has_is_not_taken_over(strangers):
    anna, bilal, *_ = strangers
    await anna.post(anna.holder.new_key())
    thief = Keyholder(bilal.holder.person, id=anna.holder.id)
    assert await bilal.why(thief.new_key()) == "wrong-person"


async def test_generations_follow_each_other_and_old_ones_are_not_played_again(clients):
    anna = clients[0]
    old = anna.holder.new_key()
    assert (await anna.post(old)).status == 200
    anna.holder.new_key()
    assert await anna.why(anna.holder.new_key()) == "not-the-next"
    stored = (await anna.post(old)).json["stored"]
    assert [each["feed"] for each in stored] == [(await anna.feed())[-1]["feed"]]


async def test_a_key_that_nothing_ties_to_the_one_before_is_refused(clients):
    anna = clients[0]
    assert await anna.why(anna.holder.new_key(continued=False)) == "missing-signature"


async def test_two_administrators_of_a_team_may_admit_and_old_devices_end(clients):
    anna, bilal, chris, dina = (each.holder for each in clients)
    team = bilal.create("team", anna.member, dina.member)
    await clients[1].post(team)
    await clients[1].post(bilal.add(named(team), chris.member, [named(team)], role="admin"))
    lost = anna.kem, anna.sign, anna.last, anna.generation
    assert await clients[0].why(anna.new_key(bilal.sign, dina.sign, continued=False)) == "unknown-signer"
    anna.kem, anna.sign, anna.last, anna.generation = lost
    assert (await clients[0].post(anna.new_key(bilal.sign, chris.sign, continued=False))).status == 200
    group, key = await clients[0].begin("conversation", bilal)
    assert (await clients[0].send(group, key)).code == "no_device"
    anna.device = new_id()
    await clients[0].post(anna.certify())
    assert (await clients[0].send(group, key)).status == 200


async def test_a_device_is_certified_once_and_takes_part_until_it_is_revoked(clients):
    anna, bilal, *_ = clients
    assert await anna.why(anna.holder.certify()) == "malformed"  # another key for the same device
    assert await bilal.why(bilal.holder.certify(anna.holder.device)) == "malformed"
    assert await bilal.why(bilal.holder.revoke(anna.holder.device)) == "not-allowed"
    group, key = await anna.begin("conversation", bilal.holder)
    assert (await anna.send(group, key)).status == 200
    assert (await anna.post(anna.holder.revoke())).status == 200
    assert (await anna.send(group, key)).code == "no_device"


async def test_there_is_a_limit_to_devices(clients):
    anna = clients[0]
    for _ in range(DEVICES_MOST - 1):
        assert (await anna.post(anna.holder.certify(new_id()))).status == 200
    assert await anna.refused(anna.holder.certify(new_id())) == (409, "limit", "statements[0]", "devices")
    await anna.post(anna.holder.revoke())
    assert (await anna.post(anna.holder.certify(new_id()))).status == 200


async def test_share_sets_passkeys_and_trustees_are_for_their_owner_alone(clients):
    anna, bilal, chris, _ = clients
    said = {"person": anna.holder.id, "generation": 1, "at": 1, "sign_seed": anna.holder.sign}
    hashes = {name: bytes(33) for name in ("north", "east", "west")}
    own = [
        stated(shares.TYP, shares.state_share_set(**said, set_id=new_id(), shares=hashes)),
        stated(passkeys.TYP, passkeys.state_passkey(**said, credential=bytes(20), key=bytes(80))),
        stated(passkeys.REVOKED_TYP, passkeys.revoke_passkey(**said, credential=bytes(20))),
        stated(
            approvals.TRUSTEES_TYP,
            approvals.state_trustees(
                **said, colleagues=[KnownKey(each.holder.id, public_of(each.holder.sign)) for each in (bilal, chris)]
            ),
        ),
    ]
    await anna.begin("conversation", bilal.holder)
    for each in own:
        assert await bilal.why(each) == "unknown-signer"
    assert (await anna.post(*own)).status == 200
    assert names(await anna.feed())[-4:] == [named(each) for each in own]
    assert names((await anna.get(f"person?person={anna.holder.id}"))["events"])[-4:] == [named(each) for each in own]
    assert not set(names(await bilal.feed())) & {named(each) for each in own}
    assert len((await bilal.get(f"person?person={anna.holder.id}"))["events"]) == 2


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda each: each | {"typ": "balie-message+jws"}, "wrong-type"),
        (lambda each: each | {"sealed": {"person:x": "x"}}, "malformed"),
        (lambda each: each | {"signed": {"payload": each["signed"]["payload"]}}, "malformed"),
        (lambda each: each | {"signed": each["signed"] | {"payload": each["signed"]["payload"][:-4]}}, "malformed"),
        (lambda each: each | {"signed": each["signed"] | {"header": {}}}, "malformed"),
    ],
)
async def test_what_is_no_such_statement_is_refused_with_the_protocols_reason(strangers, spoil, why):
    anna = strangers[0]
    assert await anna.refused(spoil(anna.holder.new_key())) == (422, "rejected", "statements[0]", why)
    assert (await anna.get("groups"))["feed"] == 0


async def test_another_suite_and_bent_signatures_are_refused(strangers):
    anna = strangers[0]
    key = anna.holder.new_key()
    payload = peek(key["signed"]).replace(b'"suite":1', b'"suite":2')
    other = sign_compact(key["typ"], payload, anna.holder.sign).split(".")
    suite = {"payload": other[1], "signatures": [{"protected": other[0], "signature": other[2]}]}
    assert await anna.why(key | {"signed": suite}) == "unknown-suite"
    [signature] = key["signed"]["signatures"]
    bent = signature | {"signature": b64(bytes(64))}
    assert await anna.why(key | {"signed": key["signed"] | {"signatures": [bent]}}) == "bad-signature"


async def test_bodies_have_a_form_and_a_size(clients):
    anna = clients[0]
    ask = anna.browser.post
    for body in ({}, {"statements": []}, {"statements": [{"typ": 1}]}, {"statements": [anna.holder.certify()] * 17}):
        refused = await ask("/live/consult/statements", body)
        assert (refused.status, refused.code) == (400, "bad_request")
    assert (await ask("/live/consult/statements", b"x" * (POST_MAX + 1))).code == "too_large"
