"""Three sheets of paper: made, drilled with, and in the end all that is left of a team's keys."""

import re

import pytest
from playwright.async_api import FilePayload, expect

from tests.e2e.test_keys import make_keys, on_a_fresh_device
from tests.e2e.test_talking import SENT, message, open_talk, start_talk, write
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

HOLDERS = [("M. de Wit", "notaris"), ("P. Bakker", "huisarts in de hagro"), ("S. Kaya", "maatschap")]
# A group of the first line tells no secret, so nobody is asked for one.
PAPER = re.compile(rb"/Type /Page\b")
ASKED = re.compile(r"Blad (\d): typ groepje (\d) van regel ([2-6])")


class Sheets:
    """What lies on the desk: the text of each sheet, and a photo of its code."""

    def __init__(self, texts: list[str], photos: list[bytes]) -> None:
        self.texts, self.photos = texts, photos


async def look(visitor: Visitor) -> None:
    await visitor.look()
    await visitor.page.set_viewport_size(PHONE)
    await visitor.look()
    await visitor.page.set_viewport_size(WIDE)


async def to_reserve(visitor: Visitor) -> None:
    await visitor.page.goto(f"{visitor.house.url}/gesprekken/reserve/")


async def gather_team(anna: Visitor) -> None:
    await open_talk(anna)
    await anna.page.get_by_role("link", name="Uw teams").click()
    await anna.page.get_by_label("Naam van het team").fill("Balieteam")
    await anna.page.get_by_role("checkbox", name="Emma Visser").check()
    await anna.button("Maak het team").click()
    await expect(anna.page.get_by_role("button", name=re.compile("Wie zitten erin"))).to_be_visible()


async def name_holders(anna: Visitor, button: str) -> None:
    await anna.button(button, exact=False).click()
    await expect(anna.heading("Maak een reserve")).to_be_focused()
    for number, (name, role) in enumerate(HOLDERS, start=1):
        group = anna.page.get_by_role("group", name=f"Blad {number}")
        await group.get_by_label("Naam").fill(name)
        await group.get_by_label("Rol").fill(role)
    await anna.button("Maak de drie bladen").click()
    await expect(anna.heading("Druk de bladen af")).to_be_focused()


async def take_from_printer(anna: Visitor) -> Sheets:
    papers = await anna.page.locator("[data-paper]").all()
    texts = ["\n".join(await each.locator("[data-paper-lines] li").all_inner_texts()) for each in papers]
    photos = [await each.locator("[data-paper-code] svg").screenshot() for each in papers]
    assert [len(re.sub(r"\s", "", each)) for each in texts] == [144] * 3
    return Sheets(texts, photos)


async def type_back(anna: Visitor, sheets: Sheets, *, wrongly: int | None = None) -> None:
    for at, text in enumerate(sheets.texts):
        place = anna.page.locator("[data-typed]").nth(at)
        asked = ASKED.match(await place.locator("label").inner_text())
        assert asked
        number, group, line = map(int, asked.groups())
        assert number == at + 1
        letters = text.split("\n")[line - 1].split(" ")[group - 1]
        await place.get_by_role("textbox").fill("0000" if at == wrongly else letters.lower())
    await anna.button("De bladen liggen klaar").click()


async def make_reserve(anna: Visitor, *, looking: bool) -> Sheets:
    await name_holders(anna, "Maak een reserve" if looking else "Maak een nieuwe reserve")
    sheets = await take_from_printer(anna)
    if looking:
        await look(anna)
        assert len(PAPER.findall(await anna.page.pdf())) == 3, "each sheet on a paper of its own"
        await type_back(anna, sheets, wrongly=1)
        await anna.sees("Dat staat niet op blad 2.")
        await look(anna)
    await type_back(anna, sheets)
    await anna.sees("De reserve van Balieteam telt vanaf nu.")
    await expect(anna.page.get_by_text(sheets.texts[0].split("\n")[2])).to_have_count(0)
    return sheets


async def stop_halfway(anna: Visitor) -> None:
    """Nothing counts of what was not seen on paper."""
    await name_holders(anna, "Maak een reserve")
    await anna.button("Stop").last.click()
    await anna.page.reload()
    await anna.sees("Dit team heeft nog geen reserve.")


async def give(visitor: Visitor, text: str) -> None:
    await visitor.page.get_by_label(re.compile("^(Eerste|Tweede) blad$")).fill(text)
    await visitor.button("Controleer dit blad").click()


async def give_photo(visitor: Visitor, photo: bytes) -> None:
    files: list[FilePayload] = [{"name": "blad.png", "mimeType": "image/png", "buffer": photo}]
    await visitor.page.locator("input[type=file]").locator("visible=false").last.set_input_files(files)


def mistyped(text: str, line: int) -> str:
    lines = text.split("\n")
    letter = "A" if lines[line - 1][0] != "A" else "B"
    lines[line - 1] = letter + lines[line - 1][1:]
    return "\n".join(lines)


async def drill(anna: Visitor, older: Sheets, sheets: Sheets) -> None:
    await anna.button("Oefen", exact=False).click()
    await expect(anna.heading("Oefen met twee bladen")).to_be_focused()
    first, second = sheets.texts[0], sheets.texts[2]
    for text, said in (
        ("", "Typ eerst de letters van een blad"),
        (first[:-1], "Op blad 1 staan 144 letters; u heeft er 143."),
        (mistyped(first, 4), "Op blad 1 klopt regel 4 niet."),
        (mistyped(first, 1), "Op dit blad klopt regel 1 niet."),
        (older.texts[0], "Blad 1 is van een oudere reserve van Balieteam."),
        (first, "Blad 1 klopt (M. de Wit)"),
        (first.lower().replace(" ", ""), "Blad 1 heeft u al."),
    ):
        await give(anna, text)
        await anna.sees(said)
    await look(anna)
    await give_photo(anna, older.photos[1])
    await anna.sees("Blad 2 is van een oudere reserve")
    await give_photo(anna, sheets.photos[2])
    await anna.sees("De oefening is gelukt: met blad 1 en 3 kan het team er weer in.")
    await expect(anna.page.get_by_text(second.split("\n")[2])).to_have_count(0)
    await look(anna)


async def note_a_loss(anna: Visitor) -> None:
    await anna.button("Oefen", exact=False).click()
    await anna.page.locator("summary", has_text="Een blad is weg").click()
    await anna.button("Noteer dit").click()
    await anna.sees("Kies welk blad niet in orde is")
    await anna.page.get_by_role("checkbox", name="Blad 2").check()
    await anna.page.get_by_label("Wat is er?").fill("Niet te vinden")
    await look(anna)
    await anna.button("Noteer dit").click()
    await anna.sees("blad 2 niet in orde. Niet te vinden")


async def come_back(visitor: Visitor, one: str, other: str) -> None:
    visitor.eyes.expect(
        r"400 POST /v1/deposit"
    )  # key servers know no teams: of an admitted key they believe trustees alone
    await on_a_fresh_device(visitor)
    await visitor.page.locator("summary", has_text="Ik ben alles kwijt").click()
    await visitor.page.get_by_role("link", name="Naar de reserve").click()
    await visitor.sees("Blad 1: M. de Wit (notaris)")
    await give(visitor, one)
    await visitor.sees("klopt")
    await look(visitor)
    await give(visitor, other)
    await visitor.sees("U bent weer binnen bij Balieteam.")
    await look(visitor)


async def break_off(visitor: Visitor, one: str, other: str) -> None:
    """The connection goes when the new key is there and the team's keys are not yet."""
    visitor.eyes.expect(r"400 POST /v1/deposit", r"failed GET .*histories")
    await on_a_fresh_device(visitor)
    await to_reserve(visitor)
    await give(visitor, one)
    await visitor.sees("klopt")
    await visitor.page.route("**/live/consult/histories*", lambda route: route.abort())
    await give(visitor, other)
    await visitor.sees("Er is geen verbinding met Balie.")
    await visitor.page.unroute("**/live/consult/histories*")
    await visitor.page.reload()
    await expect(visitor.heading("U mist sleutels van het team")).to_be_visible()
    await give(visitor, other)
    await give(visitor, one)
    await visitor.sees("U bent weer binnen bij Balieteam.")
    await look(visitor)


async def test_two_sheets_bring_a_team_back_that_lost_every_key(open_house, visit):
    house = open_house(talking=True)
    anna, emma = await visit(house, "anna"), await visit(house, "emma")
    for each in (anna, emma):
        await each.log_in()
        await make_keys(each)
    await gather_team(anna)
    await open_talk(anna)
    await start_talk(anna, "Balieteam")
    await write(anna, "Voor het verlies")
    await expect(message(anna, "Voor het verlies")).to_contain_text(SENT)

    await to_reserve(anna)
    await anna.sees("Dit team heeft nog geen reserve.")
    await look(anna)
    await stop_halfway(anna)
    older = await make_reserve(anna, looking=True)
    sheets = await make_reserve(anna, looking=False)
    await drill(anna, older, sheets)
    await note_a_loss(anna)
    await to_reserve(emma)
    await emma.sees("Alleen een beheerder van het team maakt een reserve")
    await emma.sees("met blad 1 en 3")

    await come_back(anna, sheets.texts[1], sheets.texts[0])
    await open_talk(anna)
    await anna.page.get_by_role("link", name=re.compile("Balieteam")).click()
    await expect(message(anna, "Voor het verlies")).to_be_visible()
    await write(anna, "Weer binnen")
    await expect(message(anna, "Weer binnen")).to_contain_text(SENT)
    await to_reserve(anna)
    await anna.sees("Met deze reserve is iemand weer binnengelaten.")
    await anna.page.locator("summary", has_text="Wat er met de reserve gebeurde").click()
    await anna.sees("kwam met twee bladen weer binnen")
    await anna.sees("meldde dat een blad niet in orde is")
    await look(anna)

    await break_off(emma, sheets.texts[2], sheets.texts[0])
    await open_talk(emma)
    await emma.page.get_by_role("link", name=re.compile("Balieteam")).click()
    await expect(message(emma, "Voor het verlies")).to_be_visible()
    await expect(message(emma, "Weer binnen")).to_be_visible()
    await write(emma, "Ik ook")
    await anna.page.goto(f"{house.url}/gesprekken/")
    await anna.page.get_by_role("link", name=re.compile("Balieteam")).click()
    await expect(message(anna, "Ik ook")).to_be_visible()
