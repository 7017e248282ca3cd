"""The client without a screen believes whom a reserve let in, in the feed and when it begins anew; and no other."""

import pytest

from balie.consult.protocol import persons, reserve
from balie.consult.protocol.persons import state_person_key
from balie.consult.protocol.reasons import Rejected
from balie.consult.reserves.tests.making import make
from balie.consult.tests.keyholders import Keyholder, seed, stated

STATEMENTS = "/live/consult/statements"


async def post(someone, *statements) -> None:
    answer = await someone.browser.post(STATEMENTS, {"statements": list(statements)})
    assert answer.status == 200, answer.json


def holder_of(someone) -> Keyholder:
    return Keyholder(person=0, id=someone.id, sign=someone.keyring.sign_seed)


async def test_who_came_back_by_a_reserve_is_believed(people):
    anna, bilal, chris, _ = people
    team = await anna.talk.create_team(bilal.id)
    aside = await anna.talk.create_conversation(chris.member, keepers=[team.member])
    for each in (bilal, chris):
        await each.world.catch_up()
    made = make(holder_of(anna), team.name, *anna.world.groups[team.name].keys.values())
    await post(anna, made.statement)
    await bilal.world.catch_up()
    before = bilal.world.contacts[anna.id].known
    lost = {"person": anna.id, "generation": 2, "previous": before.name, "at": 2}
    seeds = {"kem_seed": seed(), "sign_seed": seed(), "others": (reserve.sign_seed_of(made.seed),)}
    await post(anna, stated(persons.TYP, state_person_key(**lost, **seeds)))
    fresh = [each.again() for each in (bilal, chris)]
    for each in fresh:
        await each.world.begin()
    for each in (bilal, *fresh):
        await each.world.catch_up()
        await each.world.meet_teams(each.world.groups[aside.name])  # as before one seals to them
        known = (await each.world.contact(anna.id)).known
        assert (known.generation, known.how) == (2, "admitted"), each.world.faults


async def test_a_reserve_of_who_does_not_administer_the_team_vouches_for_nobody(people):
    """A server that lies could give out one that a member stated."""
    anna, bilal, *_ = people
    team = await anna.talk.create_team(bilal.id)
    await bilal.world.catch_up()
    made = make(holder_of(bilal), team.name)
    group = bilal.world.groups[team.name]
    said = reserve.accept_reserve(made.statement["signed"], bilal.world.contacts[bilal.id].keys_at(10**9, ()))
    with pytest.raises(Rejected, match="not-allowed"):
        await bilal.world._take_reserve(group, 10**9, said)
    assert group.vouching(10**9 + 1) is None
