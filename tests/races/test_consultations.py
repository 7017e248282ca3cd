"""Two specialists pick up the same question: one has it, the other hears that they are too late."""

import asyncio

import pytest

from balie.consult.consultations import acts
from balie.consult.consultations.acts import PickUpBody, ask, pick_up
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
