"""A second suite comes: what was sealed under the first is sealed again, by whoever has it, and nothing is lost."""

from contextlib import suppress

import msgspec
import pytest

from balie.consult.client.application import ProblemError
from balie.consult.client.groups import Group
from balie.consult.client.keyrings import Keyring
from balie.consult.client.resealing import reseal
from balie.consult.client.talk import Outgoing
from balie.consult.client.tests.people import SECOND, EndedError
from balie.consult.protocol import suite
from balie.consult.protocol.group_keys import GroupKey, state_group_key
from balie.consult.protocol.messages import Content
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import peek
from balie.practices import passes


class Gone(suite.XWing):
    def unseal(self, *_: bytes) -> bytes:
        reject(Reason.UNOPENABLE, "sealed")


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """These people do in a second what others do in a day."""
    monkeypatch.setattr(passes, "REQUESTS_AT_ONCE", 10_000.0)


@pytest.fixture
def second(monkeypatch):
    """From when it is called there is a second suite, and keys are made in it."""

    def begin() -> None:
        monkeypatch.setitem(suite.SUITES, 2, SECOND)
        monkeypatch.setattr(suite, "CURRENT", 2)

    return begin


@pytest.fixture
def first_gone(monkeypatch):
    """From when it is called nobody can open what is of the first suite any more."""

    def begin() -> None:
        monkeypatch.setitem(suite.SUITES, 1, Gone(suite.SUITES[1].hpke))

    return begin


async def again(someone) -> int:
    kept: list[Keyring] = []
    await someone.world.catch_up()
    made = await reseal(someone.talk, kept.append)
    someone.keyring = kept[-1] if kept else someone.keyring
    return made


@pytest.fixture
async def consult(people):
    """Anna asks a team of Bilal and Chris, who answer; and she talks with Dina by herself."""
    anna, bilal, chris, dina = people
    team = await bilal.talk.create_team(chris.id)
    await bilal.talk.create_conversation(anna.member, keepers=[team.member])
    await anna.world.catch_up()
    asked = await anna.talk.create_conversation(team.member, dina.member)
    await anna.talk.say(asked.name, "vraag")
    await bilal.world.catch_up()
    await bilal.talk.say(asked.name, "antwoord")
    return asked.name, team.name


def test_in_production_there_is_one_suite():
    assert (list(suite.SUITES), suite.CURRENT) == ([1], 1)


async def test_without_a_newer_suite_nobody_asks_for_anything(people, consult):
    anna, *_ = people
    anna.trouble = lambda _method, path: pytest.fail(path)
    assert await reseal(anna.talk, pytest.fail) == 0
    anna.trouble = lambda _method, _path: ""
    assert (await anna.application.resealing()).groups == ()


async def test_everything_is_sealed_again_and_opens_without_the_first_suite(people, consult, second, first_gone):
    anna, bilal, chris, dina = people
    asked, team = consult
    second()
    before = await chris.application.resealing()
    assert before.left == before.all > 0
    assert set(before.groups) >= {asked, team}
    for each in (*people, *people):  # who was first has what others did since to do
        await again(each)
    for each in people:
        told = await each.application.resealing()
        assert (told.left, told.groups) == (0, ())
    await anna.talk.say(asked, "na")
    first_gone()
    for each in (bilal, chris, dina):
        fresh = each.again()
        await fresh.world.begin()
        assert fresh.reads(asked) == ["vraag", "antwoord", "na"]
        assert fresh.world.faults == {}
    assert bilal.world.team_key(bilal.world.groups[team]) is not None
    assert await again(anna) == 0


async def test_without_sealing_again_nothing_opens_once_the_first_suite_is_gone(people, consult, first_gone):
    _, bilal, _, _ = people
    first_gone()
    fresh = bilal.again()
    await fresh.world.begin()
    assert fresh.reads(consult[0]) == []


async def test_who_was_not_here_yet_is_sealed_to_when_they_come(people, consult, second):
    anna, bilal, chris, dina = people
    asked, _ = consult
    second()
    for each in (anna, bilal, chris):
        await again(each)
    assert asked in (await anna.application.resealing()).groups
    await anna.talk.say(asked, "intussen")
    assert await dina.heard(asked) == ["vraag", "antwoord", "intussen"]
    await again(dina)
    for each in (anna, bilal, chris, dina):
        await again(each)
    assert (await dina.application.resealing()).left == 0


@pytest.mark.parametrize("how", ["ends", "ended"])
async def test_it_goes_on_where_it_was_cut_off(people, consult, second, how):
    """At each post in turn: of a key of one's own, of the team's, of copies."""
    anna, bilal, chris, dina = people
    asked, _ = consult
    second()
    kept: list[Keyring] = []
    for nth in range(3):
        left = [how, *[""] * nth]
        bilal.trouble = lambda method, _, left=left: left.pop() if method == "POST" and left else ""
        with suppress(EndedError):
            await reseal(bilal.talk, kept.append)
        bilal.keyring = kept[0]
        bilal = bilal.again()
        await bilal.world.begin()
    assert len(kept) == 1
    for each in (bilal, anna, chris, dina, bilal, anna):
        await again(each)
    assert (await anna.application.resealing()).left == 0
    for each in (anna, bilal, chris, dina):
        assert each.reads(asked) == ["vraag", "antwoord"]


async def test_what_is_sent_while_keys_are_sealed_again_arrives_once(people, consult, second):
    """Bilal sealed a message under the key that Anna's new key retires; under the same id he sends it again."""
    anna, bilal, chris, _ = people
    asked, _ = consult
    outgoing = Outgoing(asked, Content(kind="text", text="op de grens"), at=1)
    group = bilal.world.groups[asked]
    key = group.fitting_key(bilal.world.current(group))
    assert key is not None
    late = bilal.talk._envelope(group, outgoing, key)
    second()
    await again(anna)
    with pytest.raises(ProblemError) as refused:
        await bilal.application.send(conversation=asked, device=bilal.device.device, message=outgoing.id, envelope=late)
    assert refused.value.code == "key_retired"
    await bilal.talk.send(outgoing)
    assert await chris.heard(asked) == ["vraag", "antwoord", "op de grens"]
    assert await anna.heard(asked) == ["vraag", "antwoord", "op de grens"]


@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "control"])
async def test_nobody_gets_history_by_a_lie_about_who_had_it(people, second, monkeypatch, is_guarded):
    """Dina, who joined later, states that she has the key of before, with rubbish for a copy."""
    anna, bilal, _, dina = people
    group = await anna.talk.create_conversation(bilal.member)
    await anna.talk.say(group.name, "van voor Dina")
    [old] = group.keys
    await anna.talk.rotate(group)
    await anna.talk.add(group, dina.member)
    await dina.world.catch_up()
    own = dina.world.groups[group.name]
    posted = dina.talk._key("conversation", own.name, [own.name], await dina.talk._publics([dina.member]), bytes(32))
    lie = msgspec.structs.replace(decode(peek(posted["signed"]), GroupKey), key=old)
    signed = state_group_key(lie, dina.keyring.sign_seed)
    await dina.application.post(posted | {"signed": signed})
    second()
    if not is_guarded:
        monkeypatch.setattr(Group, "_had", _whatever_is_said)
    for each in (dina, anna, bilal, dina):
        await again(each)
    assert (old in own.keys) is not is_guarded


def _whatever_is_said(group, key):
    return {(to.member, to.kem) for each in group.stated.values() if each.key == key for to in each.to}
