"""A post closes: what waits there goes on elsewhere or is picked up, and never both. And whoever takes the first in the
queue takes the first there is, whatever comes at that moment.
"""

import asyncio

import pytest

from balie.consult.econsults import acts, sending
from balie.consult.econsults.acts import PickUpBody, pick_up
from balie.consult.econsults.sending import SendBody, send
from balie.consult.econsults.tests.post import Post
from balie.lib.problems import Problem
from balie.practices.functions.picture import Functions
from balie.runtime.hot import connect
from tests.races.steps import until_blocked

STILL_WAITS = "consult_econsult_waits_v1(e)\n   and exists (select from consult_post_moves_to_v1"
WHATEVER = "true\n   and exists (select from consult_post_moves_to_v1"
NOT_GONE = " and e.moved_at is null"
CLOSE = """
select practices_switch_by_hand_v1(
  'econsult', %s, null, 'closed', null, 'hours', '', '', null, 'proef', 'voorbeeld.example')
"""
HELD = "alter table consult_econsult drop constraint consult_econsult_moved_from_queue"


@pytest.fixture
def post(installation) -> Post:
    return Post()


@pytest.fixture
def sent(post) -> SendBody:
    return SendBody(**post.econsult(post.nadia))


@pytest.fixture
def again(post, sent) -> SendBody:
    """The same at the post that takes over."""
    return SendBody(**post.econsult(post.nadia, team=post.let_olga_take_over(), instead=sent.id))


@pytest.fixture
async def lines(installation):
    """Three connections: of two who race, and of who watches."""
    lines = [await connect(installation.dsn, name=name) for name in ("one", "two", "watch")]
    for each in lines:
        await each.execute("set lock_timeout = '30s'")
    yield lines
    for each in lines:
        await each.close()


@pytest.fixture
async def closed(post, lines, sent, again):
    """Nadia waits, and her post closed."""
    await send(lines[2], post.nadia.held, sent, Functions())
    await lines[2].execute(CLOSE, [post.practice.pk])


async def both(watch):
    """Of each e-consult whether somebody has it, and whether it went on elsewhere."""
    rows = "select holder_id is not null, moved_at is not null from consult_econsult order by instead_of_id nulls first"
    return await (await watch.execute(rows)).fetchall()


async def race_after_pick_up(post, lines, sent, again):
    one, two, watch = lines
    async with one.transaction():
        await pick_up(one, post.emma.held, PickUpBody(sent.id))
        racing = asyncio.create_task(send(two, post.nadia.held, again, Functions()))
        await until_blocked(watch, two)
    [failed] = await asyncio.gather(racing, return_exceptions=True)
    return failed, await both(watch)


async def race_after_move(post, lines, sent, again):
    one, two, watch = lines
    async with one.transaction():
        await send(one, post.nadia.held, again, Functions())
        racing = asyncio.create_task(pick_up(two, post.emma.held, PickUpBody(sent.id)))
        await until_blocked(watch, two)
    [failed] = await asyncio.gather(racing, return_exceptions=True)
    return failed, await both(watch)


@pytest.mark.usefixtures("closed")
async def test_what_is_picked_up_does_not_go_on_elsewhere(post, lines, sent, again):
    failed, rows = await race_after_pick_up(post, lines, sent, again)
    assert isinstance(failed, Problem)
    assert (failed.code, rows) == ("picked_up", [(True, False)])


@pytest.mark.usefixtures("closed")
async def test_control_without_the_guard_it_does_both(post, lines, sent, again, monkeypatch):
    assert STILL_WAITS in sending.MOVE
    monkeypatch.setattr(sending, "MOVE", sending.MOVE.replace(STILL_WAITS, WHATEVER))
    await lines[2].execute(HELD)
    assert await race_after_pick_up(post, lines, sent, again) == (None, [(True, True), (False, False)])


@pytest.mark.usefixtures("closed")
async def test_what_went_on_elsewhere_is_not_picked_up(post, lines, sent, again):
    failed, rows = await race_after_move(post, lines, sent, again)
    assert isinstance(failed, Problem)
    assert (failed.code, rows) == ("moved", [(False, True), (False, False)])


@pytest.mark.usefixtures("closed")
async def test_control_without_that_guard_it_is_answered_twice(post, lines, sent, again, monkeypatch):
    assert NOT_GONE in acts.PICK_UP
    monkeypatch.setattr(acts, "PICK_UP", acts.PICK_UP.replace(NOT_GONE, ""))
    await lines[2].execute(HELD)
    assert await race_after_move(post, lines, sent, again) == (None, [(True, True), (False, False)])


async def race_to_be_first(post, lines, sent, urgent):
    """Somebody with more haste comes while a nurse takes the first in the queue."""
    one, two, watch = lines
    await send(watch, post.nadia.held, sent, Functions())
    async with one.transaction():
        await send(one, post.piet.held, urgent, Functions())
        racing = asyncio.create_task(pick_up(two, post.emma.held, PickUpBody(sent.id, first=True)))
        await until_blocked(watch, two)
    [failed] = await asyncio.gather(racing, return_exceptions=True)
    return failed


@pytest.fixture
def urgent(post) -> SendBody:
    return SendBody(**post.econsult(post.piet, "U3"))


async def test_who_has_more_haste_is_first(post, lines, sent, urgent):
    failed = await race_to_be_first(post, lines, sent, urgent)
    assert isinstance(failed, Problem)
    assert failed.code == "not_first"


async def test_control_without_looking_the_other_is_taken(post, lines, sent, urgent, monkeypatch):
    monkeypatch.setattr(acts, "IS_FIRST", "select true from consult_econsult e where e.id = %s")
    assert await race_to_be_first(post, lines, sent, urgent) is None
