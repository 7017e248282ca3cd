"""The organiser looks a practice up and corrects how it is reached."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def test_a_practice_is_found_and_corrected(open_house, visit):
    house = open_house()
    dina = await visit(house, "dina")
    await dina.log_in()
    await dina.page.get_by_role("link", name="Praktijken", exact=True).click()
    await expect(dina.page.get_by_role("link", name="Vorige")).to_have_count(0)
    await look(dina)
    await dina.page.get_by_role("link", name="Volgende").click()
    await expect(dina.page.get_by_role("link", name="Vorige")).to_be_visible()
    await dina.page.get_by_label("Naam, AGB-code, plaats, e-mail of telefoon").fill("zo heet er geen")
    await dina.page.keyboard.press("Enter")
    await expect(dina.page.get_by_text("Geen praktijk met “zo heet er geen”")).to_be_visible()
    await look(dina)
    name, code = house.practice(1)
    await dina.page.get_by_label("Naam, AGB-code, plaats, e-mail of telefoon").fill(code)
    await dina.button("Zoek").click()
    await dina.page.get_by_role("link", name=name).click()
    await expect(dina.heading(name)).to_be_visible()
    await dina.sees("Anna de Vries")
    await look(dina)

    await dina.page.get_by_text("Wijzig contactgegevens").click()
    await dina.page.get_by_label("Telefoon", exact=True).fill("bel mij")
    await dina.page.get_by_label("E-mail voor bevestigingen").fill("nieuw@linde.example")
    await dina.page.get_by_label("Reden").fill("gebeld met de praktijk")
    dina.eyes.expect(r"422 POST /praktijken/")
    await dina.button("Bewaar deze gegevens").click()
    await dina.sees(re.compile("‘bel mij’ is geen telefoonnummer"))
    await look(dina)
    await dina.page.get_by_label("Telefoon", exact=True).fill("088 123 45 67")
    await dina.button("Bewaar deze gegevens").click()
    await dina.sees("De gegevens zijn bijgewerkt.")
    await dina.sees(re.compile("→ 088 123 45 67"))
    await look(dina)


async def look(dina: Visitor) -> None:
    """On a desk and on a phone."""
    for size in (PHONE, WIDE):
        await dina.page.set_viewport_size(size)
        await dina.look()
