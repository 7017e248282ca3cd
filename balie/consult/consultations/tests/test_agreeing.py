"""What a team agreed with those who ask it: its administrators say it, who asks gets it, and may choose another."""

import json

import pytest

from balie.consult.consultations.tests.clinic import ROOT
from balie.consult.testing import new_name
from balie.consult.tests.conftest import clients, keyholders, strangers
from balie.consult.tests.test_teams import at_work
from balie.ordering.tests.web import Browser
from balie.practices.passes import make_pass

__all__ = ["clients", "keyholders", "strangers"]

HOURS = "consultation-48-hours"


@pytest.fixture
async def team(clients):
    """Anna administers it, and Bilal is in it. All are at work."""
    anna, bilal, *_ = clients
    for each in clients:
        each.browser = await at_work(each)
    name, _ = await anna.begin("team", bilal.holder)
    return name


async def agree(client, team, agreement=HOURS):
    return await client.browser.post(f"{ROOT}consultation/agree", {"team": team, "agreement": agreement})


async def of_teams(client):
    return (await client.get("consultations"))["of_teams"]


@pytest.fixture
async def named(clients, team):
    assert (await clients[0].browser.post(f"{ROOT}team", {"team": team, "name": "Cardiologie"})).status == 200
    return team


async def test_who_is_in_the_team_sees_what_was_agreed_and_others_do_not(clients, named):
    anna, bilal, chris, _ = clients
    assert (await agree(anna, named)).json["of_teams"] == {named: HOURS}
    assert await of_teams(bilal) == {named: HOURS}
    assert await of_teams(chris) == {}
    assert (await agree(anna, named, None)).json["of_teams"] == {}


async def test_who_writes_with_the_team_sees_it(clients, named):
    anna, bilal, chris, _ = clients
    await agree(anna, named)
    await chris.begin("conversation", bilal.holder)
    assert await of_teams(chris) == {}
    group, _ = await chris.begin("conversation", anna.holder)
    await chris.post(chris.holder.add(group, f"team:{named}", [group]))
    assert await of_teams(chris) == {named: HOURS}


async def test_it_stays_when_the_team_gets_another_name(clients, named):
    anna, *_ = clients
    await agree(anna, named)
    await anna.browser.post(f"{ROOT}team", {"team": named, "name": "Hartziekten"})
    assert await of_teams(anna) == {named: HOURS}


async def test_what_is_no_longer_offered_is_not_what_one_gets(clients, named, installation):
    anna, *_ = clients
    await agree(anna, named)
    with installation.connect() as line:
        line.execute("update consult_agreement set offered = false where code = %s", (HOURS,))
    assert await of_teams(anna) == {}


async def test_only_who_administers_a_team_that_has_a_name_agrees(clients, team):
    anna, bilal, chris, dina = clients
    refused = await agree(anna, team)
    assert (refused.status, refused.json["errors"]) == (422, [{"at": "team", "code": "nameless"}])
    refused = await agree(bilal, team)
    assert (refused.status, refused.json["errors"]) == (422, [{"at": "team", "code": "not-allowed"}])
    for each in (chris, dina):
        assert (await agree(each, team)).code == (await agree(each, new_name())).code == "not_found"


async def test_patients_agree_nothing(clients, team):
    anna, *_ = clients
    anna.browser = Browser(
        anna.browser.app, make_pass(person=anna.holder.person, practice=None, role="gp", organiser=False)
    )
    assert (await agree(anna, team)).code == "not_found"
    assert "of_teams" not in await anna.get("consultations")


async def test_what_was_never_offered_is_refused(clients, named):
    refused = await agree(clients[0], named, "1-minuut")
    assert (refused.status, refused.json["errors"]) == (400, [{"at": "agreement", "code": "unknown"}])


async def test_it_is_in_the_log_of_the_team(clients, named):
    await agree(clients[0], named)
    entry = (await clients[1].get(f"log?group={named}"))["entries"][-1]
    assert (entry["what"], entry["person"]) == ("agreed", clients[0].holder.id)
    assert json.loads(entry["detail"]) == {"agreement": HOURS}
