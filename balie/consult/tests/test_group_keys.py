"""Keys of teams and conversations over HTTP: kept with their copies, given to whom they are for, retired in time."""

import pytest

from balie.consult.intake import group_keys as module
from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.group_keys import key_name, open_group_key
from balie.consult.protocol.suite import public_of
from balie.consult.testing import new_id, new_name
from balie.consult.tests.keyholders import named


@pytest.fixture
async def conversation(clients):
    """Of Anna and Bilal, without a key: its name, and the public keys of both."""
    anna, bilal, *_ = clients
    act = anna.holder.create("conversation", bilal.holder.member)
    await anna.post(act)
    return named(act), {each.holder.member: each.holder.public for each in (anna, bilal)}


async def opened(client, team, name):
    """The seed of a team's key, from the copy for this client."""
    keyed = next(each["statement"] for each in await client.feed() if "sealed" in each.get("statement", {}))
    sealed = unb64(keyed["sealed"][client.holder.member])
    return open_group_key("team", team, name, member=client.holder.member, seed=client.holder.kem, sealed=sealed)


async def test_each_gets_the_copy_for_them_and_it_opens(clients):
    anna, bilal, chris, _ = clients
    team, team_key = await bilal.begin("team", chris.holder)
    [_, keyed] = (await chris.get(f"history?group={team}"))["events"]
    assert keyed["statement"]["sealed"].keys() == {chris.holder.member}
    seed = await opened(chris, team, team_key)
    act = anna.holder.create("conversation", f"team:{team}")
    to = {anna.holder.member: anna.holder.public, f"team:{team}": public_of(seed)}
    stated, key = anna.holder.key("conversation", named(act), [named(act)], to)
    assert (await anna.post(act, stated)).status == 200
    for reader, member in ((anna, anna.holder.member), (chris, f"team:{team}"), (bilal, f"team:{team}")):
        found = (await reader.feed())[-1]["statement"]
        assert (found["name"], found["sealed"].keys()) == (named(stated), {member})
    sealed = unb64((await chris.feed())[-1]["statement"]["sealed"][f"team:{team}"])
    name = key_name("conversation", named(act), key)
    assert open_group_key("conversation", named(act), name, member=f"team:{team}", seed=seed, sealed=sealed) == key
    assert (await chris.send(named(act), name)).status == 200


async def test_a_new_key_is_for_all_members_and_nobody_else(clients, conversation):
    anna, bilal, chris, _ = clients
    group, to = conversation
    strangers = to | {chris.holder.member: chris.holder.public}
    lacking = {anna.holder.member: anna.holder.public}
    other = to | {bilal.holder.member: chris.holder.public}
    for each in (strangers, lacking, other):
        stated, _ = anna.holder.key("conversation", group, [group], each)
        assert await anna.refused(stated) == (409, "behind", "statements[0]", "to")


async def test_an_old_key_is_sealed_to_who_came_later(clients, conversation):
    anna, bilal, chris, _ = clients
    group, to = conversation
    stated, key = anna.holder.key("conversation", group, [group], to)
    await anna.post(stated)
    add = bilal.holder.add(group, chris.holder.member, [group])
    more, _ = bilal.holder.key("conversation", group, [named(add)], {chris.holder.member: chris.holder.public}, key=key)
    assert (await bilal.post(add, more)).status == 200
    assert (await chris.feed())[-1]["statement"]["sealed"].keys() == {chris.holder.member}
    assert (await chris.send(group, key_name("conversation", group, key))).status == 200


async def test_a_key_statement_is_judged_by_the_protocol(clients, conversation):
    anna, bilal, chris, _ = clients
    group, to = conversation

    def key(client, **more):
        return client.holder.key("conversation", more.pop("group", group), more.pop("heads", [group]), to, **more)[0]

    assert await chris.why(key(chris)) == "unknown-group"
    assert await anna.why(key(anna, group=new_name())) == "unknown-group"
    assert await anna.why(key(bilal)) == "unknown-signer"
    assert await anna.why(key(anna, by=bilal.holder.id)) == "wrong-person"
    assert await anna.why(key(anna, acting=f"team:{new_name()}")) == "not-allowed"
    assert await anna.why(key(anna, suite=2)) == "unknown-suite"
    assert await anna.why(key(anna, kem=b64(anna.holder.public))) == "malformed"
    assert await anna.refused(key(anna, heads=[new_name()])) == (409, "behind", "statements[0]", "heads")


async def test_who_takes_part_by_a_team_only_acts_for_the_team(clients):
    anna, bilal, *_ = clients
    team, team_key = await bilal.begin("team")
    act = anna.holder.create("conversation", f"team:{team}")
    await anna.post(act)
    seed = await opened(bilal, team, team_key)
    to = {anna.holder.member: anna.holder.public, f"team:{team}": public_of(seed)}
    assert await bilal.why(bilal.holder.key("conversation", named(act), [named(act)], to)[0]) == "not-allowed"
    stated, _ = bilal.holder.key("conversation", named(act), [named(act)], to, acting=f"team:{team}")
    assert (await bilal.post(stated)).status == 200


async def test_copies_are_complete_and_as_long_as_copies_are(clients, conversation):
    anna = clients[0]
    group, to = conversation
    stated, _ = anna.holder.key("conversation", group, [group], to)
    mine = anna.holder.member
    whole = unb64(stated["sealed"][mine])
    for sealed, why in [
        ({mine: stated["sealed"][mine]}, "malformed"),
        (stated["sealed"] | {"person:" + new_id(): stated["sealed"][mine]}, "malformed"),
        (stated["sealed"] | {mine: b64(whole[:-1])}, "malformed"),
        (stated["sealed"] | {mine: b64(whole + b"x")}, "malformed"),
        (stated["sealed"] | {mine: stated["sealed"][mine] + "="}, "malformed"),
        (stated["sealed"] | {mine: b64(b"\2" + whole[1:])}, "unknown-suite"),
        ({}, "malformed"),
    ]:
        assert await anna.why(stated | {"sealed": sealed}) == why
    assert (await anna.post(stated)).status == 200
    other = stated | {"sealed": stated["sealed"] | {mine: b64(b"\1" + bytes(1168))}}
    assert (await anna.post(other)).status == 200  # known by its name: the first copies stay
    assert (await anna.feed())[-1]["statement"]["sealed"][mine] == stated["sealed"][mine]


async def test_a_new_generation_retires_the_keys_sealed_to_the_old(clients, conversation):
    anna, bilal, *_ = clients
    group, to = conversation
    stated, key = anna.holder.key("conversation", group, [group], to)
    await anna.post(stated)
    assert (await bilal.post(bilal.holder.new_key())).status == 200
    assert (await anna.send(group, key_name("conversation", group, key))).code == "key_retired"
    assert await anna.why(anna.holder.key("conversation", group, [group], to)[0]) == "to"
    fresh, key = anna.holder.key("conversation", group, [group], to | {bilal.holder.member: bilal.holder.public})
    assert (await anna.post(fresh)).status == 200
    assert (await anna.send(group, key_name("conversation", group, key))).status == 200


async def test_who_leaves_a_team_takes_its_keys_and_those_of_its_conversations_along(clients):
    anna, bilal, chris, _ = clients
    team, team_key = await bilal.begin("team", chris.holder)
    act = anna.holder.create("conversation", f"team:{team}")
    seed = await opened(bilal, team, team_key)
    to = {anna.holder.member: anna.holder.public, f"team:{team}": public_of(seed)}
    stated, key = anna.holder.key("conversation", named(act), [named(act)], to)
    name = key_name("conversation", named(act), key)
    await anna.post(act, stated)
    aside, aside_key = await anna.begin("conversation", bilal.holder)

    removal = bilal.holder.remove(team, chris.holder.member, [team])
    mine = {bilal.holder.member: bilal.holder.public}
    fresh, seed = bilal.holder.key("team", team, [named(removal)], mine)
    assert (await bilal.post(removal, fresh)).status == 200
    assert (await anna.send(named(act), name)).code == "key_retired"
    assert (await anna.send(aside, aside_key)).status == 200  # the control: what the team is not in goes on
    assert await anna.why(anna.holder.key("conversation", named(act), [named(act)], to)[0]) == "to"
    to[f"team:{team}"] = public_of(seed)
    assert (await anna.post(anna.holder.key("conversation", named(act), [named(act)], to)[0])).status == 200


async def test_of_two_keys_of_a_team_the_later_is_current(clients):
    anna, bilal, *_ = clients
    team, _ = await bilal.begin("team")
    mine = {bilal.holder.member: bilal.holder.public}
    later, seed = bilal.holder.key("team", team, [team], mine, at=9)
    earlier, other = bilal.holder.key("team", team, [team], mine, at=8)
    await bilal.post(later, earlier)
    act = anna.holder.create("conversation", f"team:{team}")
    await anna.post(act)
    to = {anna.holder.member: anna.holder.public}
    for each, refused in ((other, True), (seed, False)):
        stated, _ = anna.holder.key("conversation", named(act), [named(act)], to | {f"team:{team}": public_of(each)})
        assert (await anna.post(stated)).status == (409 if refused else 200)


async def test_there_is_a_limit_to_key_statements(clients, conversation, monkeypatch):
    monkeypatch.setattr(module, "STATEMENTS_MOST", 0)
    anna = clients[0]
    group, to = conversation
    stated, _ = anna.holder.key("conversation", group, [group], to)
    assert await anna.refused(stated) == (409, "limit", "statements[0]", "keys")
