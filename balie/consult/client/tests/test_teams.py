"""Teams that one is not in: one seals to them, believes who writes for them, and notices when they change."""

import pytest

from balie.consult.client.application import ProblemError
from balie.consult.client.talk import NotAMemberError
from balie.consult.protocol import membership
from balie.consult.protocol.membership import Add, Create, Founder, accept_act, is_too_many, state_act
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.statements import public_of
from balie.consult.testing import new_id


@pytest.fixture
async def consult(people):
    """Anna asks a specialist group of Bilal and Chris: the conversation and the team, which Bilal administers."""
    anna, bilal, chris, _ = people
    team = await bilal.talk.create_team(chris.id)
    # So that Anna may know it: her practice would find it by its name.
    aside = await bilal.talk.create_conversation(anna.member, keepers=[team.member])
    await anna.world.catch_up()
    group = await anna.talk.create_conversation(team.member)
    for each in (bilal, chris):
        await each.world.catch_up()
    assert aside.name in anna.world.groups
    return group, team


async def test_who_asks_a_team_seals_to_it_and_believes_its_answers(people, consult):
    anna, bilal, chris, dina = people
    group, _ = consult
    await anna.talk.say(group.name, "vraag")
    assert await chris.heard(group.name) == ["vraag"]
    await chris.talk.say(group.name, "antwoord")
    assert await anna.heard(group.name) == await bilal.heard(group.name) == ["vraag", "antwoord"]
    assert anna.world.faults == {}
    with pytest.raises(ProblemError):
        await dina.application.team(consult[1].name, after=0)


async def test_nobody_writes_for_a_team_they_are_not_in(people, consult):
    """Dina, who is in the conversation by herself, says that she writes for the team."""
    anna, bilal, _, dina = people
    group, team = consult
    await anna.talk.add(group, dina.member)
    await dina.world.catch_up()
    dina.talk._writes_as = lambda _group: team.member
    await dina.talk.say(group.name, "namens de vakgroep")
    for each in (anna, bilal):
        assert await each.heard(group.name) == []
        assert list(each.world.groups[group.name].rejected.values()) == ["not-allowed"]
    del dina.talk._writes_as
    await dina.talk.say(group.name, "namens mijzelf")
    assert await anna.heard(group.name) == ["namens mijzelf"]


async def test_who_joins_a_team_answers_for_it_and_reads_what_was_asked(people, consult):
    anna, bilal, _, dina = people
    group, team = consult
    await anna.talk.say(group.name, "vraag")
    await bilal.talk.add(bilal.world.groups[team.name], dina.member)
    assert await dina.heard(group.name) == ["vraag"]
    await dina.talk.say(group.name, "antwoord van de nieuwe")
    assert await anna.heard(group.name) == ["vraag", "antwoord van de nieuwe"]


async def test_who_leaves_a_team_reads_nothing_new_once_a_colleague_has_seen_it(people, consult):
    """Chris leaves by himself, so nobody makes a key with it: Bilal's client sees that it is due."""
    anna, bilal, chris, _ = people
    group, team = consult
    await anna.talk.say(group.name, "voor")
    assert await chris.heard(group.name) == ["voor"]
    await chris.talk.remove(chris.world.groups[team.name], chris.member)
    await bilal.world.catch_up()
    before = set(bilal.world.groups[team.name].keys)
    await bilal.talk.renew_due()
    [fresh] = set(bilal.world.groups[team.name].keys) - before
    await bilal.talk.renew_due()
    assert set(bilal.world.groups[team.name].keys) == {*before, fresh}
    await anna.talk.say(group.name, "zonder Chris")
    assert await bilal.heard(group.name) == ["voor", "zonder Chris"]
    assert await chris.heard(group.name) == ["voor"]
    with pytest.raises(NotAMemberError):
        await chris.talk.say(group.name, "mag niet meer")


async def test_a_lost_device_in_a_team_gets_the_team_and_its_conversations_new_keys(people, consult):
    anna, bilal, chris, _ = people
    group, _ = consult
    await anna.talk.say(group.name, "voor")
    chris.keyring = await chris.talk.renew_keys()
    await anna.talk.say(group.name, "na")
    for each in (bilal, chris):
        assert await each.heard(group.name) == ["voor", "na"]
    assert len({each.message.key for each in bilal.world.groups[group.name].said()}) == 2


async def test_who_is_taken_out_of_a_conversation_with_their_team_reads_nothing_new(people, consult):
    anna, bilal, _, dina = people
    group, team = consult
    await anna.talk.say(group.name, "voor")
    assert await bilal.heard(group.name) == ["voor"]
    await anna.talk.add(group, dina.member)
    await anna.talk.remove(group, team.member)
    await anna.talk.say(group.name, "zonder het team")
    assert await dina.heard(group.name) == ["voor", "zonder het team"]
    assert await bilal.heard(group.name) == ["voor"]


async def test_a_client_takes_no_more_additions_than_the_server_would(people, monkeypatch):
    anna, bilal, chris, _ = people
    group = await anna.talk.create_conversation(bilal.member)
    await anna.talk.add(group, chris.member)
    monkeypatch.setattr(membership, "ADDITIONS_MAX", 1)
    with pytest.raises(ProblemError) as refused:
        await anna.talk.add(group, chris.member)
    assert refused.value.code == "limit"
    fresh = bilal.again()
    monkeypatch.setattr(membership, "ADDITIONS_MAX", 0)
    await fresh.world.begin()
    assert set(fresh.world.groups[group.name].membership().members) == {anna.member, bilal.member}
    assert list(fresh.world.faults.values()) == ["limit"]


def test_of_one_member_twenty_additions_are_enough(monkeypatch):
    seed, me = bytes([7]) * 32, new_id()
    known = [KnownKey(me, public_of(seed))]
    member = f"person:{me}"
    create = Create(
        kind="conversation",
        members=(Founder(member=member, role="member"),),
        keepers=(),
        nonce=new_id(),
        by=me,
        acting=member,
        at=1,
    )
    began = accept_act(state_act(create, seed), known)

    someone, other = f"person:{new_id()}", f"person:{new_id()}"

    def add(at, who=someone):
        form = Add(group=began.name, member=who, role="member", by=me, acting=member, after=(began.name,), at=at)
        return accept_act(state_act(form, seed), known)

    twenty = [began, *(add(at) for at in range(20))]
    assert not is_too_many(add(20).form, twenty[:-1])
    assert is_too_many(add(20).form, twenty)
    assert not is_too_many(add(20, other).form, twenty)
    monkeypatch.setattr(membership, "ACTS_MAX", 21)
    assert is_too_many(add(20, other).form, twenty)
