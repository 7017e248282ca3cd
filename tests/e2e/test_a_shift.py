"""One question on its way: a patient asks the post, its nurse hands it to the GP, who asks a specialist and answers."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.test_econsults import ask, let_patients_write
from tests.e2e.test_keys import make_keys
from tests.e2e.test_talking import SENT, message, open_talk, write
from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

QUESTION = "Is deze plek op mijn arm gevaarlijk?"
ADVICE = "Goedaardig. Controle alleen als de plek groeit."
ANSWER = "De huidarts keek mee: het is niet gevaarlijk. Let op of de plek groeit."


async def test_a_question_goes_from_patient_to_specialist_and_back(open_house, visit):
    """Four people in four browsers, each with a key of their own; the patient and the GP have a phone."""
    house = open_house()
    house.add_patient("Nadia Peters", practice=1)
    nurse, specialist = await visit(house, "anna"), await visit(house, "bilal")
    gp, patient = await visit(house, "emma", size=PHONE), await visit(house, "nadia", size=PHONE)
    for each in (gp, specialist):
        await each.log_in()
        await make_keys(each)
        await open_talk(each)
    await make_a_team(specialist, "Huidartsen")
    await let_patients_write(nurse, "Triage Noord", "Emma Visser")
    await log_in_as_patient(patient)
    await ask(patient, QUESTION)
    await patient.button("Stuur de vraag").click()
    await patient.sees("Uw plaats in de rij")
    await expect(message(patient, QUESTION)).to_contain_text(SENT)

    await nurse.page.goto(f"{house.url}/gesprekken/#e-consulten")
    await nurse.button("Pak de eerste op").click()
    await expect(message(nurse, QUESTION)).to_be_visible()
    await patient.sees(re.compile("Anna de Vries heeft uw vraag opgepakt"))
    await hand_to_gp(nurse, gp)
    await patient.sees(re.compile("Emma Visser heeft uw vraag opgepakt"))
    asked_at = gp.page.url
    await ask_specialist(gp, specialist)
    await gp.page.goto(asked_at)
    await answer(gp, patient)


async def make_a_team(specialist: Visitor, name: str) -> None:
    await specialist.page.goto(f"{specialist.house.url}/gesprekken/#teams")
    await specialist.page.get_by_label("Naam van het team").fill(name)
    await specialist.button("Maak het team").click()
    await specialist.sees(name)


async def log_in_as_patient(patient: Visitor) -> None:
    await patient.page.goto(patient.house.url)
    await patient.give_password()
    await patient.page.wait_for_url(lambda url: "/account/" not in url)
    await make_keys(patient)


async def hand_to_gp(nurse: Visitor, gp: Visitor) -> None:
    await nurse.button("Draag over").click()
    await nurse.page.get_by_role("dialog").get_by_label("Aan wie?").select_option("Emma Visser")
    await nurse.look()
    await nurse.page.get_by_role("dialog").get_by_role("button", name="Draag over", exact=True).click()
    await nurse.sees("opgepakt door Emma Visser")
    await gp.page.goto(f"{gp.house.url}/gesprekken/#e-consulten")
    await gp.look()
    await gp.page.get_by_role("link", name=re.compile("Nadia Peters")).first.click()
    await expect(message(gp, QUESTION)).to_be_visible()


async def ask_specialist(gp: Visitor, specialist: Visitor) -> None:
    """Of the team of another practice; nothing of the patient goes along by itself."""
    await open_talk(gp)
    await gp.button("Nieuw").click()
    await gp.page.get_by_label("Zoek op naam").and_(gp.page.locator(":visible")).fill("huid")
    await gp.page.get_by_role("checkbox", name=re.compile("^Huidartsen")).check()
    await gp.button("Begin het gesprek").click()
    await gp.button("Vraag een consultatie").click()
    await gp.page.get_by_label("Uw vraag").fill("Is deze plek verdacht?")
    await gp.page.get_by_label("Klachten en beloop").fill("Sinds een maand, groeit niet.")
    await gp.look()
    await gp.button("Stuur de vraag").click()
    await specialist.page.goto(f"{specialist.house.url}/gesprekken/#consultaties")
    await specialist.page.get_by_role("list", name="Op te pakken").get_by_role("link").click()
    await specialist.button("Pak op").click()
    await specialist.sees("opgepakt door U")
    await expect(message(specialist, "Is deze plek verdacht?")).to_contain_text("Klachten en beloop")
    await specialist.button("Rond af").click()
    await specialist.page.get_by_label("Conclusie en advies").fill(ADVICE)
    await specialist.button("Rond de consultatie af").click()
    await specialist.sees("afgerond door U")
    await specialist.look()
    await expect(message(gp, ADVICE)).to_be_visible()


async def answer(gp: Visitor, patient: Visitor) -> None:
    """She may write five minutes more."""
    await gp.button("Sluit af").click()
    await gp.page.locator("#econsult-samenvatting").fill(ANSWER)
    await gp.look()
    await gp.page.locator("[data-econsult-dialog=close] button[type=submit]").click()
    await expect(message(patient, ANSWER)).to_be_visible()
    await patient.sees(re.compile("Schrijven kan nog tot"))
    await patient.look()
    await write(patient, "Dank u wel!")
    await expect(message(gp, "Dank u wel!")).to_be_visible()
