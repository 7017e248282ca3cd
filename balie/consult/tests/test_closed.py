"""A practice closes its chat: its patients write nothing new there, everybody else goes on, and who waits is phoned."""

import asyncio

import pytest

from balie.consult.tests.clients import Client
from balie.ordering.tests.web import Browser, off_loop
from balie.patients.testing import make_patient
from balie.practices.models import Person
from balie.practices.passes import make_pass
from balie.practices.testing import make_membership, make_practice


@pytest.fixture
async def practice(clients) -> int:
    """Anna is a GP of De Linde and Bilal of De Eik; Chris is a patient of De Linde."""
    anna, bilal, chris, _ = clients

    def settle() -> list[int]:
        practices = [make_practice(f"Huisartsenpraktijk {name}") for name in ("De Linde", "De Eik")]
        for each, practice in zip((anna, bilal), practices, strict=True):
            make_membership(Person.objects.get(pk=each.holder.person), practice)
        make_patient(practices[0], Person.objects.get(pk=chris.holder.person))
        return [each.pk for each in practices]

    practices = await off_loop(settle)
    for each, practice in zip((anna, bilal), practices, strict=True):
        held = make_pass(person=each.holder.person, practice=practice, role="gp", organiser=False)
        each.browser = Browser(each.browser.app, held)
    return practices[0]


@pytest.fixture
def decide(installation, clients, practice):
    async def decide(hand: str | None) -> None:
        reason = "busy" if hand == "closed" else ""
        with installation.connect() as conn:
            conn.execute(
                "select practices_switch_by_hand_v1("
                "'conversations', %s, null, %s, null, %s, '', '', null, 'proef', 'voorbeeld.example')",
                (practice, hand, reason),
            )
        pictures = clients[0].browser.app.pictures
        async with asyncio.timeout(5):
            while pictures.functions.any_closed("conversations") is not (hand == "closed"):
                await pictures.read_anew()

    return decide


async def test_its_patients_write_nothing_new_and_all_others_go_on(clients, installation, practice, decide):
    anna, bilal, chris, _ = clients
    group, key = await anna.begin("conversation", chris.holder)
    among, shared = await anna.begin("conversation", bilal.holder)
    assert (await chris.send(group, key)).status == 200
    await decide("closed")
    refused = await chris.send(group, key)
    assert (refused.status, refused.code) == (409, "function_closed")
    assert refused.json["closed"]["reason"] == "busy"
    assert (await anna.send(group, key)).status == 200
    assert (await bilal.send(among, shared)).status == 200
    with installation.connect() as conn:
        calls = conn.execute("select practice_id, name, why from practices_call").fetchall()
    assert calls == [(practice, "Chris", "unread")]
    await decide(None)
    assert (await chris.send(group, key)).status == 200


async def test_an_open_stream_hears_of_it(clients, decide):
    chris: Client = clients[2]
    async with chris.browser.listen("/stream/consult") as stream:
        await decide("closed")
        await stream.next("functions")


async def test_what_was_read_is_nobody_to_phone(clients, installation, decide):
    anna, _, chris, _ = clients
    group, key = await anna.begin("conversation", chris.holder)
    assert (await chris.send(group, key)).status == 200
    read = {"conversation": group, "delivered": 1, "read": 1}
    assert (await anna.browser.post("/live/consult/read", {"reads": [read]})).status == 200
    await decide("closed")
    with installation.connect() as conn:
        assert conn.execute("select count(*) from practices_call").fetchone() == (0,)
