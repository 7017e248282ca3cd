"""Key servers by each of their routes, and a canary that unlocks, writes and reads."""

import pytest

from balie.ops.card import read_keys
from balie.ops.enrolling import enrol_keys
from balie.ops.lacking import NotSetUpError
from balie.ops.probes import Unwell
from balie.ops.probes.consult import Canary, Share


@pytest.fixture
async def singing(key_servers, town):
    """A town with key servers, whose canary is enrolled."""
    town.routes = key_servers
    assert await enrol_keys(town.card) == []
    return town


async def test_the_canary_unlocks_writes_and_reads(singing):
    canary = Canary(say_every_s=3600)
    said = await canary.look()
    assert "unlocked by" in said
    assert "wrote a message and read it" in said
    assert "read what is new" in await canary.look()


async def test_enrolling_again_changes_nothing(singing):
    before = read_keys().public
    assert await enrol_keys(singing.card) == []
    assert read_keys().public == before


async def test_a_dead_proxy_is_seen_by_its_route_and_not_by_the_other(singing, settings):
    """19 August 2023: the server was well all along."""
    singing.routes["north", 1].broken = True
    with pytest.raises(Unwell, match=r"key server north by .*: status 502"):
        await Share(server=1).look()
    bypass = settings.KEY_SERVERS[0].routes[1]
    assert f"north by {bypass}" in await Share(server=1, by=bypass).look()
    assert "unlocked by" in await Canary().look()  # people have another way, and notice nothing


async def test_two_dead_servers_are_one_too_many(singing):
    for name in ("north", "east"):
        for number in (1, 2):
            singing.routes[name, number].broken = True
    with pytest.raises(Unwell, match="unlocking: fewer than two key servers helped"):
        await Canary().look()
    assert "south" in await Share(server=3).look()


async def test_a_key_server_that_lost_its_share_is_unwell_although_it_answers(singing):
    app = singing.routes["north", 1].app
    singing.routes["north", 1].app = singing.routes["east", 1].app  # control: a healthy server, the wrong one
    with pytest.raises(Unwell, match="key server north"):
        await Share(server=1).look()
    singing.routes["north", 1].app = app
    assert await Share(server=1).look()


async def test_the_application_away_is_no_fault_of_key_servers(singing):
    singing.front.broken = True
    assert await Share(server=1).look()
    with pytest.raises(Unwell, match="asking the application for tokens"):
        await Canary(within_s=0.5).look()


async def test_what_was_never_made_or_named_says_nothing_of_key_servers(key_servers, town):
    with pytest.raises(NotSetUpError, match="run `balie watch enrol`"):
        await Canary().look()
    assert await enrol_keys(town.card) == []
    with pytest.raises(NotSetUpError, match="names no key server 4"):
        await Share(server=4).look()
