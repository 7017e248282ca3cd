"""What the server knows of a conversation besides its messages: for whom people work, and nothing for others."""

import pytest

from balie.consult.models import Identity
from balie.consult.testing import new_id, new_name
from balie.ordering.tests.web import Browser, off_loop
from balie.patients.testing import make_patient
from balie.practices.models import Person
from balie.practices.passes import make_pass
from balie.practices.testing import make_membership, make_practice


@pytest.fixture
async def practices(clients):
    """Anna works for De Linde, Bilal for De Linde and De Eik, and Chris is a patient of De Linde."""
    anna, bilal, chris, _ = clients

    def settle():
        linde, eik = make_practice("De Linde"), make_practice("De Eik")
        for each, practice in ((anna, linde), (bilal, linde), (bilal, eik)):
            make_membership(Person.objects.get(pk=each.holder.person), practice)
        make_patient(linde, Person.objects.get(pk=chris.holder.person))
        return linde, eik

    linde, eik = await off_loop(settle)
    for each in (anna, bilal):
        held = make_pass(person=each.holder.person, practice=linde.pk, role="gp", organiser=False)
        each.browser = Browser(each.browser.app, held)
    return linde, eik


async def extract(client, group):
    return await client.browser.get(f"/live/consult/extract?group={group}")


async def identity_of(client):
    found = await off_loop(lambda: Identity.objects.get(person=client.holder.person))
    return found.pk


async def test_people_and_teams_come_with_the_agb_code_of_their_practice(clients, practices):
    anna, bilal, chris, _ = clients
    linde, _ = practices
    team, _ = await anna.begin("team")
    named = {"team": team, "name": "Balieteam", "patients": True}
    assert (await anna.browser.post("/live/consult/team", named)).status == 200
    group, _ = await anna.begin("conversation", bilal.holder, chris.holder)
    found = (await extract(chris, group)).json
    people = {each["name"]: (each["practice"], each["patient"]) for each in found["people"]}
    assert people == {"Anna": (linde.agb_code, False), "Bilal": (None, False), "Chris": (None, True)}
    assert found["practices"] == [{"agb": linde.agb_code, "name": "De Linde"}]


async def test_a_consultatie_of_this_conversation_alone_and_to_who_works(clients, practices):
    anna, bilal, chris, _ = clients
    group, _ = await anna.begin("conversation", bilal.holder, chris.holder)
    other, _ = await anna.begin("conversation", bilal.holder)
    of = f"person:{await identity_of(bilal)}"
    ids = {}
    for conversation in (group, other):
        ids[conversation] = new_id()
        body = {"id": ids[conversation], "conversation": conversation, "of": of, "agreement": "consultation-3-days"}
        assert (await anna.browser.post("/live/consult/consultation", body)).status == 200
    for conversation in (group, other):
        found = (await extract(anna, conversation)).json["consultations"]
        assert [each["id"] for each in found] == [ids[conversation]]
    assert (await extract(chris, group)).json["consultations"] == []


async def test_absent_and_forbidden_look_alike(clients, practices):
    anna, bilal, _, dina = clients
    group, _ = await anna.begin("conversation", bilal.holder)
    refused = [await extract(dina, group), await extract(anna, new_name())]
    assert [(each.status, each.code) for each in refused] == [(404, "not_found")] * 2
