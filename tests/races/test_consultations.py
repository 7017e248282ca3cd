"""Two specialists pick up the same question: one has it, the other hears that they are too late. So does whoever
concludes or picks up what is withdrawn at that moment, and whoever withdraws what is being concluded.
"""

import asyncio

import pytest

from balie.consult.consultations import acts
from balie.consult.consultations.acts import ConcludeBody, PickUpBody, WithdrawBody, ask, conclude, pick_up, withdraw
from balie.consult.consultations.tests.clinic import Clinic
from balie.lib.problems import Problem
from balie.runtime.hot import connect
from tests.races.steps import until_blocked

GUARD = "(c.holder_id is null or not exists ("
NOBODY_LOOKS = "(true or not exists ("


@pytest.fixture
def clinic(installation) -> Clinic:
    return Clinic()


async def race(clinic, installation):
    """Bilal picks it up while Chris does; whether each was told that it is theirs, and how many the log says did."""
    lines = [await connect(installation.dsn, name=name) for name in ("one", "two", "watch")]
    one, two, watch = lines
    try:
        for each in lines:
            await each.execute("set lock_timeout = '30s'")
        body = clinic.body()
        await ask(watch, clinic.anna.held, body)
        async with one.transaction():
            await pick_up(one, clinic.bilal.held, PickUpBody(body.id))
            racing = asyncio.create_task(pick_up(two, clinic.chris.held, PickUpBody(body.id)))
            await until_blocked(watch, two)
        [refused] = await asyncio.gather(racing, return_exceptions=True)
        [holder] = await (await watch.execute("select holder_id from consult_consultation")).fetchone()
        count = "select count(*) from consult_log_entry where what = 'consult-picked-up'"
        [picked_up] = await (await watch.execute(count)).fetchone()
        return refused, holder, picked_up
    finally:
        for each in lines:
            await each.close()


async def test_exactly_one_picks_it_up(clinic, installation):
    refused, holder, picked_up = await race(clinic, installation)
    assert isinstance(refused, Problem)
    assert refused.code == "picked_up"
    assert (holder, picked_up) == (clinic.bilal.identity, 1)


async def test_control_without_the_guard_both_have_it(clinic, installation, monkeypatch):
    assert GUARD in acts.PICK_UP
    monkeypatch.setattr(acts, "PICK_UP", acts.PICK_UP.replace(GUARD, NOBODY_LOOKS))
    refused, holder, picked_up = await race(clinic, installation)
    assert refused is None
    assert (holder, picked_up) == (clinic.chris.identity, 2)


ENDED = "c.concluded_at is null and c.withdrawn_at is null and"
SO_WHAT = "true and"
FREE = "alter table consult_consultation drop constraint consult_consultation_ended_once"


def acts_on(clinic, body):
    """What each does: Anna withdraws, Bilal concludes, Chris picks up."""
    return {
        "withdraw": lambda line: withdraw(line, clinic.anna.held, WithdrawBody(body.id)),
        "conclude": lambda line: conclude(line, clinic.bilal.held, ConcludeBody(body.id)),
        "pick-up": lambda line: pick_up(line, clinic.bilal.held, PickUpBody(body.id)),
    }


async def end(clinic, installation, first, second):
    """One ends it while the other acts: what the second is told, and how it then stands."""
    lines = [await connect(installation.dsn, name=name) for name in ("one", "two", "watch")]
    one, two, watch = lines
    try:
        for each in lines:
            await each.execute("set lock_timeout = '30s'")
        body = clinic.body()
        await ask(watch, clinic.anna.held, body)
        if "conclude" in (first, second):
            await pick_up(watch, clinic.bilal.held, PickUpBody(body.id))
        act = acts_on(clinic, body)
        async with one.transaction():
            await act[first](one)
            racing = asyncio.create_task(act[second](two))
            await until_blocked(watch, two)
        [refused] = await asyncio.gather(racing, return_exceptions=True)
        stands = """
        select holder_id, concluded_at is not null, withdrawn_at is not null from consult_consultation
        """
        return refused, await (await watch.execute(stands)).fetchone()
    finally:
        for each in lines:
            await each.close()


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("withdraw", "conclude", "withdrawn"),
        ("conclude", "withdraw", "concluded"),
        ("withdraw", "pick-up", "withdrawn"),
    ],
)
async def test_it_ends_once(clinic, installation, first, second, code):
    refused, (_, concluded, withdrawn) = await end(clinic, installation, first, second)
    assert isinstance(refused, Problem)
    assert refused.code == code
    assert (concluded, withdrawn) == (code == "concluded", code == "withdrawn")


async def test_what_is_being_picked_up_can_be_withdrawn(clinic, installation):
    refused, (holder, *stands) = await end(clinic, installation, "pick-up", "withdraw")
    assert (refused, holder, stands) == (None, clinic.bilal.identity, [False, True])


@pytest.mark.parametrize("second", ["CONCLUDE", "PICK_UP"])
async def test_control_without_the_guards_it_goes_on_after_it_was_withdrawn(clinic, installation, monkeypatch, second):
    assert ENDED in getattr(acts, second)
    monkeypatch.setattr(acts, second, getattr(acts, second).replace(ENDED, SO_WHAT))
    with installation.connect() as line:
        line.execute(FREE)
    refused, (holder, concluded, withdrawn) = await end(
        clinic, installation, "withdraw", second.lower().replace("_", "-")
    )
    assert refused is None
    assert holder == clinic.bilal.identity
    assert withdrawn
    assert concluded == (second == "CONCLUDE")
