"""A team's reserve: who makes one, what is kept of it, drills, and that it lets a member in who lost everything."""

import asyncio

import psycopg
import pytest

from balie.consult.protocol import reserve
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.reserve import open_copy, read_part, write_part
from balie.consult.protocol.statements import public_of as signing_public
from balie.consult.protocol.suite import public_name, public_of
from balie.consult.reserves.tests.making import HOLDERS, copies, make
from balie.consult.testing import new_id

ROOT = "/live/consult/"


async def reserves(client):
    return {each["team"]: each for each in (await client.get("reserves"))["reserves"]}


async def log_of(client, group):
    return [each["what"] for each in (await client.get(f"log?group={group}"))["entries"]]


async def test_an_administrator_makes_one_and_its_team_sees_how_it_stands(clients, team):
    anna, bilal, chris, _ = clients
    name, key = team
    assert (await reserves(bilal))[name]["reserve"] is None
    made = make(anna.holder, name, key)
    for _ in range(2):  # a post that was not answered is sent again
        assert (await anna.post(made.statement)).status == 200
    stands = (await reserves(bilal))[name]
    found = stands["reserve"]
    assert found["holders"] == [{"number": at, **each} for at, each in enumerate(HOLDERS, start=1)]
    assert (found["set"], found["made_by"], found["due"], found["drills"]) == (made.set, anna.holder.id, False, [])
    assert found["copied"] == stands["keys"] == [public_name(public_of(key))]
    assert await log_of(bilal, name) == ["created", "group-key", "reserve"]
    assert await reserves(chris) == {}
    seen = [each["statement"]["typ"] for each in await bilal.feed()]
    assert seen.count(reserve.TYP) == 1
    assert HOLDERS[0]["name"] not in str(await bilal.feed()), "who holds the parts is for the team's page alone"


async def test_two_sheets_open_the_copies_that_the_server_has(clients, team):
    anna, bilal, *_ = clients
    name, key = team
    made = make(anna.holder, name, key)
    assert (await anna.post(made.statement)).status == 200
    given = (await bilal.get(f"reserve/copies?team={name}"))["copies"]
    said = reserve.accept_reserve(
        made.statement["signed"], [KnownKey(anna.holder.id, signing_public(anna.holder.sign))]
    )
    two = [read_part(write_part(made.parts[at])) for at in (2, 0)]
    opened = reserve.restore(said, two)
    [(called, sealed)] = given.items()
    assert open_copy(name, called, reserve_seed=opened, sealed=unb64(sealed)) == key
    assert (await clients[2].get(f"reserve/copies?team={name}"))["copies"] == {}


async def test_who_may_not_make_one(clients, team):
    anna, bilal, chris, _ = clients
    name, key = team
    assert await bilal.why(make(bilal.holder, name, key).statement) == "not-allowed"
    assert await chris.why(make(chris.holder, name, key).statement) == "unknown-group"
    assert await bilal.why(make(anna.holder, name, key).statement) == "unknown-signer"
    talk, _ = await anna.begin("conversation", bilal.holder)
    assert await anna.why(make(anna.holder, talk).statement) == "not-allowed"


async def test_what_is_no_whole_reserve_is_refused(clients, team):
    anna, *_ = clients
    name, key = team
    right = make(anna.holder, name, key).statement
    assert await anna.refused(right | {"sealed": {}}) == (409, "behind", "statements[0]", "sealed")
    called, sealed = next(iter(right["sealed"].items()))
    other = next(iter(copies(name, bytes(32), bytes(31) + b"1")))
    for wrong in (
        {"holders": HOLDERS[:2]},
        {"holders": [*HOLDERS[:2], HOLDERS[0]]},
        {"sealed": {called: sealed, other: sealed}},
        {"sealed": {called: sealed[:-4]}},
    ):
        assert await anna.why(right | wrong) == "malformed"
    assert (await anna.post(right | {"holders": [*HOLDERS, HOLDERS[0]]})).status == 400
    assert (await reserves(anna))[name]["reserve"] is None


async def test_a_key_that_comes_later_is_added_once_by_any_member(clients, team):
    anna, bilal, chris, _ = clients
    name, key = team
    made = make(anna.holder, name, key)
    assert (await anna.post(made.statement)).status == 200
    people = {each.holder.member: each.holder.public for each in (anna, bilal)}
    keyed, later = bilal.holder.key("team", name, [name], people)
    assert (await bilal.post(keyed)).status == 200
    assert len((await reserves(anna))[name]["reserve"]["copied"]) == 1
    body = {"team": name, "set": made.set, "sealed": copies(name, made.seed, later)}
    for client, status in ((chris, 404), (bilal, 200), (bilal, 200)):
        assert (await client.browser.post(f"{ROOT}reserve/copies", body)).status == status
    stands = (await reserves(anna))[name]
    assert stands["reserve"]["copied"] == stands["keys"]
    again = make(anna.holder, name, key, later)
    assert (await anna.post(again.statement)).status == 200
    assert (await bilal.browser.post(f"{ROOT}reserve/copies", body)).status == 404, "it was replaced"
    stray = body | {"set": again.set, "sealed": copies(name, again.seed, bytes(32))}
    assert (await bilal.browser.post(f"{ROOT}reserve/copies", stray)).status == 422


async def test_of_two_made_at_once_one_counts(clients, team, conn):
    anna, *_ = clients
    name, key = team
    two = [make(anna.holder, name, key) for _ in range(2)]
    answers = await asyncio.gather(*(anna.post(each.statement) for each in two))
    assert [each.status for each in answers] == [200, 200]
    rows = await (await conn.execute("select set, replaced_at is null from consult_reserve order by id")).fetchall()
    assert [counts for _, counts in rows] == [False, True]
    assert (await reserves(anna))[name]["reserve"]["set"] == rows[1][0]
    # Control: without the constraint two would count, and copies and drills would go to either.
    count = "select count(*) from consult_reserves_v1(%s)"
    both = "update consult_reserve set replaced_at = null"
    await conn.execute("alter table consult_reserve disable trigger user")
    with pytest.raises(psycopg.errors.UniqueViolation):
        await conn.execute(both)
    await conn.execute("drop index consult_reserve_once")
    await conn.execute(both)
    assert await (await conn.execute(count, (anna.holder.person,))).fetchone() == (2,)


async def test_drills_are_written_down_by_who_administers(clients, team):
    anna, bilal, chris, _ = clients
    name, key = team
    made = make(anna.holder, name, key)
    assert (await anna.post(made.statement)).status == 200
    body = {"team": name, "set": made.set, "passed": True, "parts": "13"}
    failed = body | {"passed": False, "parts": "2", "note": "Het blad is weg"}
    for client, said, status in (
        (bilal, body, 422),
        (chris, body, 404),
        (anna, body | {"set": "A" * 22}, 404),
        (anna, body | {"parts": "1"}, 400),
        (anna, body | {"parts": "31"}, 400),
        (anna, body | {"note": "en toch"}, 400),
        (anna, failed | {"note": " "}, 400),
        (anna, failed, 200),
        (anna, body, 200),
    ):
        assert (await client.browser.post(f"{ROOT}reserve/drill", said)).status == status, said
    drills = (await reserves(bilal))[name]["reserve"]["drills"]
    assert [(each["passed"], each["parts"], each["note"]) for each in drills] == [
        (True, "13", ""),
        (False, "2", "Het blad is weg"),
    ]
    assert (await log_of(bilal, name))[-2:] == ["reserve-drilled"] * 2


async def test_who_lost_everything_comes_back_by_the_reserve_alone(clients, team):
    """Anna and Bilal have no key left. With two parts Anna makes new ones, and the log says by what."""
    anna, bilal, *_ = clients
    name, key = team
    made = make(anna.holder, name, key)
    assert (await anna.post(made.statement)).status == 200
    other = make(bilal.holder, name, key)
    before = vars(anna.holder).copy()
    assert await anna.why(anna.holder.new_key(continued=False)) == "missing-signature"
    vars(anna.holder).update(before)
    wrong = anna.holder.new_key(reserve.sign_seed_of(other.seed), continued=False)
    assert await anna.why(wrong) == "unknown-signer"
    vars(anna.holder).update(before)
    mine = anna.holder.new_key(reserve.sign_seed_of(made.seed), continued=False)
    assert (await anna.post(mine, anna.holder.certify(new_id()))).status == 200
    assert "reserve-restored" in await log_of(anna, name)
    assert (await reserves(bilal))[name]["reserve"]["used"]
    people = {anna.holder.member: anna.holder.public}
    given, _ = anna.holder.key("team", name, [name], people, key=key)
    assert (await anna.post(given)).status == 200, "what the reserve gave back is sealed to the new key"
    # A reserve that was replaced vouches for nobody any more.
    people |= {bilal.holder.member: bilal.holder.public}
    keyed, new = anna.holder.key("team", name, [name], people)
    assert (await anna.post(keyed)).status == 200
    again = make(anna.holder, name, key, new)
    assert (await anna.post(again.statement)).status == 200
    late = bilal.holder.new_key(reserve.sign_seed_of(made.seed), continued=False)
    assert await bilal.why(late) == "unknown-signer"


async def test_nobody_outside_the_team_is_let_in_by_its_reserve(clients, team):
    anna, _, chris, _ = clients
    made = make(anna.holder, *team)
    assert (await anna.post(made.statement)).status == 200
    mine = chris.holder.new_key(reserve.sign_seed_of(made.seed), continued=False)
    assert await chris.why(mine) == "unknown-signer"


async def test_what_was_kept_stays_as_it_is(clients, team, conn):
    anna, *_ = clients
    name, key = team
    made = make(anna.holder, name, key)
    assert (await anna.post(made.statement)).status == 200
    drilled = {"team": name, "set": made.set, "passed": True, "parts": "12"}
    assert (await anna.browser.post(f"{ROOT}reserve/drill", drilled)).status == 200
    for table in ("consult_reserve_drill", "consult_reserve_copy", "consult_reserve_holder", "consult_reserve"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await conn.execute(f"delete from {table}")
    for change in (
        "update consult_reserve set sign = 'another'",
        "update consult_reserve_drill set passed = false, note = 'x'",
        "update consult_reserve_holder set name = 'another'",
        "update consult_reserve_copy set sealed = 'another'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await conn.execute(change)
    # Control: without the trigger the signing key that lets people in would be whatever somebody writes there.
    async with conn.transaction(force_rollback=True):
        await conn.execute("alter table consult_reserve disable trigger user")
        assert (await conn.execute("update consult_reserve set sign = 'another'")).rowcount == 1
