"""Clients talk over the real application: keys come and go, and everybody who belongs reads what is theirs."""

import asyncio

import pytest

from balie.consult.client.application import AGAIN_AFTER_S
from balie.consult.client.talk import NotAMemberError, Outgoing
from balie.consult.client.tests.people import once
from balie.consult.client.transport import UnreachableError
from balie.consult.protocol.messages import Content


def text(group, words) -> Outgoing:
    return Outgoing(group.name, Content(kind="text", text=words), at=1)


async def test_two_talk(people):
    anna, bilal, chris, _ = people
    group = await anna.talk.create_conversation(bilal.member)
    assert (await anna.talk.say(group.name, "Dag Bilal")).place == 1
    assert await bilal.heard(group.name) == ["Dag Bilal"]
    await bilal.talk.say(group.name, "Dag Anna")
    assert await anna.heard(group.name) == ["Dag Bilal", "Dag Anna"]
    await chris.world.catch_up()
    assert chris.world.groups == {}
    assert anna.world.faults == bilal.world.faults == {}


async def test_what_is_new_is_told_once(people):
    anna, bilal, *_ = people
    group = await anna.talk.create_conversation(bilal.member)
    outgoing = text(group, "een")
    await anna.talk.send(outgoing)
    assert await bilal.world.catch_up() == [outgoing.id]
    assert await bilal.world.catch_up() == []


async def test_what_comes_while_one_acts_is_told_afterwards(people):
    anna, bilal, chris, _ = people
    group = await anna.talk.create_conversation(bilal.member, chris.member)
    await bilal.world.catch_up()
    outgoing = text(group, "tussendoor")
    await bilal.talk.send(outgoing)
    await anna.talk.remove(group, chris.member)
    assert anna.reads(group.name) == ["tussendoor"]
    assert await anna.world.catch_up() == [outgoing.id]


@pytest.mark.parametrize("what", ["lost", "gone"])
async def test_a_send_without_answer_is_sent_again_and_stored_once(people, what):
    anna, bilal, *_ = people
    group = await anna.talk.create_conversation(bilal.member)
    anna.trouble = once(what, ending="/messages")
    assert (await anna.talk.say(group.name, "een keer")).place == 1
    assert anna.pauses == [AGAIN_AFTER_S[0]]
    assert await bilal.heard(group.name) == ["een keer"]


async def test_who_hears_nothing_for_long_may_send_the_same_later(people):
    anna, bilal, *_ = people
    group = await anna.talk.create_conversation(bilal.member)
    outgoing = text(group, "later")
    anna.trouble = lambda _method, path: "lost" if path.endswith("/messages") else ""
    with pytest.raises(UnreachableError):
        await anna.talk.send(outgoing)
    assert anna.pauses == list(AGAIN_AFTER_S)
    anna.trouble = lambda _method, _path: ""
    assert (await anna.talk.send(outgoing)).place == 1
    assert await bilal.heard(group.name) == ["later"]


async def test_who_is_added_reads_from_then_on(people):
    anna, bilal, chris, _ = people
    group = await anna.talk.create_conversation(bilal.member)
    await anna.talk.say(group.name, "voor")
    await bilal.talk.world.catch_up()
    await anna.talk.remove(group, bilal.member)
    await anna.talk.say(group.name, "zonder Bilal")
    await anna.talk.add(group, chris.member)
    await anna.talk.say(group.name, "met Chris")
    assert await chris.heard(group.name) == ["zonder Bilal", "met Chris"]
    assert len(chris.world.groups[group.name].unread) == 1
    assert await bilal.heard(group.name) == ["voor"]
    with pytest.raises(NotAMemberError):
        await bilal.talk.say(group.name, "mag niet meer")


async def test_who_is_added_with_history_reads_all(people):
    anna, bilal, chris, dina = people
    group = await anna.talk.create_conversation(bilal.member, dina.member)
    await anna.talk.say(group.name, "voor")
    await anna.talk.remove(group, bilal.member)
    await anna.talk.say(group.name, "na")
    await anna.talk.add(group, chris.member, with_history=True)
    assert await chris.heard(group.name) == ["voor", "na"]
    assert chris.world.groups[group.name].gaps() == []


async def test_a_message_under_a_retired_key_is_sealed_again(people):
    """Anna removes Chris while Bilal, who has not heard of it, writes."""
    anna, bilal, chris, _ = people
    group = await anna.talk.create_conversation(bilal.member, chris.member)
    await bilal.world.catch_up()
    await chris.world.catch_up()
    old = bilal.world.groups[group.name].fitting_key(bilal.world.current(bilal.world.groups[group.name]))
    await anna.talk.remove(group, chris.member)
    outgoing = text(group, "aan wie er nog is")
    assert (await bilal.talk.send(outgoing)).place == 1
    assert bilal.world.groups[group.name].retired == {old}
    assert await anna.heard(group.name) == ["aan wie er nog is"]
    assert anna.world.groups[group.name].messages[outgoing.id].message.key != old
    assert await chris.heard(group.name) == []


async def test_two_who_change_at_once_both_get_through(people):
    anna, bilal, chris, dina = people
    group = await anna.talk.create_conversation(bilal.member)
    await bilal.world.catch_up()
    theirs = bilal.world.groups[group.name]
    await asyncio.gather(anna.talk.add(group, chris.member), bilal.talk.add(theirs, dina.member))
    await anna.world.catch_up()
    await anna.talk.say(group.name, "allen")
    for each in (bilal, chris, dina):
        assert "allen" in await each.heard(group.name)
    assert set(anna.world.groups[group.name].membership().members) == {each.member for each in people}


async def test_a_team_reads_what_its_members_write(people):
    anna, bilal, chris, dina = people
    team = await anna.talk.create_team(bilal.id)
    group = await anna.talk.create_conversation(dina.member, keepers=[team.member])
    await anna.talk.say(group.name, "voor het team")
    assert await bilal.heard(group.name) == ["voor het team"]
    await bilal.talk.say(group.name, "namens het team")
    await anna.world.catch_up()
    await anna.talk.add(team, chris.member)
    assert await chris.heard(group.name) == ["voor het team", "namens het team"]
    assert chris.world.groups[group.name].said()[-1].message.acting == team.member
    assert await dina.heard(group.name) == ["voor het team", "namens het team"]


async def test_who_leaves_a_team_reads_nothing_new(people):
    anna, bilal, _, dina = people
    team = await anna.talk.create_team(bilal.id)
    group = await anna.talk.create_conversation(dina.member, keepers=[team.member])
    await anna.talk.say(group.name, "voor allen")
    assert await bilal.heard(group.name) == ["voor allen"]
    await anna.talk.remove(team, bilal.member)
    await anna.talk.say(group.name, "zonder Bilal")
    assert await bilal.heard(group.name) == ["voor allen"]
    assert await dina.heard(group.name) == ["voor allen", "zonder Bilal"]


async def test_new_keys_of_a_person_bring_new_keys_to_what_they_are_in(people):
    anna, bilal, chris, dina = people
    team = await anna.talk.create_team(bilal.id)
    group = await anna.talk.create_conversation(chris.member, keepers=[team.member])
    await anna.talk.say(group.name, "voor")
    await bilal.world.catch_up()
    bilal.keyring = await bilal.talk.renew_keys()
    await chris.world.catch_up()
    assert chris.world.faults == {}
    await anna.world.catch_up()
    await anna.talk.say(group.name, "na")
    assert await bilal.heard(group.name) == ["voor", "na"]
    assert await chris.heard(group.name) == ["voor", "na"]
    keys = {each.message.key for each in bilal.world.groups[group.name].said()}
    assert len(keys) == 2
    assert dina.world.groups == {}


async def test_a_client_that_forgot_reads_all_again(people):
    anna, bilal, *_ = people
    group = await anna.talk.create_conversation(bilal.member)
    await anna.talk.say(group.name, "een")
    await bilal.world.catch_up()
    await bilal.talk.say(group.name, "twee")
    fresh = bilal.again()
    await fresh.world.begin()
    assert fresh.reads(group.name) == ["een", "twee"]
    await anna.talk.say(group.name, "drie")
    assert await fresh.heard(group.name) == ["een", "twee", "drie"]
    assert fresh.world.faults == {}


async def test_what_the_server_keeps_back_is_a_gap(people):
    anna, bilal, *_ = people
    group = await anna.talk.create_conversation(bilal.member)
    for words in ("een", "twee", "drie"):
        await anna.talk.say(group.name, words)
    take, withheld = bilal.world._take_message, []

    async def keeping_back(sent):
        if sent.place == 2:
            withheld.append(sent)
        else:
            await take(sent)

    bilal.world._take_message = keeping_back
    assert await bilal.heard(group.name) == ["een", "drie"]
    assert bilal.world.groups[group.name].gaps() == [2]
    await take(*withheld)
    assert bilal.reads(group.name) == ["een", "twee", "drie"]
