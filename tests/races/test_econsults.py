"""Two nurses pick up the same e-consult: one has it. Two patients come at once: the queue has an order. And what was
written while the last minute ran out comes after it.
"""

import asyncio

import pytest

from balie.consult import hot
from balie.consult.econsults import acts, sending
from balie.consult.econsults.acts import PickUpBody, pick_up
from balie.consult.econsults.sending import SendBody, send
from balie.consult.econsults.tests.post import Post
from balie.consult.hot import StoreRequest
from balie.consult.protocol.boxes import kid_of
from balie.consult.testing import new_id
from balie.lib.problems import Problem
from balie.practices.functions.picture import Functions
from balie.runtime.hot import connect
from tests.races.steps import store_without, until_blocked

GUARD = "(e.holder_id is null or not exists ("
NOBODY_LOOKS = "(true or not exists ("
FOR_TEAM = "   for no key update of n\n"
OVER = """
update consult_econsult
   set closed_at = clock_timestamp() - interval '5 minutes', holder_id = patient_id, picked_up_at = arrived_at
"""

CLOSE = """
select practices_switch_by_hand_v1(
  'conversations', %s, null, 'closed', null, 'busy', '', '', null, 'proef', 'voorbeeld.example')
"""
LAST_MINUTE = ("when not consult_accepts_v1(g.id, clock_timestamp()) then 'econsult_closed'", "")
CLOSED_BEFORE_LOCK = (
    (
        "  closings boolean;\nbegin",
        "  early bigint;\n  closings boolean;\nbegin\n  early := consult_closed_for_v1(p_persons[1], p_groups[1]);",
    ),
    ("select consult_closed_for_v1(u.person, u.group_name) as closed where closings", "select early as closed"),
)


@pytest.fixture
def post(installation) -> Post:
    return Post()


@pytest.fixture
def sent(post) -> SendBody:
    return SendBody(**post.econsult(post.nadia))


@pytest.fixture
async def lines(installation):
    """Three connections: of two who race, and of who watches."""
    lines = [await connect(installation.dsn, name=name) for name in ("one", "two", "watch")]
    for each in lines:
        await each.execute("set lock_timeout = '30s'")
    yield lines
    for each in lines:
        await each.close()


async def race_to_pick_up(post, lines, sent):
    one, two, watch = lines
    await send(watch, post.nadia.held, sent, Functions())
    async with one.transaction():
        await pick_up(one, post.emma.held, PickUpBody(sent.id))
        racing = asyncio.create_task(pick_up(two, post.bas.held, PickUpBody(sent.id)))
        await until_blocked(watch, two)
    [refused] = await asyncio.gather(racing, return_exceptions=True)
    [holder] = await (await watch.execute("select holder_id from consult_econsult")).fetchone()
    count = "select count(*) from consult_log_entry where what = 'econsult-picked-up'"
    [picked_up] = await (await watch.execute(count)).fetchone()
    return refused, holder, picked_up


async def test_exactly_one_picks_it_up(post, lines, sent):
    refused, holder, picked_up = await race_to_pick_up(post, lines, sent)
    assert isinstance(refused, Problem)
    assert refused.code == "picked_up"
    assert (holder, picked_up) == (post.emma.identity, 1)


async def test_control_without_the_guard_both_have_it(post, lines, sent, monkeypatch):
    assert GUARD in acts.PICK_UP
    monkeypatch.setattr(acts, "PICK_UP", acts.PICK_UP.replace(GUARD, NOBODY_LOOKS))
    refused, holder, picked_up = await race_to_pick_up(post, lines, sent)
    assert refused is None
    assert (holder, picked_up) == (post.bas.identity, 2)


@pytest.fixture
def other(post) -> SendBody:
    return SendBody(**post.econsult(post.piet))


async def race_to_the_queue(post, lines, sent, other):
    one, two, watch = lines
    async with one.transaction():
        await send(one, post.nadia.held, sent, Functions())
        racing = asyncio.create_task(send(two, post.piet.held, other, Functions()))
        await until_blocked(watch, two)
    [failed] = await asyncio.gather(racing, return_exceptions=True)
    rows = await (await watch.execute("select id from consult_econsult order by number")).fetchall()
    return failed, [row[0] for row in rows]


async def test_who_comes_at_once_comes_one_after_the_other(post, lines, sent, other):
    assert await race_to_the_queue(post, lines, sent, other) == (None, [sent.id, other.id])


async def test_control_without_the_lock_one_of_them_is_not_in_the_queue(post, lines, sent, other, monkeypatch):
    assert FOR_TEAM in sending.TEAM
    monkeypatch.setattr(sending, "TEAM", sending.TEAM.replace(FOR_TEAM, ""))
    failed, queue = await race_to_the_queue(post, lines, sent, other)
    assert isinstance(failed, Problem)
    assert queue == [sent.id]


async def race_to_write(post, lines, sent, happens):
    """A message of a patient waits for the conversation while something happens; what became of it."""
    one, two, watch = lines
    await send(watch, post.nadia.held, sent, Functions())
    said = (post.nadia.device, new_id(), kid_of(sent.envelope), sent.envelope)
    request = StoreRequest(sent.conversation, post.nadia.person, *said)
    async with one.transaction():
        await one.execute("select id from consult_group where name = %s for no key update", [sent.conversation])
        racing = asyncio.create_task(hot.store_batch(two, [request]))
        await until_blocked(watch, two)
        await one.execute(*happens)
    [answer] = await racing
    return answer


async def test_what_comes_after_the_last_minute_is_refused(post, lines, sent):
    assert (await race_to_write(post, lines, sent, [OVER])).outcome == "econsult_closed"


async def test_control_as_it_was_before_it_is_taken(post, lines, sent):
    await store_without(lines[2], LAST_MINUTE)
    assert (await race_to_write(post, lines, sent, [OVER])).outcome == "stored"


async def test_what_comes_after_the_practice_closed_is_refused(post, lines, sent):
    answer = await race_to_write(post, lines, sent, [CLOSE, [post.practice.pk]])
    [switch] = await (await lines[2].execute("select id from practices_switch where closed")).fetchone()
    assert (answer.outcome, answer.place, answer.closed) == ("function_closed", None, switch)


async def test_control_who_is_judged_before_the_lock_writes_after_the_closing(post, lines, sent):
    await store_without(lines[2], *CLOSED_BEFORE_LOCK)
    assert (await race_to_write(post, lines, sent, [CLOSE, [post.practice.pk]])).outcome == "stored"
