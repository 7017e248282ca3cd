import pytest

from balie.consult.tests.conftest import clients, conn, keyholders, strangers, ward
from balie.consult.tests.keyholders import named

__all__ = ["clients", "conn", "keyholders", "strangers", "ward"]


@pytest.fixture
async def team(clients):
    """Of Anna, who administers it, and Bilal; its name and its key."""
    anna, bilal, *_ = (each.holder for each in clients)
    act = anna.create("team", bilal.member)
    keyed, key = anna.key("team", named(act), [named(act)], {each.member: each.public for each in (anna, bilal)})
    assert (await clients[0].post(act, keyed)).status == 200
    return named(act), key
