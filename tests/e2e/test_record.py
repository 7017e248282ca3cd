"""A GP sees what is past its term, holds one of these for a complaint, and lifts that again; nobody else may."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.async_api import expect

from balie.consult.models import Group, Message
from balie.consult.testing import make_device, make_group, make_identity, new_id
from balie.patients.testing import make_patient
from balie.practices.models import Membership, Person
from balie.practices.testing import make_person
from tests.e2e.night import by_database
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@by_database
def old_conversation(email: str) -> None:
    """With a patient of this person's practice; the last was said 21 years ago."""
    person = Person.objects.get(email=email)
    patient = make_patient(Membership.objects.get(person=person).practice, make_person("Nadia Peters"))
    one, other = make_identity(person), make_identity(patient.person)
    group = make_group(Group.Kind.CONVERSATION, one, other)
    Group.objects.filter(pk=group.pk).update(last=1)
    said = {"id": new_id(), "device": make_device(one), "envelope": "x", "place": 1}
    Message.objects.create(feed=1, group=group, received_at=timezone.now() - timedelta(days=7700), **said)


async def look(anna: Visitor) -> None:
    await anna.look()
    await anna.page.set_viewport_size(PHONE)
    await anna.look()
    await anna.page.set_viewport_size(WIDE)


async def test_a_gp_holds_what_is_past_its_term(open_house, visit):
    house = open_house(talking=True)
    anna = await visit(house, "anna")
    await anna.log_in()
    old_conversation(anna.who.email)
    await anna.page.goto(f"{house.url}/gesprekken/bewaren/")
    due, held = (anna.page.get_by_role("region", name=each) for each in ("Termijn voorbij", "Vastgehouden"))
    await expect(due.get_by_role("heading", name="Gesprek · Nadia Peters")).to_be_visible()
    await due.locator("summary", has_text="Houd vast").click()
    await due.get_by_label("Reden").and_(anna.page.locator(":visible")).fill("Klacht van de familie")
    await look(anna)
    await anna.button("Houd dit gesprek vast").click()
    await anna.sees("Het gesprek blijft bewaard")
    await expect(due).to_contain_text("Van geen gesprek is de termijn voorbij")
    await expect(held).to_contain_text("Klacht van de familie")
    await look(anna)
    await held.locator("summary", has_text="Niet langer vasthouden").click()
    await held.get_by_label("Reden").fill("De klacht is afgehandeld")
    await anna.button("Beëindig het vasthouden").click()
    await anna.sees("De gewone termijn geldt weer")
    await expect(due).to_contain_text("Nadia Peters")
    await anna.page.get_by_label("Naam van de patiënt, of nummer van het gesprek").fill("peters")
    await anna.button("Zoek").click()
    await expect(anna.page.get_by_role("heading", name="Gesprek · Nadia Peters")).to_have_count(2)
    await look(anna)
