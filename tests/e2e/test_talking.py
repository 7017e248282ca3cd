"""Two colleagues talk: what one writes the other reads, whatever happens in between."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Locator, Request, expect

from tests.e2e.device import give_a_device
from tests.e2e.taking_out import kept_as_file, taken_out
from tests.e2e.test_keys import add_passkey, make_keys, on_a_fresh_device
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SENT = re.compile("Verstuurd|Aangekomen|Gelezen")
# What the browser keeps of drafts and of what still has to be sent, as it lies there.
ALL = """async () => {
  const asked = indexedDB.open("balie-talk");
  const database = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  const all = (name) => new Promise((resolve) => {
    const found = database.transaction(name).objectStore(name).getAll();
    found.onsuccess = () => resolve(found.result);
  });
  const kept = [...(await all("drafts")), ...(await all("outbox"))];
  database.close();
  return kept;
}"""
KEPT = f"async () => JSON.stringify(await ({ALL})())"
PDF = b"%PDF-1.7 uitslag van het lab"
UNTIL_KEPT = f"async () => {{ while ((await ({ALL})()).length === 0) await new Promise(requestAnimationFrame); }}"


async def open_talk(visitor: Visitor) -> None:
    await visitor.page.goto(f"{visitor.house.url}/gesprekken/")


async def start_talk(visitor: Visitor, *others: str) -> None:
    await visitor.button("Nieuw").click()
    for name in others:
        await visitor.page.get_by_role("checkbox", name=name).check()
    await visitor.look()
    await visitor.button("Begin het gesprek").click()
    await expect(visitor.page.locator("[data-title]")).to_be_focused()


async def write(visitor: Visitor, text: str) -> None:
    await visitor.page.get_by_label("Uw bericht").fill(text)
    await visitor.button("Stuur").click()


def message(visitor: Visitor, text: str) -> Locator:
    return visitor.page.locator("article").filter(has_text=text)


def photo() -> bytes:
    """As a telephone takes one, with the place where."""
    made = BytesIO()
    image = Image.new("RGB", (1600, 1200), "#a33b5c")
    exif = image.getexif()
    exif[0x010F] = "Telefoon van Anna"
    image.save(made, "JPEG", exif=exif)
    return made.getvalue()


def as_file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "", "buffer": data}


async def add_files(visitor: Visitor, *files: FilePayload) -> None:
    async with visitor.page.expect_file_chooser() as chooser:
        await visitor.button("Voeg een foto of PDF toe").click()
    await (await chooser.value).set_files(files)


async def test_colleagues_talk(open_house, visit):
    house = open_house()
    anna, emma = await visit(house, "anna"), await visit(house, "emma", size=PHONE)
    for each in (anna, emma):
        await each.log_in()
        await make_keys(each)
        await open_talk(each)
    await anna.page.reload()
    await anna.sees("Nog geen gesprekken")
    await anna.look()
    await start_talk(anna, "Emma Visser")
    await write(anna, "Kunt u vanmiddag invallen?")
    await expect(message(anna, "Kunt u vanmiddag invallen?")).to_contain_text(SENT)

    await emma.sees("Kunt u vanmiddag invallen?")
    await emma.look()
    await emma.page.get_by_role("link", name="Anna de Vries").click()
    await emma.look()
    await expect(message(anna, "invallen")).to_contain_text("Gelezen")
    await message(emma, "invallen").get_by_role("button", name="Antwoord").click()
    await write(emma, "Ja, vanaf 13.00 uur.")
    await expect(message(anna, "Ja, vanaf 13.00 uur.")).to_contain_text("Op: Kunt u vanmiddag invallen?")

    await message(anna, "invallen").first.get_by_role("button", name="Wijzig").click()
    await anna.look()
    await write(anna, "Kunt u morgen invallen?")
    await expect(message(emma, "Kunt u morgen invallen?").first).to_contain_text("gewijzigd")
    await message(emma, "Ja, vanaf").get_by_role("button", name="Trek terug").click()
    await anna.sees("Teruggetrokken bericht")
    await anna.look()
    await emma.look()
    await anna.page.reload()
    await expect(message(anna, "Kunt u morgen invallen?").first).to_contain_text("Gelezen")
    await find_by_keyboard(anna)
    await put_in_its_place(anna, emma)
    await take_out_and_back(anna, emma)
    await write_to_a_team(anna, emma)
    bilal = await visit(house, "bilal")
    await ask_a_consultation(bilal, anna, emma)
    await answer_it_late(bilal, anna, emma)
    await take_it_home(bilal, emma)


async def ask_a_consultation(bilal: Visitor, anna: Visitor, emma: Visitor) -> None:
    """Bilal, of another practice, asks Anna's team; Anna picks it up, and Emma is too late."""
    await bilal.log_in()
    await make_keys(bilal)
    await open_talk(bilal)
    await bilal.button("Nieuw").click()
    await bilal.page.get_by_label("Zoek op naam").and_(bilal.page.locator(":visible")).fill("balie")
    await bilal.page.get_by_role("checkbox", name=re.compile("^Balieteam")).check()
    await bilal.button("Begin het gesprek").click()
    await bilal.button("Vraag een consultatie").click()
    await bilal.button("Stuur de vraag").click()
    await bilal.sees("Vul dit nog in: Uw vraag.")
    await bilal.look()
    await bilal.page.get_by_label("Uw vraag").fill("Past dit bij hartfalen?")
    await bilal.page.get_by_label("Klachten en beloop").fill("Sinds 2 weken kortademig bij traplopen.")
    await bilal.button("Stuur de vraag").click()
    await expect(message(bilal, "Past dit bij hartfalen?")).to_contain_text("Klachten en beloop")
    for each in (anna, emma):
        await each.page.goto(f"{each.house.url}/gesprekken/#consultaties")
        await each.page.get_by_role("list", name="Op te pakken").get_by_role("link").click()
        await expect(each.button("Pak op")).to_be_visible()
    await emma.look()
    # Emma does not hear of it before she tries.
    emma.eyes.expect("failed GET /live/consult/consultations", "409 POST /live/consult/consultation/pick-up")
    await emma.page.route("**/live/consult/consultations", lambda route: route.abort())
    await anna.button("Pak op").click()
    await anna.sees("opgepakt door U")
    await emma.button("Pak op").click()
    await emma.sees("Een collega was iets eerder: dit is al opgepakt.")
    await emma.page.unroute_all(behavior="wait")
    await emma.sees("opgepakt door Anna de Vries")


async def answer_it_late(bilal: Visitor, anna: Visitor, emma: Visitor) -> None:
    """Anna hands it over to Emma, the time is missed, all hear of it, and Emma concludes."""
    await anna.button("Draag over").click()
    await anna.page.get_by_label("Aan wie draagt u over?").select_option("Emma Visser")
    await anna.look()
    await anna.page.get_by_role("dialog").get_by_role("button", name="Draag over", exact=True).click()
    await anna.sees("opgepakt door Emma Visser")
    bilal.house.miss_the_time_of_consultations()
    told = [each.who.email for each in (bilal, anna, emma)]
    await bilal.house.until_mailed("consultation_late", *told)
    await emma.sees(re.compile("over tijd: had er"))
    await bilal.page.goto(f"{bilal.house.url}/gesprekken/#consultaties")
    await bilal.sees(re.compile("over tijd: had er"))
    await bilal.look()
    await bilal.page.get_by_role("list", name="Lopend").get_by_role("link").click()
    await emma.button("Rond af").click()
    await emma.page.get_by_label("Conclusie en advies").fill("Waarschijnlijk geen hartfalen. Bepaal NT-proBNP.")
    await emma.page.get_by_label("Declaratiecode").fill("MC-1")
    await emma.look()
    await emma.button("Rond de consultatie af").click()
    await emma.sees("afgerond door U")
    await expect(message(bilal, "Bepaal NT-proBNP.")).to_contain_text("Conclusie en advies")
    await bilal.button("Kopieer voor het dossier").click()
    record = bilal.page.get_by_label("Plak dit in uw HIS of EPD")
    for words in ("Past dit bij hartfalen?", "Bepaal NT-proBNP.", "Emma Visser", "MC-1"):
        await expect(record).to_have_value(re.compile(re.escape(words)))
    await bilal.look()


async def take_it_home(bilal: Visitor, emma: Visitor) -> None:
    """All of it in one file, that the words on the screen open; and the others see that he has it."""
    await bilal.page.get_by_role("dialog").get_by_role("button", name="Sluit").click()
    await add_files(bilal, as_file("uitslag.pdf", PDF))
    await write(bilal, "De uitslag.")
    await expect(message(bilal, "De uitslag.")).to_contain_text(SENT)
    await bilal.page.locator("summary", has_text="Bewaar dit gesprek").click()
    taken = await taken_out(bilal, "[data-export]")
    await bilal.sees("Deze woorden openen het.")
    await bilal.look()
    assert taken.files["bestanden/1.pdf"] == PDF
    assert "Bepaal NT-proBNP." in taken.page
    assert "bewaarde het hele gesprek" in taken.page
    assert [each.status for each in taken.found["Task"]] == ["completed"]
    [practice] = {each.identifier[0].system for each in taken.found["Organization"]}
    assert practice == "http://fhir.nl/fhir/NamingSystem/agb-z"
    assert {"Communication", "ServiceRequest", "AuditEvent", "Practitioner", "PractitionerRole"} <= taken.found.keys()
    assert "Patient" not in taken.found
    await emma.page.locator("summary", has_text="Wie dit gesprek opende en las").click()
    await emma.sees("Bilal Aydin bewaarde het hele gesprek")


async def find_by_keyboard(anna: Visitor) -> None:
    """From a word to the message that has it, and nothing of what was recalled."""
    field = anna.page.get_by_role("searchbox", name="Zoek in uw gesprekken")
    await field.fill("vanaf")
    await anna.sees("Niets gevonden.")
    await field.fill("emma")
    await anna.sees("1 gevonden")
    await field.fill("INVAL anna")
    await expect(anna.page.locator("[data-results] a")).to_contain_text(["Kunt u morgen invallen?"])
    await anna.look()
    await field.press("ArrowDown")
    await anna.page.keyboard.press("Enter")
    await expect(message(anna, "Kunt u morgen invallen?").first).to_be_focused()
    await field.press("Escape")
    await expect(anna.page.locator("[data-list] a")).to_have_count(1)


async def put_in_its_place(anna: Visitor, emma: Visitor) -> None:
    """A flag and the archive stay over a reload, and so does what one looks at; what is new comes back by itself."""
    listed, folder = anna.page.locator("[data-list] a"), anna.page.get_by_role("group", name="Mappen")
    await anna.button("Vlag").click()
    await anna.button("Archiveer").click()
    await expect(anna.button("Terug naar postvak")).to_be_visible()
    await anna.sees("Hier staat niets.")
    await anna.look()
    await folder.get_by_role("button", name="Met vlag (1)").click()
    await anna.page.reload()
    await expect(folder.get_by_role("button", name="Met vlag (1)")).to_have_attribute("aria-pressed", "true")
    await expect(listed).to_contain_text(["met vlag"])
    await folder.get_by_role("button", name="Archief (1)").click()
    await expect(listed).to_have_count(1)
    await anna.page.get_by_label("Alleen nieuw").check()
    await anna.sees("Hier staat niets.")
    await write(emma, "Toch niet, het spijt me.")
    await anna.button("Toon uw postvak").click()
    await expect(listed).to_contain_text(["Toch niet, het spijt me."])
    await anna.page.get_by_label("Met wie?").select_option("Emma Visser")
    await expect(listed).to_have_count(1)


async def who_reads(visitor: Visitor) -> Locator:
    """The list of who reads along, opened."""
    await visitor.button("Wie leest mee").click()
    return visitor.page.get_by_role("dialog", name="Wie leest mee")


async def take_out_and_back(anna: Visitor, emma: Visitor) -> None:
    """Who is taken out reads nothing more, and after coming back nothing of the time between."""
    people = await who_reads(anna)
    await people.locator("summary", has_text="Veiligheidsnummer: Emma Visser").click()
    await expect(people.locator(".balie-certainty p")).to_have_text(re.compile(r"(\d{5} ?){12}"))
    await anna.look()
    await people.locator("summary", has_text="Haal eruit").click()
    await people.get_by_role("button", name="Haal Emma Visser eruit").click()
    await expect(people.locator("li")).to_have_count(1)
    await people.get_by_role("button", name="Sluit").click()
    await emma.sees("U zit niet meer in dit gesprek.")
    await write(anna, "Emma leest dit niet.")
    await expect(message(anna, "Emma leest dit niet.")).to_contain_text(SENT)
    people = await who_reads(anna)
    await people.locator("summary", has_text="Voeg iemand toe").click()
    await people.get_by_label("Emma Visser", exact=True).check()
    await anna.look()
    await people.get_by_role("button", name="Voeg toe", exact=True).click()
    await expect(people.locator("[data-members-list] li")).to_have_count(2)
    await people.get_by_role("button", name="Sluit").click()
    await anna.sees("U voegde Emma Visser toe")
    await write(anna, "Emma leest weer mee.")
    await emma.sees("Emma leest weer mee.")
    await emma.sees("De sleutel van dit bericht is niet voor u")
    await expect(message(emma, "Emma leest dit niet.")).to_have_count(0)
    await emma.look()


async def write_to_a_team(anna: Visitor, emma: Visitor) -> None:
    """Anna makes a team, finds it by its name, and writes to it; Emma, who is in it, answers."""
    await anna.page.get_by_role("link", name="Uw teams").click()
    await anna.page.get_by_label("Naam van het team").fill("Balieteam")
    await anna.page.get_by_role("checkbox", name="Emma Visser").check()
    await anna.look()
    await anna.button("Maak het team").click()
    await anna.sees("2 mensen")
    await anna.page.goto(f"{anna.house.url}/gesprekken/#")
    await anna.button("Nieuw").click()
    await anna.page.get_by_label("Zoek op naam").and_(anna.page.locator(":visible")).fill("balie")
    await anna.page.get_by_role("checkbox", name=re.compile("^Balieteam")).check()
    await anna.look()
    await anna.button("Begin het gesprek").click()
    await write(anna, "Wie sluit vandaag af?")
    await expect(message(anna, "Wie sluit vandaag af?")).to_contain_text(SENT)
    await emma.page.goto(f"{emma.house.url}/gesprekken/#")
    await emma.page.get_by_role("link", name=re.compile("Balieteam")).click()
    await write(emma, "Ik.")
    await expect(message(anna, "Ik.")).to_contain_text("Emma Visser")
    await anna.look()


async def test_what_is_written_survives(open_house, visit):
    """A draft, and a message that could not leave, are there after a reload; nobody else can read them there."""
    house = open_house()
    anna, emma = await visit(house, "anna", size=WIDE), await visit(house, "emma")
    for each in (anna, emma):
        await each.log_in()
        await make_keys(each)
    await open_talk(anna)
    await start_talk(anna, "Emma Visser")
    await anna.page.get_by_label("Uw bericht").fill("Nog niet af")
    await anna.page.evaluate(UNTIL_KEPT)
    await anna.page.reload()
    await expect(anna.page.get_by_label("Uw bericht")).to_have_value("Nog niet af")
    assert "Nog niet af" not in await anna.page.evaluate(KEPT)

    anna.eyes.expect("failed .*", r"\d+ POST /live/consult/messages")
    await anna.page.route("**/live/consult/messages", lambda route: route.abort())
    await write(anna, "Komt dit aan?")
    await anna.sees("Uw bericht staat klaar op dit apparaat")
    await expect(message(anna, "Komt dit aan?")).to_contain_text("Wordt gestuurd")
    await anna.look()
    await anna.page.reload()
    await expect(message(anna, "Komt dit aan?")).to_contain_text("Wordt gestuurd")
    await anna.page.unroute("**/live/consult/messages")
    await expect(message(anna, "Komt dit aan?")).to_contain_text(SENT)
    await open_talk(emma)
    await emma.sees("Komt dit aan?")
    await files_survive_too(anna, emma)
    await another_tab_takes_over(anna, await visit(house, "anna", beside=anna), emma)


async def files_survive_too(anna: Visitor, emma: Visitor) -> None:
    """Files that were chosen, and files that could not leave; whoever gets them can look at them and keep them."""
    await add_files(anna, as_file("pols.jpg", photo()), as_file("brief.docx", b"PK"), as_file("uitslag.pdf", PDF))
    await anna.sees("brief.docx is geen foto (JPEG of PNG) en geen PDF.")
    await expect(anna.page.locator(".balie-chosen")).to_have_count(2)
    await anna.look()
    await anna.page.reload()
    await expect(anna.page.locator(".balie-chosen")).to_contain_text(["pols.jpg", "uitslag.pdf"])
    anna.eyes.expect("failed .*")
    await anna.page.route("**/live/consult/attachment?*", lambda route: route.abort())
    await write(anna, "Kunt u meekijken?")
    await expect(message(anna, "Kunt u meekijken?")).to_contain_text("Wordt gestuurd")
    await anna.page.reload()
    await expect(message(anna, "Kunt u meekijken?")).to_contain_text("Wordt gestuurd")
    await anna.page.unroute("**/live/consult/attachment?*")
    await expect(message(anna, "Kunt u meekijken?")).to_contain_text(SENT)

    await emma.page.get_by_role("link", name="Anna de Vries").click()
    picture = message(emma, "Kunt u meekijken?").get_by_role("button", name="pols.jpg")
    await expect(picture.locator("canvas")).to_be_visible()
    await expect(message(emma, "Kunt u meekijken?")).to_contain_text("uitslag.pdf")
    await expect(emma.button("uitslag.pdf", exact=False)).to_be_in_viewport()
    assert await kept_as_file(emma, emma.button("uitslag.pdf", exact=False)) == PDF
    await picture.click()
    await expect(emma.page.get_by_role("img", name="Foto pols.jpg")).to_be_visible()
    await emma.look()
    kept = await kept_as_file(emma, emma.button("Bewaar op dit apparaat"))
    await emma.button("Sluit").click()
    assert Image.open(BytesIO(kept)).size == (1600, 1200)
    assert b"Telefoon van Anna" in photo()
    assert b"Telefoon van Anna" not in kept


async def another_tab_takes_over(anna: Visitor, tab: Visitor, emma: Visitor) -> None:
    """One stream serves both, and goes on in the one that stays."""
    streams: list[Request] = []
    tab.page.on("request", lambda request: streams.append(request) if "/stream/" in request.url else None)
    await open_talk(tab)
    await tab.sees("Kunt u meekijken?")
    await write(emma, "Gezien.")
    await tab.sees("Gezien.")
    assert streams == []
    async with tab.page.expect_request("**/stream/consult"):
        await anna.page.close()
    await write(emma, "Het is niets ernstigs.")
    await tab.sees("Het is niets ernstigs.")


async def test_the_talk_goes_on_under_another_key_once_a_device_is_revoked(open_house, visit):
    house = open_house()
    anna, emma = await visit(house, "anna"), await visit(house, "emma")
    for each in (anna, emma):
        await give_a_device(each)
        await each.log_in()
        await make_keys(each)
    await add_passkey(emma)
    await on_a_fresh_device(emma)
    await emma.button("Met uw passkey", exact=False).click()
    await open_talk(anna)
    await start_talk(anna, "Emma Visser")
    await write(anna, "Voor het intrekken")
    await expect(message(anna, "Voor het intrekken")).to_contain_text(SENT)

    tab = await visit(house, "emma", beside=emma)
    await open_talk(tab)
    await tab.page.get_by_role("link", name="Anna de Vries").click()
    await expect(message(tab, "Voor het intrekken")).to_be_visible()
    await emma.page.locator("summary").get_by_text("Trek in").click()
    await emma.button("Trek dit apparaat in").click()
    await emma.sees("Ingetrokken")
    await write(anna, "Na het intrekken")
    await expect(message(anna, "Na het intrekken")).to_contain_text(SENT)
    await expect(message(tab, "Voor het intrekken")).to_be_visible()
    await expect(message(tab, "Na het intrekken")).to_be_visible()
    await write(tab, "Ik kan alles lezen")
    await anna.sees("Ik kan alles lezen")
    await anna.look()
