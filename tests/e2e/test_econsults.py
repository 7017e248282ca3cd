"""A post closes while a patient waits there, and another takes over: she goes on in its queue, and is answered."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.e2e.taking_out import taken_out
from tests.e2e.test_keys import make_keys
from tests.e2e.test_talking import SENT, message, open_talk, write
from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

TOLD_WITHIN_MS = 5000
# How far the lightest and the darkest of some pixels are apart, from this part of the picture on.
SPREAD = """(canvas, [left, top]) => {
  const size = Math.max(4, Math.round(canvas.width / 20));
  const pen = canvas.getContext("2d");
  const { data } = pen.getImageData(canvas.width * left, canvas.height * top, size, size);
  const greys = [...data].filter((_, at) => at % 4 === 0);
  return Math.max(...greys) - Math.min(...greys);
}"""
DUTCH = {
    "question": "verzwikte enkel",
    "add": "Voeg een foto toe",
    "frame": "Vlak dat onleesbaar wordt",
    "one": "Eén vlak is onleesbaar.",
    "undo": "Maak het laatste ongedaan",
    "none": "Alles is weer te zien.",
    "use": "Gebruik deze foto",
}
ENGLISH = {
    "question": "sprained ankle",
    "add": "Add a photo",
    "frame": "Area that becomes unreadable",
    "one": "One area is unreadable.",
    "undo": "Undo the last",
    "none": "Everything can be seen again.",
    "use": "Use this photo",
}
BSN = "999990019"
CALM = ("Nee, niets hiervan", "Matig: gewone dingen lukken met moeite", "Nee", "Nee, het blijft gelijk of wordt minder")


async def let_patients_write(visitor: Visitor, team: str, *colleagues: str) -> None:
    """To a team of their own, with these colleagues in it."""
    await visitor.log_in()
    await make_keys(visitor)
    await visitor.page.goto(f"{visitor.house.url}/gesprekken/#teams")
    await visitor.page.get_by_label("Naam van het team").fill(team)
    for name in colleagues:
        await visitor.page.get_by_role("checkbox", name=name).check()
    await visitor.button("Maak het team").click()
    await visitor.page.get_by_role("button", name=re.compile("Wie zitten erin")).click()
    await visitor.button("Laat patiënten aan dit team schrijven").click()
    await visitor.sees("kunnen zelf een gesprek met dit team beginnen")
    await visitor.button("Sluit").click()


async def ask(nadia: Visitor, question: str) -> None:
    await nadia.page.goto(f"{nadia.house.url}/gesprekken/#econsult")
    for choice in CALM:
        await nadia.page.get_by_role("radio", name=choice, exact=True).check()
    await nadia.button("Ga verder").click()
    await nadia.sees("Uw vraag kan op een bericht wachten")
    await nadia.page.get_by_label("Wat is uw vraag?").fill(question)


def stripes() -> bytes:
    """A photo in which every line can be told from the next."""
    made = BytesIO()
    image = Image.new("L", (600, 800), 255)
    for x in range(0, 600, 4):
        image.paste(0, (x, 0, x + 2, 800))
    image.convert("RGB").save(made, "PNG")
    return made.getvalue()


async def add_photo(nadia: Visitor, words: dict[str, str]) -> None:
    """She hides a part with her finger, thinks better of it, and hides another with the keyboard."""
    async with nadia.page.expect_file_chooser() as chooser:
        await nadia.button(words["add"]).click()
    await (await chooser.value).set_files({"name": "arm.png", "mimeType": "image/png", "buffer": stripes()})
    frame = nadia.page.get_by_role("button", name=words["frame"])
    await expect(frame).to_be_focused()
    await nadia.look()
    box = await nadia.page.locator("[data-photo-stage] canvas").bounding_box()
    assert box
    await nadia.page.mouse.move(box["x"] + 5, box["y"] + 5)
    await nadia.page.mouse.down()
    await nadia.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    await nadia.page.mouse.up()
    await nadia.sees(words["one"])
    await nadia.look()
    await nadia.button(words["undo"]).click()
    await nadia.sees(words["none"])
    await frame.focus()
    for key in ("ArrowDown", "Shift+ArrowRight", "Enter"):
        await nadia.page.keyboard.press(key)
    await nadia.sees(words["one"])
    await nadia.button(words["use"]).click()
    await expect(nadia.page.get_by_role("listitem").filter(has_text="arm.png")).to_be_visible()
    await expect(nadia.button(words["add"])).to_be_focused()
    await nadia.look()


async def sees_the_photo(nurse: Visitor, words: dict[str, str]) -> None:
    """Where she hid it nothing can be told; elsewhere everything."""
    asked = message(nurse, words["question"])
    await asked.get_by_role("button", name=re.compile("arm.png")).scroll_into_view_if_needed()
    photo = asked.locator("canvas")
    await expect(photo).to_be_visible()
    hidden, rest = [await photo.evaluate(SPREAD, [left, top]) for left, top in ((0.15, 0.25), (0.9, 0.9))]
    assert hidden < 60, "stripes can be seen where they were hidden"
    assert rest > 200, "what was not hidden cannot be seen"


async def choose_who_takes_over(anna: Visitor, bilal: Visitor) -> None:
    """Anna asks the practice of Bilal, which agrees."""
    code = bilal.house.let_decide(bilal.who.email, practice=2)
    await bilal.page.goto(f"{bilal.house.url}/gesprekken/e-consulten/")
    await anna.page.goto(f"{anna.house.url}/gesprekken/#e-consulten")
    await anna.page.get_by_role("link", name="Instellen").click()
    await anna.look()
    await anna.page.get_by_label("AGB-code van de post die overneemt").fill("12345678")
    anna.eyes.expect("422 POST /gesprekken/e-consulten/")
    await anna.button("Bewaar").first.click()
    await anna.sees("Deze AGB-code kennen wij niet")
    await anna.look()
    await anna.page.get_by_label("AGB-code van de post die overneemt").fill(code)
    await anna.button("Bewaar").first.click()
    await anna.sees("moet nog akkoord geven")
    await bilal.page.reload()
    await bilal.sees("vraagt of u overneemt")
    await bilal.look()
    await bilal.page.get_by_role("button", name=re.compile("Akkoord")).click()
    await bilal.sees("U neemt nu over van")
    await bilal.page.get_by_label("Adres van uw videodienst").fill("https://beeld.example/{kamer}")
    await bilal.button("Bewaar").last.click()
    await bilal.sees("Bewaard.")
    await bilal.look()


async def test_who_waits_when_a_post_closes_goes_on_at_another(open_house, visit):
    house = open_house()
    house.add_patient("Nadia Peters", practice=1)
    anna, bilal = await visit(house, "anna"), await visit(house, "bilal")
    nadia = await visit(house, "nadia", size=PHONE)
    await let_patients_write(anna, "Triage Noord")
    await let_patients_write(bilal, "Triage Oost")
    await choose_who_takes_over(anna, bilal)
    await nadia.page.goto(house.url)
    await nadia.give_password()
    await nadia.page.wait_for_url(lambda url: "/account/" not in url)
    await make_keys(nadia)
    await ask(nadia, "Mag ik sporten met een verzwikte enkel?")
    await nadia.sees("dan gaat uw vraag vanzelf naar")
    await add_photo(nadia, DUTCH)
    await nadia.button("Stuur de vraag").click()
    await nadia.sees("Uw plaats in de rij")
    await expect(message(nadia, "verzwikte enkel")).to_contain_text(SENT)
    waits = nadia.page.url
    house.let_econsults(practice=1, be="closed")
    await expect(
        nadia.page.get_by_text("Uw vraag gaat naar").or_(nadia.page.locator("[data-econsult] .balie-ticket"))
    ).to_be_visible(timeout=TOLD_WITHIN_MS)
    await nadia.page.wait_for_url(lambda url: "#" in url and url != waits)
    await nadia.sees("Uw plaats in de rij")
    await nadia.look()
    await open_talk(anna)
    await anna.page.goto(f"{house.url}/gesprekken/#e-consulten")
    await anna.sees("Er wacht niemand.")
    await expect(anna.button("Pak de eerste op")).to_be_disabled()
    await bilal.page.goto(f"{house.url}/gesprekken/#e-consulten")
    await bilal.sees("Het geluid staat uit.")
    await bilal.button("Geluid bij een nieuwe vraag").click()
    await bilal.sees("Het geluid staat aan.")
    await bilal.page.reload()
    await expect(bilal.button("Geluid bij een nieuwe vraag")).to_have_attribute("aria-pressed", "true")
    await expect(bilal.page.get_by_role("list", name="In de rij")).to_contain_text("Urgentie U4")
    await bilal.look()
    await bilal.button("Pak de eerste op").click()
    await expect(message(bilal, "verzwikte enkel")).to_contain_text("Matig: gewone dingen lukken met moeite")
    await sees_the_photo(bilal, DUTCH)
    await bilal.look()
    await write(bilal, "Liever twee weken rust.")
    await expect(message(nadia, "twee weken rust")).to_be_visible()
    await bilal.button("Stuur link voor videobellen").click()
    await expect(nadia.page.get_by_role("link", name=re.compile(r"beeld\.example.[A-Za-z0-9_-]{22}$"))).to_be_visible()
    await nadia.page.goto(waits)
    await nadia.sees("Uw vraag staat nu bij een andere post.")
    await expect(nadia.page.get_by_label("Uw bericht")).to_be_hidden()
    await nadia.look()
    await nadia.page.get_by_role("link", name="Ga daarheen").click()
    await expect(message(nadia, "twee weken rust")).to_be_visible()


async def test_a_patient_and_a_nurse_who_read_english(open_house, visit):
    """She sits at a desk; the nurse has a phone. The practice writes its own questionnaire first."""
    house = open_house()
    house.add_patient("Nadia Peters", practice=1, bsn=BSN)
    anna, nadia = await visit(house, "anna", size=PHONE), await visit(house, "nadia")
    await let_patients_write(anna, "Triage")
    await read_english(anna)
    await publish_a_questionnaire(anna)
    await nadia.page.goto(house.url)
    await nadia.give_password()
    await nadia.page.wait_for_url(lambda url: "/account/" not in url)
    await make_keys(nadia)
    await read_english(nadia)
    await nadia.page.goto(f"{house.url}/gesprekken/#econsult")
    for choice in ("No, none of this", "Moderate: ordinary things are hard to do", "No"):
        await nadia.page.get_by_role("radio", name=choice, exact=True).check()
    await nadia.page.get_by_role("radio", name="No, it stays the same or gets better").check()
    await nadia.page.locator("[data-intake-questions] button[type=submit]").click()
    await nadia.sees("Your question can wait for a message")
    await nadia.page.get_by_label("What is your question?").fill("May I do sports with a sprained ankle?")
    await add_photo(nadia, ENGLISH)
    await nadia.page.locator("[data-intake-story] button[type=submit]").click()
    await nadia.sees("Your place in the queue")
    await nadia.look()
    await anna.page.goto(f"{house.url}/gesprekken/#e-consulten")
    await anna.button("Pick up the first").click()
    await sees_the_photo(anna, ENGLISH)
    await anna.look()
    await nadia.sees("Anna de Vries has picked up your question and answers here.")
    await anna.button("Close").first.click()
    await anna.page.locator("#econsult-samenvatting").fill("Two weeks of rest.")
    await anna.look()
    await anna.page.locator("[data-econsult-dialog=close] button[type=submit]").click()
    await expect(message(nadia, "Two weeks of rest.")).to_be_visible()
    await nadia.look()
    await take_it_out(anna, nadia)


async def take_it_out(anna: Visitor, nadia: Visitor) -> None:
    """For another system, with her BSN where the practice says why; and what was done with one's keys."""
    for each in (anna, nadia):
        await each.page.locator("summary", has_text="Keep this conversation").click()
    await anna.page.get_by_label("Must the patient’s BSN go with it?").fill("Transfer to another practice")
    taken = await taken_out(anna, "[data-export]")
    await anna.sees("These words open it.")
    await anna.look()
    [request], [task], [patient] = (taken.found[kind] for kind in ("ServiceRequest", "Task", "Patient"))
    assert (request.code.coding[0].code, request.priority, request.status) == ("econsult", "routine", "completed")
    assert (task.status, task.owner.display) == ("completed", "Anna de Vries")
    assert (patient.identifier[0].value, patient.name[0].text) == (BSN, "Nadia Peters")
    assert request.subject.reference == f"Patient/{patient.id}"
    assert f"Nadia Peters · BSN {BSN}" in taken.page
    await expect(nadia.page.get_by_label("Must the patient’s BSN go with it?")).to_be_hidden()
    own = await taken_out(nadia, "[data-export]")
    assert [each.status for each in own.found["Task"]] == ["completed"]
    assert BSN not in str(own.files)
    await anna.page.goto(f"{anna.house.url}/gesprekken/sleutel/")
    await anna.page.locator("summary", has_text="What happened to your key").click()
    log = await taken_out(anna, "[data-own-log-export]")
    await anna.look()
    assert "person-key" in [each.subtype[0].code for each in log.found["AuditEvent"]]
    assert log.found["AuditEvent"][-1].type.code == "extract"


async def read_english(visitor: Visitor) -> None:
    """As chosen elsewhere: this browser hears it with its next page."""
    visitor.house.let_read_english(visitor.who.name.split()[0].lower())
    await visitor.page.goto(f"{visitor.house.url}/gesprekken/sleutel/")


async def publish_a_questionnaire(anna: Visitor) -> None:
    """That of Balie, as her own; a mistake is named first."""
    await anna.page.goto(f"{anna.house.url}/gesprekken/e-consulten/vragenlijst/")
    field = anna.page.get_by_label("Questionnaire (JSON)")
    body = await field.input_value()
    await field.fill(body.replace('"otherwise": "U5"', '"otherwise": "U9"'))
    anna.eyes.expect("422 POST /gesprekken/e-consulten/vragenlijst/")
    await anna.button("Look and try").click()
    await anna.sees("The form is wrong here: otherwise")
    await anna.look()
    await anna.page.get_by_label("Questionnaire (JSON)").fill(body)
    await anna.button("Look and try").click()
    await anna.page.get_by_role("radio", name="Not responding", exact=False).check()
    for choice in ("A little", "No", "Yes, slowly"):
        await anna.page.get_by_role("radio", name=choice, exact=True).check()
    await anna.button("Try these answers").click()
    await anna.sees("the patient phones 112")
    await anna.look()
    await anna.button("Publish").click()
    await anna.sees("Version 1 is published.")
    await anna.look()
