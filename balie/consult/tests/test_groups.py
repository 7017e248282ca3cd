"""Acts over HTTP: who belongs follows from them, and so does what each may read and write."""

import pytest

from balie.consult.protocol import membership as module
from balie.consult.testing import new_name
from balie.consult.tests.clients import names
from balie.consult.tests.keyholders import named


async def create(client, kind, *members):
    act = client.holder.create(kind, *(each.holder.member for each in members))
    assert (await client.post(act)).status == 200
    return named(act)


async def test_whoever_is_in_a_group_from_the_beginning_reads_its_acts(clients):
    anna, bilal, chris, _ = clients
    group = await create(anna, "conversation", bilal)
    for each in (anna, bilal):
        [mine] = (await each.get("groups"))["groups"]
        assert (mine["group"], mine["kind"]) == (group, "conversation")
        assert group in names(await each.feed())
    assert (await chris.get("groups"))["groups"] == []
    assert group not in names(await chris.feed())
    assert (await chris.browser.get(f"/live/consult/history?group={group}")).status == 404


async def test_who_is_added_reads_on_from_there_and_fetches_what_was_before(clients):
    anna, bilal, chris, _ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    assert (await bilal.send(group, key)).status == 200
    cursor = await chris.cursor()
    add = anna.holder.add(group, chris.holder.member, [group])
    [stored] = (await anna.post(add)).json["stored"]
    await bilal.send(group, key)
    joined, message = await chris.feed(cursor)
    assert (joined["statement"]["name"], message["message"]["place"]) == (named(add), 2)
    [mine] = (await chris.get("groups"))["groups"]
    assert mine["since"] == stored["feed"] == joined["feed"]
    before = (await chris.get(f"history?group={group}&until={mine['since']}"))["events"]
    assert [each.get("message", {}).get("place") for each in before] == [None, None, 1]
    assert [each["feed"] for each in before] == sorted(each["feed"] for each in before)


async def test_who_is_removed_hears_that_and_then_nothing(clients):
    anna, bilal, *_ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    cursor = await bilal.cursor()
    removal = anna.holder.remove(group, bilal.holder.member, [group])
    assert (await anna.post(removal)).status == 200
    assert names(await bilal.feed(cursor)) == [named(removal)]
    assert await bilal.belongs_to() == set()
    assert (await bilal.send(group, key)).code == "not_found"
    assert (await bilal.browser.get(f"/live/consult/history?group={group}")).status == 404
    assert (await anna.send(group, key)).code == "key_retired"


async def test_people_of_a_team_are_in_what_it_is_in_and_a_new_one_too(clients):
    anna, bilal, chris, dina = clients
    team, _ = await bilal.begin("team", chris.holder)
    act = anna.holder.create("conversation", f"team:{team}")
    assert (await anna.post(act)).status == 200
    assert await chris.belongs_to() == {team, named(act)}
    cursor = await dina.cursor()
    await bilal.post(bilal.holder.add(team, dina.holder.member, [team]))
    assert await dina.belongs_to() == {team, named(act)}
    since = {each["since"] for each in (await dina.get("groups"))["groups"]}
    assert [each["feed"] for each in await dina.feed(cursor)] == sorted(since)
    assert names((await dina.get(f"history?group={named(act)}"))["events"]) == [named(act)]
    behalf = chris.holder.add(named(act), dina.holder.member, [named(act)], acting=f"team:{team}")
    assert (await chris.post(behalf)).status == 200


async def test_administrators_alone_change_a_team_and_everybody_may_leave(clients):
    anna, bilal, chris, dina = clients
    team = await create(anna, "team", bilal, chris)
    assert await bilal.why(bilal.holder.add(team, dina.holder.member, [team])) == "not-allowed"
    assert await bilal.why(bilal.holder.remove(team, chris.holder.member, [team])) == "not-allowed"
    leave = bilal.holder.remove(team, bilal.holder.member, [team])
    assert (await bilal.post(leave)).status == 200
    assert await bilal.belongs_to() == set()
    assert (await bilal.post(leave)).status == 200  # the answer was lost: again


async def test_keepers_stay(clients):
    anna, bilal, *_ = clients
    team = f"team:{await create(bilal, 'team')}"
    act = anna.holder.create("conversation", team, keepers=[team])
    await anna.post(act)
    assert await anna.why(anna.holder.remove(named(act), team, [named(act)])) == "not-allowed"


async def test_nobody_acts_for_others_or_where_they_do_not_belong(clients):
    anna, bilal, chris, _ = clients
    group = await create(anna, "conversation", bilal)
    team = await create(bilal, "team")
    mine = chris.holder.member
    assert await chris.why(chris.holder.add(group, mine, [group])) == "unknown-group"
    assert await anna.why(anna.holder.add(new_name(), mine, [group])) == "unknown-group"
    assert await anna.why(anna.holder.add(group, mine, [group], acting=f"team:{team}")) == "not-allowed"
    assert await anna.why(bilal.holder.add(group, mine, [group])) == "unknown-signer"
    assert await anna.why(anna.holder.add(group, mine, [group], by=bilal.holder.id)) == "wrong-person"
    assert await anna.why(anna.holder.create("team", f"team:{team}")) == "malformed"
    assert await anna.why(anna.holder.add(group, f"team:{new_name()}", [group])) == "unknown-member"
    assert await anna.why(anna.holder.add(group, f"team:{group}", [group])) == "unknown-member"
    assert await chris.belongs_to() == set()


async def test_an_act_follows_what_is_there_and_what_has_been_there_for_long(clients, installation):
    anna, bilal, chris, dina = clients
    group = await create(anna, "conversation", bilal)
    assert await anna.refused(anna.holder.add(group, chris.holder.member, [new_name()])) == (
        409,
        "behind",
        "statements[0]",
        "after",
    )
    first = anna.holder.add(group, chris.holder.member, [group])
    assert (await anna.post(first)).status == 200
    assert (await bilal.post(bilal.holder.add(group, dina.holder.member, [group]))).status == 200  # at the same time
    with installation.connect() as line:
        line.execute("alter table consult_statement disable trigger all")
        line.execute("update consult_statement set received_at = received_at - interval '11 seconds'")
    late = bilal.holder.remove(group, dina.holder.member, [named(first)])
    assert await bilal.why(late) == "after"


async def test_whoever_was_removed_meanwhile_does_nothing_more(clients):
    anna, bilal, *_ = clients
    group = await create(anna, "conversation", bilal)
    assert (await anna.post(anna.holder.remove(group, bilal.holder.member, [group]))).status == 200
    assert await bilal.why(bilal.holder.remove(group, anna.holder.member, [group])) == "unknown-group"
    assert await anna.belongs_to() == {group}


async def test_a_removal_that_was_not_known_wins_from_an_addition(clients):
    anna, bilal, chris, _ = clients
    group = await create(anna, "conversation", bilal, chris)
    removal = anna.holder.remove(group, chris.holder.member, [group])
    await anna.post(removal)
    assert (await bilal.post(bilal.holder.add(group, chris.holder.member, [group]))).status == 200
    assert await chris.belongs_to() == set()
    back = bilal.holder.add(group, chris.holder.member, [named(removal)])
    assert (await bilal.post(back)).status == 200
    assert await chris.belongs_to() == {group}


@pytest.mark.parametrize(("limit", "most"), [("ACTS_MAX", 2), ("ADDITIONS_MAX", 1)])
async def test_additions_have_limits_and_removals_none(clients, monkeypatch, limit, most):
    monkeypatch.setattr(module, limit, most)
    anna, bilal, *_ = clients
    group = await create(anna, "conversation")
    add = anna.holder.add(group, bilal.holder.member, [group])
    removal = anna.holder.remove(group, bilal.holder.member, [named(add)])
    assert (await anna.post(add, removal)).status == 200
    again = await anna.refused(anna.holder.add(group, bilal.holder.member, [named(removal)]))
    assert again == (409, "limit", "statements[0]", "acts")


async def test_who_is_no_member_is_not_removed(clients):
    anna, bilal, chris, _ = clients
    group = await create(anna, "conversation", bilal, chris)
    removal = anna.holder.remove(group, chris.holder.member, [group])
    await anna.post(removal)
    same = bilal.holder.remove(group, chris.holder.member, [group])
    assert await bilal.refused(same) == (409, "behind", "statements[0]", "member")


async def test_keys_and_devices_of_people_one_meets_come_in_the_feed(clients):
    anna, bilal, chris, _ = clients
    team = await create(bilal, "team", chris)
    await anna.post(anna.holder.create("conversation", f"team:{team}"))
    cursor = await anna.cursor()
    new_key, device = chris.holder.new_key(), chris.holder.certify("A" * 22)
    await chris.post(new_key, device)
    assert names(await anna.feed(cursor)) == [named(new_key), named(device)]
    assert await clients[3].feed(cursor) == []


async def test_pages_of_the_feed_and_of_a_history_miss_and_repeat_nothing(clients, monkeypatch):
    monkeypatch.setattr("balie.consult.live.PAGE_MOST", 2)
    anna, bilal, *_ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    for _ in range(3):
        await bilal.send(group, key)
    for what in ("feed?", f"history?group={group}&"):
        seen, after, more = [], 0, True
        while more:
            page = await anna.get(f"{what}after={after}")
            seen += [each["feed"] for each in page["events"]]
            after, more = page["after"], page["more"]
        assert seen == sorted(set(seen))
        assert len(seen) == (9 if what == "feed?" else 5)
        assert after == await anna.cursor()
