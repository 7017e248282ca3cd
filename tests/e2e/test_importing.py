"""The organiser imports practices: a file with mistakes, its report, the mended file, and all of it carried out."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, expect

from balie.practices.models import Practice
from balie.practices.tests.workbooks import EIK, HEADER, LINDE, make_workbook
from tests.e2e.night import by_database
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

WRONG = make_workbook(HEADER, [1234567, *LINDE[1:]], [EIK[0], EIK[1], "2.095,0", *EIK[3:]])
MANY = [
    [f"{number:08}", f"Praktijk {number}", 2000, "p@proef.example", "Straat 1", "1234AB", "Stad"]
    for number in range(90_000_000, 90_000_150)
]


@pytest.fixture
def too_large(tmp_path) -> Path:
    file = tmp_path / "te-groot.csv"
    with file.open("wb") as content:
        content.truncate(20 * 1024**2 + 1)
    return file


async def test_a_file_with_mistakes_is_mended_and_carried_out(open_house, visit, too_large):
    house = open_house()
    dina = await visit(house, "dina")
    await dina.log_in()
    await dina.page.get_by_role("link", name="Praktijken", exact=True).click()
    await dina.page.get_by_role("link", name="Importeer praktijken").click()
    await expect(dina.heading("Praktijken importeren")).to_be_visible()
    await look(dina)

    await dina.page.get_by_label("Bestand", exact=True).set_input_files(too_large)
    await dina.sees("Het bestand is groter dan 20 MB.")
    await look(dina)

    house.kill(house.work)
    await choose(dina, "praktijken.xlsx", WRONG)
    await dina.button("Controleer dit bestand").click()
    await expect(dina.heading("Wij controleren uw bestand")).to_be_visible()
    await dina.sees("Uw bestand staat klaar en is zo aan de beurt.")
    await look(dina)
    await house.revive()
    await expect(dina.heading("2 fouten in 2 regels")).to_be_visible(timeout=30_000)
    await dina.sees(re.compile("misschien 01234567"))
    await look(dina)
    await dina.page.get_by_label("Toon", exact=True).select_option("registered_count")
    await dina.button("Toon deze regels").click()
    await dina.sees(re.compile("Bedoelt u 2095"))
    await expect(dina.page.get_by_text("misschien 01234567")).to_have_count(0)

    await dina.page.get_by_role("link", name="Upload het herstelde bestand").click()
    await choose(dina, "hersteld.xlsx", make_workbook(HEADER, LINDE, EIK, *MANY))
    await dina.button("Controleer dit bestand").click()
    await expect(dina.heading("Kijk na wat er verandert")).to_be_visible(timeout=30_000)
    await expect(dina.page).to_have_title(re.compile("^Kijk na: hersteld.xlsx"))
    await look(dina)
    async with dina.page.expect_download() as download:
        await dina.page.get_by_role("link", name="Download het hele verslag (CSV)").click()
    report = await asyncio.to_thread(Path(await (await download.value).path()).read_text)
    assert report.count("\n") == 153

    house.kill(house.work)
    await dina.button("Voer door: 152 nieuw, 0 gewijzigd").click()
    await expect(dina.heading("Uw bestand wordt doorgevoerd")).to_be_visible()
    await look(dina)
    await house.revive()
    await expect(dina.heading("Alles is doorgevoerd")).to_be_visible(timeout=30_000)
    await look(dina)
    await dina.page.get_by_role("link", name="Importeer nog een bestand").click()
    await expect(dina.page.get_by_role("listitem").filter(has_text="hersteld.xlsx")).to_contain_text("doorgevoerd")
    await expect(dina.page.get_by_role("listitem").filter(has_text="praktijken.xlsx")).to_contain_text("te herstellen")
    await look(dina)
    there_are(152)


@by_database
def there_are(practices: int) -> None:
    codes = [row[0] for row in [LINDE, EIK, *MANY]]
    assert Practice.objects.filter(agb_code__in=codes).count() == practices


async def choose(dina: Visitor, name: str, content: bytes) -> None:
    file = FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
    await dina.page.get_by_label("Bestand", exact=True).set_input_files(file)


async def look(dina: Visitor) -> None:
    """On a desk and on a phone."""
    for size in (PHONE, WIDE):
        await dina.page.set_viewport_size(size)
        await dina.look()
