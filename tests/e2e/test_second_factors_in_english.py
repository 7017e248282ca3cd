"""Passkeys, a second step that is lost, and who works where: all of it for who reads English, on a desk and a phone."""

import re

import pytest
from django.utils.translation import gettext, override
from playwright.async_api import expect

from tests.e2e.device import Device, give_a_device
from tests.e2e.night import PASSWORD
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def english(words: str) -> str:
    with override("en"):
        said = gettext(words)
    assert said != words
    return said


async def test_passkeys_waivers_and_staff_in_english(open_house, visit):
    house = open_house(opens_in=3600)
    house.add_organiser("Gerda Mol")
    gerda, bilal, anna = await visit(house, "gerda"), await visit(house, "bilal"), await visit(house, "anna")
    device = await give_a_device(gerda, prf=False)
    await choose_english(gerda)
    await make_a_passkey(gerda)
    await log_in_with_the_passkey(gerda, device)

    await choose_english(bilal)
    await give_password(bilal)
    await bilal.page.get_by_text(english("Ik kan mijn tweede stap niet gebruiken")).click()
    await look(bilal)
    await grant(gerda, bilal)
    await bilal.page.reload()
    await bilal.button(english("Log in zonder tweede stap")).click()
    await bilal.sees(english("U bent één keer ingelogd zonder tweede stap."))
    await look(bilal)

    await anna.log_in()
    await anna.page.goto(f"{house.url}/medewerkers/")
    await anna.button("English").click()
    row = anna.page.get_by_role("listitem").filter(has_text="emma@")
    await row.get_by_text(english("Werkt hier niet meer")).click()
    await look(anna)
    await row.get_by_label(english("Reden")).fill("left us")
    await row.get_by_role("button", name=english("Beëindig de toegang")).click()
    await expect(anna.page.get_by_role("listitem").filter(has_text="emma@")).to_have_count(0)
    await look(anna)


async def choose_english(somebody: Visitor) -> None:
    await somebody.page.goto(somebody.house.url)
    await somebody.button("English").click()
    await expect(somebody.heading(english("Log in bij Balie"))).to_be_visible()
    await look(somebody)


async def give_password(somebody: Visitor) -> None:
    await somebody.page.locator("input[name=login]").fill(somebody.who.email)
    await somebody.page.locator("input[name=password]").fill(PASSWORD)
    await somebody.button("Log in").click()


async def make_a_passkey(gerda: Visitor) -> None:
    page = gerda.page
    await give_password(gerda)
    await expect(gerda.heading(english("Voor de organisatie is een tweede stap nodig"))).to_be_visible()
    await look(gerda)
    await page.get_by_role("link", name=english("Voeg een passkey toe")).click()
    await expect(gerda.heading(english("Bent u het?"))).to_be_visible()
    await look(gerda)
    await page.locator("input[name=password]").fill(PASSWORD)
    await gerda.button(english("Ga verder")).click()
    await page.get_by_label(english("Naam van deze passkey")).fill("Gerda's telephone")
    await look(gerda)
    await gerda.button(english("Maak de passkey")).click()
    await expect(gerda.heading(english("Herstelcodes"))).to_be_visible()
    await look(gerda)
    await page.get_by_role("link", name=english("Ik heb ze bewaard")).click()
    await gerda.sees("Gerda's telephone")
    await look(gerda)


async def log_in_with_the_passkey(gerda: Visitor, device: Device) -> None:
    page = gerda.page
    await page.goto(f"{gerda.house.url}/account/logout/")
    await look(gerda)
    await gerda.button(english("Log uit")).first.click()
    await device.let_finger(fit=False)
    await gerda.button(english("Log in met een passkey")).click()
    await gerda.sees("No passkey was used.")
    await look(gerda)
    await device.let_finger(fit=True)
    await gerda.button(english("Log in met een passkey")).click()
    await expect(page).to_have_url(re.compile("/regiekamer/"))


async def grant(gerda: Visitor, bilal: Visitor) -> None:
    page = gerda.page
    await page.goto(f"{gerda.house.url}/mensen/")
    await page.get_by_label(english("Zoek op naam, e-mailadres of AGB-code")).fill(bilal.who.email)
    await gerda.button(english("Zoek")).click()
    await look(gerda)
    await page.get_by_role("link", name=bilal.who.name).click()
    await page.locator("summary").filter(has_text=re.compile("once", re.IGNORECASE)).click()
    await look(gerda)
    form = page.locator("form").filter(has=gerda.button(english("Laat toe")))
    await form.get_by_label(english("Reden")).fill("Called back, telephone lost")
    await gerda.button(english("Laat toe")).click()
    await expect(page.get_by_role("listitem").filter(has_text="Called back, telephone lost")).to_be_visible()
    await look(gerda)


async def look(somebody: Visitor) -> None:
    """On a phone and on a desk."""
    for size in (PHONE, WIDE):
        await somebody.page.set_viewport_size(size)
        await somebody.look()
