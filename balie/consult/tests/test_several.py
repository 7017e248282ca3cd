"""Several groups and people with one request: what each would have answered alone, and nothing else."""

import pytest

from balie.consult.live import SEVERAL_MOST
from balie.consult.testing import new_id, new_name


async def test_histories_say_what_each_history_says(clients):
    anna, bilal, chris, dina = clients
    groups = []
    for other in (bilal, chris):
        group, key = await anna.begin("conversation", other.holder)
        await anna.send(group, key)
        groups.append(group)
    asked = ",".join([*groups, new_name(), groups[0]])
    found = (await anna.get(f"histories?groups={asked}"))["histories"]
    assert found == [{"group": each, **await anna.get(f"history?group={each}")} for each in groups]
    assert all(each["events"] for each in found)
    assert [each["group"] for each in (await bilal.get(f"histories?groups={asked}"))["histories"]] == groups[:1]
    assert await dina.get(f"histories?groups={asked}") == {"histories": []}


async def test_persons_say_what_each_person_says(clients):
    anna, bilal, chris, _ = clients
    persons = [each.holder.id for each in (bilal, chris)]
    found = (await anna.get(f"persons?persons={','.join([*persons, new_id(), persons[0]])}"))["people"]
    assert found == [await anna.get(f"person?person={each}") for each in persons]


@pytest.mark.parametrize("made", [new_name, new_id])
async def test_no_more_than_so_many_are_asked_at_once(clients, made):
    what = "histories?groups" if made is new_name else "persons?persons"
    for names in (["x"], [made() for _ in range(SEVERAL_MOST + 1)]):
        refused = await clients[0].get(f"{what}={','.join(names)}")
        assert (refused["code"], refused["errors"][0]["at"]) == ("bad_request", what.partition("?")[2])
    assert "code" not in await clients[0].get(f"{what}={','.join(made() for _ in range(SEVERAL_MOST))}")
