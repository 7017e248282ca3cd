"""Posts bent at random, and statements out of their time: refused with a reason, and nothing of them is kept."""

from copy import deepcopy
from random import Random

import pytest

from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.statements import peek, sign_compact
from balie.consult.testing import new_id
from balie.consult.tests.keyholders import Keyholder, named

ROUNDS = 80  # as many as one may ask at once


def bend(dice: Random, content):
    """The same with something of it missing, doubled, cut, of another type, or with other letters."""
    if isinstance(content, dict) and content and dice.random() < 0.9:
        key = dice.choice(sorted(content))
        if dice.random() < 0.15:
            return {name: each for name, each in content.items() if name != key}
        return content | {key: bend(dice, content[key])}
    if isinstance(content, list) and content and dice.random() < 0.9:
        at = dice.randrange(len(content))
        if dice.random() < 0.15:
            return [*content, content[at]]
        return [*content[:at], bend(dice, content[at]), *content[at + 1 :]]
    if isinstance(content, str) and content and dice.random() < 0.8:
        at = dice.randrange(len(content))
        return dice.choice([content[:at], content + "A", content[:at] + dice.choice("Az_\x00é{") + content[at + 1 :]])
    return dice.choice([None, 0, -1, 2**70, 1.5, "", "x" * 100, [], {}, True, [[[]]]])


def resigned(statement, holder: Keyholder, old: bytes, new: bytes):
    """The same with something else in its payload, signed well."""
    payload = peek(statement["signed"])
    assert old in payload
    header, body, signature = sign_compact(statement["typ"], payload.replace(old, new), holder.sign).split(".")
    signed = {"payload": body, "signatures": [{"protected": header, "signature": signature}]}
    return statement | {"signed": signed}


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_bent_is_refused_and_breaks_nothing(clients, seed):
    anna, bilal, *_ = clients
    act = anna.holder.create("conversation", bilal.holder.member)
    to = {each.holder.member: each.holder.public for each in (anna, bilal)}
    keyed, _ = anna.holder.key("conversation", named(act), [named(act)], to)
    whole = {"statements": [act, keyed, anna.holder.certify(new_id())]}
    before, dice = await bilal.cursor(), Random(seed)
    for _ in range(ROUNDS):
        bent = bend(dice, deepcopy(whole))
        answer = await anna.browser.post("/live/consult/statements", bent)
        if answer.status == 200:  # what nobody looks at was bent
            before = await bilal.cursor()
        else:
            assert answer.status in {400, 409, 422}, (answer.status, bent)
    assert await bilal.cursor() == before
    assert (await anna.post(*whole["statements"])).status == 200


async def test_a_statement_names_the_generation_of_its_key(clients):
    anna = clients[0]
    device = anna.holder.certify(new_id())
    assert await anna.why(resigned(device, anna.holder, b'"generation":1', b'"generation":2')) == "wrong-key"
    await anna.post(anna.holder.new_key())
    assert await anna.why(resigned(device, anna.holder, b'"at":1', b'"at":2')) == "wrong-key"


async def test_an_act_signed_before_a_rotation_is_still_taken_but_not_one_of_an_era_that_ended(clients):
    anna, bilal, chris, dina = clients
    team = bilal.holder.create("team", anna.holder.member)
    chief = bilal.holder.add(named(team), chris.holder.member, [named(team)], role="admin")
    await bilal.post(team, chief)
    acts = [anna.holder.create("conversation", dina.holder.member) for _ in range(2)]
    await anna.post(anna.holder.new_key())
    assert (await anna.post(acts[0])).status == 200
    admitted = anna.holder.new_key(bilal.holder.sign, chris.holder.sign, continued=False)
    assert (await anna.post(admitted)).status == 200
    assert await anna.why(acts[1]) == "unknown-signer"
    assert (await anna.post(acts[0])).status == 200  # kept already


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"v":1', b'"v":2', "malformed"),
        (b'"act":"create"', b'"act":"destroy"', "malformed"),
        (b'"role":"admin"', b'"role":"owner"', "malformed"),
        (b'"at":1', b'"at":1.0', "malformed"),
        (b'"at":1', b'"at":1,"at":1,"more":2', "malformed"),
        (b'{"act"', b' {"act"', None),
    ],
)
async def test_forms_are_strict_and_white_space_is_free(clients, old, new, why):
    anna = clients[0]
    bent = resigned(anna.holder.create("conversation"), anna.holder, old, new)
    if why:
        assert await anna.why(bent) == why
    else:
        assert (await anna.post(bent)).status == 200


async def test_two_ways_to_write_bytes_are_not_two_statements(clients):
    anna = clients[0]
    act = anna.holder.create("conversation")
    padded = act | {"signed": act["signed"] | {"payload": act["signed"]["payload"] + "="}}
    assert await anna.why(padded) == "malformed"
    assert b64(unb64(act["signed"]["payload"])) == act["signed"]["payload"]
