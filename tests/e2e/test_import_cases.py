"""Files as they come: none is a good one but the last, which is large; each gets an answer that says what to do."""

import re
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, expect

from balie.practices.models import ImportJob, Practice
from balie.practices.tests.imports import EIK, HEADER, LINDE, table
from tests.e2e.night import by_database
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

MB = 1024**2
ROWS = 20_000
LARGE = table(
    HEADER,
    *(
        f"{n:08};Praktijk {n};2000;p{n}@proef.example;Straat {n};1234 AB;Stad"
        for n in range(80_000_000, 80_000_000 + ROWS)
    ),
)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
WITHIN_MS = 180_000


@by_database
def under_another_code(practice: int) -> str:
    """The row of a practice that we know, with a code that we do not."""
    found = Practice.objects.get(pk=practice)
    place = found.locations.order_by("pk")[0]
    return f"01234567;{found.name};{found.registered_count};{found.email};{place.street};{place.postcode};{place.city}"


async def test_each_file_gets_a_clear_answer(open_house, visit):
    house = open_house(doors_in=3600, opens_in=7200)
    dina = await visit(house, "dina")
    await dina.log_in()

    await upload(dina, "foto.xlsx", PICTURE)
    await dina.sees("Dit is een afbeelding, geen tabel.", within_s=30)
    await look(dina)

    await upload(dina, "dubbel.csv", table(HEADER, LINDE, EIK, LINDE.replace("De Linde", "De Beuk")))
    await expect(dina.heading(re.compile("^2 fouten in 3 regels"))).to_be_visible(timeout=30_000)
    await expect(dina.page.get_by_role("row").filter(has_text="De Beuk")).to_have_count(1)
    await look(dina)

    await upload(dina, "nieuwe-code.csv", table(HEADER, under_another_code(1)))
    await expect(dina.heading(re.compile("^1 fout in 1 regel$"))).to_be_visible(timeout=30_000)
    await dina.sees(re.compile(f"kennen wij met AGB-code {house.practice(1)[1]}"), within_s=30)
    await dina.sees(re.compile("previous_agb_code"))
    await look(dina)

    await upload(dina, "groot.csv", LARGE)
    await dina.sees(re.compile(r"(Gelezen|Gecontroleerd): [\d.]+ "), within_s=60)
    await look(dina)
    await expect(dina.heading("Kijk na wat er verandert")).to_be_visible(timeout=WITHIN_MS)
    await look(dina)
    await dina.button("Voer door: 20.000 nieuw, 0 gewijzigd").click()
    await dina.sees(re.compile(r"Opgeslagen: [\d.]+ van 20.000 praktijken"), within_s=60)
    await expect(dina.heading("Alles is doorgevoerd")).to_be_visible(timeout=WITHIN_MS)
    await look(dina)
    await dina.page.goto(f"{house.url}/praktijken/?zoek={80_000_000 + ROWS - 1}")
    await dina.sees("1 praktijk")
    await look(dina)


async def test_two_hundred_megabytes_are_refused_in_words_without_any_script(open_house, visit, tmp_path):
    house = open_house(doors_in=3600, opens_in=7200)
    file = tmp_path / "film.csv"
    with file.open("wb") as content:
        content.truncate(200 * MB)
    dina = await visit(house, "dina", java_script_enabled=False)
    dina.eyes.expect(r"failed GET /static/.*\.js: csp")  # so says Chromium of scripts that it does not run
    await dina.log_in()
    await dina.page.goto(f"{house.url}/praktijken/importeren/")
    await choose(dina, file)
    dina.eyes.expect(r"4\d\d POST /praktijken/importeren/")
    await dina.button("Controleer dit bestand").click(timeout=WITHIN_MS)
    await dina.sees("Het bestand is groter dan 20 MB.", within_s=60)
    assert files_kept() == 0


@by_database
def files_kept() -> int:
    return ImportJob.objects.count()


async def upload(dina: Visitor, name: str, content: bytes) -> None:
    await dina.page.goto(f"{dina.house.url}/praktijken/importeren/")
    await choose(dina, FilePayload(name=name, mimeType="application/octet-stream", buffer=content))
    await dina.button("Controleer dit bestand").click()


async def choose(dina: Visitor, file: Path | FilePayload) -> None:
    await dina.page.get_by_label("Bestand", exact=True).set_input_files(file)


async def look(dina: Visitor) -> None:
    """On a desk and on a phone."""
    for size in (PHONE, WIDE):
        await dina.page.set_viewport_size(size)
        await dina.look()
