"""Statements that meet: with each other, with messages, and with a reader. Each guard has a control that lacks it."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from psycopg.errors import UniqueViolation

from balie.consult import hot
from balie.consult.hot import StoreRequest
from balie.consult.intake import posts
from balie.consult.intake.groups import read_acts, read_members
from balie.consult.intake.posts import take_post
from balie.consult.protocol.group_keys import key_name
from balie.consult.protocol.membership import replay
from balie.consult.protocol.suite import public_of
from balie.consult.testing import new_id
from balie.consult.tests.keyholders import Keyholder, bodies, named
from balie.lib.problems import Problem
from balie.lib.sqlfiles import read_sql
from balie.ordering.tests.desk import value
from balie.patients.testing import make_patient
from balie.practices.models import Person
from balie.practices.testing import make_membership, make_person, make_practice
from balie.runtime.hot import connect
from tests.races.steps import until_blocked

LOCKS = (
    ("order by i.id for no key update) l", "order by i.id) l"),
    ("g.id = any (teams) order by g.id for no key update) l", "g.id = any (teams) order by g.id) l"),
    ("g.id = any (conversations) order by g.id for no key update) l", "g.id = any (conversations) order by g.id) l"),
)
PEOPLE, TEAMS, CONVERSATIONS = LOCKS
FEED = (
    """  update consult_feed f set last = f.last + cardinality(p_statements)
  returning f.last - cardinality(p_statements) into reached;""",
    "  reached := nextval('consult_loose') - 1;",
)


@pytest.fixture
def people(installation) -> list[Keyholder]:
    return [Keyholder(make_person(name).pk) for name in ("Anna", "Bilal", "Chris", "Dina")]


@pytest.fixture
def line(installation):
    @asynccontextmanager
    async def line():
        async with await connect(installation.dsn, name="test") as conn:
            await conn.execute("set lock_timeout = '30s'")  # a slow machine loses no race
            yield conn

    return line


@pytest.fixture
async def lines(line, people):
    """Two that race and one that watches; all people have a key and a device."""
    async with line() as one, line() as two, line() as watch:
        for each in people:
            await post(watch, each, each.new_key(), each.certify())
        yield one, two, watch


async def post(conn, who, *statements):
    return await take_post(conn, who.person, bodies(*statements))


async def outcome(racing) -> str:
    """Stored, or why not."""
    try:
        await racing
    except Problem as problem:
        return problem.extra["errors"][0]["code"]
    return "stored"


async def meet(lines, first, second) -> str:
    """`second` is asked while `first` is not committed; what it hears."""
    one, two, watch = lines
    async with one.transaction():
        await first(one)
        racing = asyncio.create_task(outcome(second(two)))
        blocked = asyncio.create_task(until_blocked(watch, two))
        await asyncio.wait({racing, blocked}, return_when=asyncio.FIRST_COMPLETED)
        blocked.cancel()
    return await racing


async def without(lines, *guards) -> None:
    """Control: the functions as they would be without these guards."""
    text = read_sql("consult", "statements_v1").split("-- What was signed stays as it was posted")[0]
    for guard, gap in guards:
        assert guard in text
        text = text.replace(guard, gap)
    await lines[2].execute("create sequence consult_loose start 1000")
    if FEED in guards:  # the key log is locked after the feed, and would hold back whoever numbers keys
        await lines[2].execute("alter table consult_statement disable trigger consult_key_log_numbered")
    await lines[2].execute(text.replace("create function", "create or replace function").encode())


async def talk(conn, *people):
    """A conversation of these with a key: both names."""
    first = people[0]
    act = first.create("conversation", *(each.member for each in people))
    keyed, key = first.key("conversation", named(act), [named(act)], {each.member: each.public for each in people})
    await post(conn, first, act, keyed)
    return named(act), key_name("conversation", named(act), key)


async def gather(conn, admin, *others):
    """A team with a key: its name, and the seed."""
    act = admin.create("team", *(each.member for each in others))
    to = {each.member: each.public for each in (admin, *others)}
    keyed, seed = admin.key("team", named(act), [named(act)], to)
    await post(conn, admin, act, keyed)
    return named(act), seed


def consult(who, team, seed):
    """A conversation of somebody and a team, as they would post it: its name, the key's, and the statements."""
    act = who.create("conversation", f"team:{team}")
    to = {who.member: who.public, f"team:{team}": public_of(seed)}
    keyed, key = who.key("conversation", named(act), [named(act)], to)
    return named(act), key_name("conversation", named(act), key), (act, keyed)


async def send(conn, who, conversation, key) -> str:
    request = StoreRequest(conversation, who.person, who.device, new_id(), key, "sealed")
    [answer] = await hot.store_batch(conn, [request])
    return answer.outcome


async def rows_and_acts(conn, group):
    """Who is in a group by its rows, and by its acts."""
    pk = await value(conn, "select id from consult_group where name = %s", group)
    acts = [each.act for each in await read_acts(conn, group)]
    return set(await read_members(conn, pk)), set(replay(group, acts).members)


async def add_while_removing(lines, people):
    """Bilal adds Chris while Anna removes Bilal; what Bilal hears, and whether rows and acts agree."""
    anna, bilal, chris, _ = people
    group, _ = await talk(lines[2], anna, bilal)
    removal = anna.remove(group, bilal.member, [group])
    addition = bilal.add(group, chris.member, [group])
    heard = await meet(lines, lambda conn: post(conn, anna, removal), lambda conn: post(conn, bilal, addition))
    rows, acts = await rows_and_acts(lines[2], group)
    return heard, rows == acts


async def test_who_is_removed_meanwhile_adds_nobody(lines, people):
    assert await add_while_removing(lines, people) == ("unknown-group", True)


async def test_control_without_locks_rows_say_something_else_than_acts(lines, people):
    await without(lines, *LOCKS)
    assert await add_while_removing(lines, people) == ("stored", False)


async def send_while_removing(lines, people):
    """Anna sends under the key that Bilal has while she removes Bilal on another device; what she hears."""
    anna, bilal, *_ = people
    group, key = await talk(lines[2], anna, bilal)
    removal = anna.remove(group, bilal.member, [group])
    one, two, watch = lines
    async with one.transaction():
        await post(one, anna, removal)
        sending = asyncio.create_task(send(two, anna, group, key))
        blocked = asyncio.create_task(until_blocked(watch, two))
        await asyncio.wait({sending, blocked}, return_when=asyncio.FIRST_COMPLETED)
        blocked.cancel()
    return await sending


async def test_after_a_removal_nothing_comes_under_the_key(lines, people):
    assert await send_while_removing(lines, people) == "key_retired"


async def test_control_without_locks_a_message_comes_under_a_key_that_somebody_outside_has(lines, people):
    await without(lines, *LOCKS, FEED)
    assert await send_while_removing(lines, people) == "stored"


async def rotate_twice(lines, people):
    """Two devices of Anna make a new generation at once; what the second hears, and how many there are."""
    anna = people[0]
    other = Keyholder(anna.person, anna.id, anna.device, anna.generation, anna.kem, anna.sign, anna.last)
    first, second = anna.new_key(), other.new_key()
    heard = await meet(lines, lambda conn: post(conn, anna, first), lambda conn: post(conn, other, second))
    count = "select count(*) from consult_statement where typ = 'balie-person-key+jws' and identity_id = %s"
    return heard, await value(lines[2], count, anna.id)


async def test_of_two_new_generations_one_is_the_next(lines, people):
    assert await rotate_twice(lines, people) == ("not-the-next", 2)


async def test_control_without_the_lock_of_the_person_their_keys_fork(lines, people):
    await without(lines, PEOPLE)
    assert await rotate_twice(lines, people) == ("stored", 3)


async def seal_while_rotating(lines, people):
    """Anna seals a new key to Bilal while Bilal gets another KEM key; what she hears, and which keys count."""
    anna, bilal, *_ = people
    group, _ = await talk(lines[2], anna, bilal)
    keyed, _ = anna.key("conversation", group, [group], {each.member: each.public for each in (anna, bilal)})
    rotated = bilal.new_key()
    heard = await meet(lines, lambda conn: post(conn, bilal, rotated), lambda conn: post(conn, anna, keyed))
    return heard, await value(lines[2], "select count(*) from consult_group_key where retired_at is null")


async def test_no_key_is_sealed_to_what_is_replaced_meanwhile(lines, people):
    assert await seal_while_rotating(lines, people) == ("to", 0)


async def test_control_without_locks_a_key_counts_that_was_sealed_to_an_old_one(lines, people):
    await without(lines, *LOCKS, FEED)
    assert await seal_while_rotating(lines, people) == ("stored", 1)


async def join_while_leaving(lines, people):
    """Anna begins a conversation with a team while Chris is removed from it; what she hears, and which keys count."""
    anna, bilal, chris, _ = people
    team, seed = await gather(lines[2], bilal, chris)
    _, _, began = consult(anna, team, seed)
    removal = bilal.remove(team, chris.member, [team])
    heard = await meet(lines, lambda conn: post(conn, bilal, removal), lambda conn: post(conn, anna, *began))
    return heard, await value(lines[2], "select count(*) from consult_group_key where retired_at is null")


async def test_no_conversation_begins_under_a_key_of_a_team_that_is_retired_meanwhile(lines, people):
    assert await join_while_leaving(lines, people) == ("to", 0)


async def test_control_without_the_lock_of_the_team_it_does(lines, people):
    await without(lines, *LOCKS, FEED)
    assert await join_while_leaving(lines, people) == ("stored", 1)


async def send_while_the_team_changes(lines, people):
    """Anna sends to a team while Chris is removed from it; what she hears."""
    anna, bilal, chris, _ = people
    team, seed = await gather(lines[2], bilal, chris)
    group, key, began = consult(anna, team, seed)
    await post(lines[2], anna, *began)
    one, two, watch = lines
    async with one.transaction():
        await post(one, bilal, bilal.remove(team, chris.member, [team]))
        sending = asyncio.create_task(send(two, anna, group, key))
        blocked = asyncio.create_task(until_blocked(watch, two))
        await asyncio.wait({sending, blocked}, return_when=asyncio.FIRST_COMPLETED)
        blocked.cancel()
    return await sending


async def test_who_leaves_a_team_reads_nothing_that_is_sent_to_it_afterwards(lines, people):
    assert await send_while_the_team_changes(lines, people) == "key_retired"


async def test_control_without_the_lock_of_its_conversations_they_do(lines, people):
    await without(lines, CONVERSATIONS, FEED)
    assert await send_while_the_team_changes(lines, people) == "stored"


async def same_act_twice(lines, people, ask):
    """Two devices of Anna post the same act; what both hear."""
    anna, bilal, *_ = people
    act = anna.create("conversation", bilal.member)
    one, two, watch = lines
    async with one.transaction():
        first = await post(one, anna, act)
        second = asyncio.create_task(ask(two, anna, act))
        await until_blocked(watch, two)
    return first, await second


async def test_the_same_act_from_two_devices_is_one_with_one_number(lines, people):
    first, second = await same_act_twice(lines, people, post)
    assert first == second
    await without(lines, *LOCKS)  # and if it slips through, its name stops it, and the second try finds it
    first, second = await same_act_twice(lines, people, post)
    assert first == second


async def test_control_without_the_second_try_it_breaks_on_its_name(lines, people, monkeypatch):
    await without(lines, *LOCKS)
    monkeypatch.setattr(posts, "UniqueViolation", ZeroDivisionError)
    with pytest.raises(UniqueViolation):
        await same_act_twice(lines, people, post)


@pytest.fixture
def by_groups(monkeypatch):
    """Let readers look in all they belong to: near its end the feed is bounded by a counter the control lacks."""
    monkeypatch.setattr(hot, "NEAR", -(10**6))


async def follow(lines, line, people):
    """Anna and Chris begin conversations with Bilal at once, and Bilal reads on while only the second is committed."""
    anna, bilal, chris, _ = people
    first, second = anna.create("conversation", bilal.member), chris.create("conversation", bilal.member)
    one, two, watch = lines
    after = await value(watch, "select last from consult_feed")
    seen = []
    async with line() as reader, one.transaction():
        await post(one, anna, first)
        racing = asyncio.create_task(post(two, chris, second))
        blocked = asyncio.create_task(until_blocked(watch, two))
        done, _ = await asyncio.wait({racing, blocked}, return_when=asyncio.FIRST_COMPLETED)
        blocked.cancel()
        if racing in done:
            seen = await read(reader, bilal, after)
    await racing
    seen += await read(watch, bilal, seen[-1].feed if seen else after)
    return {each.name for each in seen} == {named(first), named(second)}


async def read(conn, who, after):
    page = await hot.read_page(conn, who.person, after=after, most=100)
    return [each for each in await hot.read_events(conn, who.person, page.feeds) if each.group_name]


@pytest.mark.usefixtures("by_groups")
async def test_who_reads_on_misses_no_act(lines, line, people):
    assert await follow(lines, line, people)


@pytest.mark.usefixtures("by_groups")
async def test_control_without_the_lock_of_the_feed_one_is_never_read(lines, line, people):
    await without(lines, *LOCKS, FEED)
    assert not await follow(lines, line, people)


@pytest.fixture
def treated(people) -> None:
    """Anna's practice treats Bilal."""
    practice = make_practice()
    make_membership(Person.objects.get(pk=people[0].person), practice)
    make_patient(practice, Person.objects.get(pk=people[1].person))


END = "update patients_patient set ended_at = clock_timestamp() where person_id = %s"
PATIENT = ("i.person_id = new.person_id for no key update", "i.person_id = new.person_id")
THEIRS = ("order by g.id for no key update) l", "order by g.id) l")


async def ends(lines, *guards) -> None:
    """Control: what ends a treatment, as it would be without these guards."""
    text = (
        "create function consult_end_care_v1()"
        + read_sql("consult", "ended_care_v1")
        .split("create function consult_end_care_v1()")[1]
        .split("create trigger")[0]
    )
    for guard, gap in guards:
        assert guard in text
        text = text.replace(guard, gap)
    await lines[2].execute(text.replace("create function", "create or replace function").encode())


async def send_while_treatment_ends(lines, people):
    """Bilal sends while the practice ends his treatment; what he hears."""
    anna, bilal, *_ = people
    group, key = await talk(lines[2], anna, bilal)
    one, two, watch = lines
    async with one.transaction():
        await one.execute(END, (bilal.person,))
        sending = asyncio.create_task(send(two, bilal, group, key))
        blocked = asyncio.create_task(until_blocked(watch, two))
        await asyncio.wait({sending, blocked}, return_when=asyncio.FIRST_COMPLETED)
        blocked.cancel()
    return await sending


@pytest.mark.usefixtures("treated")
async def test_whose_treatment_ends_meanwhile_sends_nothing_more(lines, people):
    assert await send_while_treatment_ends(lines, people) == "not_found"


@pytest.mark.usefixtures("treated")
async def test_control_without_the_lock_of_the_conversation_a_message_comes_after_the_end(lines, people):
    await ends(lines, THEIRS)
    assert await send_while_treatment_ends(lines, people) == "stored"


async def let_in_while_treatment_ends(lines, people):
    """Anna begins a conversation with Bilal while his treatment ends; what she hears."""
    anna, bilal, *_ = people
    act = anna.create("conversation", bilal.member)

    async def end(conn):
        await conn.execute(END, (bilal.person,))

    return await meet(lines, end, lambda conn: post(conn, anna, act))


@pytest.mark.usefixtures("treated")
async def test_whose_treatment_ends_meanwhile_is_let_in_by_nobody(lines, people):
    assert await let_in_while_treatment_ends(lines, people) == "unknown-member"


@pytest.mark.usefixtures("treated")
async def test_control_without_the_lock_of_the_person_they_are(lines, people):
    await ends(lines, PATIENT)
    assert await let_in_while_treatment_ends(lines, people) == "stored"
