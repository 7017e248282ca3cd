"""The advice to take a second step: taken, or put away for good; and never where time runs."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.device import give_a_device
from tests.e2e.night import PASSWORD
from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

ADVICE, ADVICE_IN_ENGLISH = "Makkelijker en veiliger inloggen", "Log in more easily and more safely"


async def test_advice_that_is_taken_and_advice_that_is_put_away(open_house, visit):
    house = open_house(doors_in=3600, opens_in=7200)
    house.add_person("Fenna Mulder", practice=1, has_password=True)
    house.add_person("Gijs Prins", practice=2, has_password=True)
    fenna, gijs, elsewhere = (
        await visit(house, "fenna", size=PHONE),
        await visit(house, "gijs"),
        await visit(house, "gijs", size=PHONE),
    )
    await take_it(fenna)
    await put_it_away(gijs)
    await log_in(elsewhere)
    await expect(elsewhere.heading(ADVICE_IN_ENGLISH)).to_have_count(0)

    anna = await visit(house, "anna")  # who has a second step
    await anna.log_in()
    await anna.arrives_at("voorbereiden")
    await expect(anna.heading(ADVICE)).to_have_count(0)


async def test_no_advice_while_time_runs(open_house, visit):
    house = open_house()
    house.add_person("Fenna Mulder", practice=1, has_password=True)
    fenna = await visit(house, "fenna", size=PHONE)
    await log_in(fenna)
    await expect(fenna.heading("U bent aan de beurt")).to_be_visible()
    await expect(fenna.heading(ADVICE)).to_have_count(0)
    await fenna.go("voorbereiden")
    await fenna.sees("Bestellen is open.")
    await expect(fenna.heading(ADVICE)).to_have_count(0)


async def log_in(somebody: Visitor) -> None:
    """With a password alone."""
    await somebody.page.goto(somebody.house.url)
    await somebody.give_password()
    await somebody.page.wait_for_url(lambda url: "/account/" not in url)


async def take_it(fenna: Visitor) -> None:
    page = fenna.page
    await give_a_device(fenna)
    await log_in(fenna)
    await expect(fenna.heading(ADVICE)).to_be_visible()
    await fenna.look()
    await page.get_by_role("link", name="Voeg een passkey toe").click()
    await expect(fenna.heading(re.compile("Bent u het|Voeg een passkey toe"))).to_be_visible()
    if await fenna.heading("Bent u het?").count():
        await page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
        await fenna.button("Ga verder").click()
    await page.get_by_label("Naam van deze passkey").fill("Telefoon")
    await fenna.button("Maak de passkey").click()
    await expect(fenna.heading("Herstelcodes")).to_be_visible()
    await page.goto(fenna.house.url)
    await fenna.arrives_at("voorbereiden")
    await expect(fenna.heading(ADVICE)).to_have_count(0)


async def put_it_away(gijs: Visitor) -> None:
    page = gijs.page
    await log_in(gijs)
    await expect(gijs.heading(ADVICE)).to_be_visible()
    await gijs.look()
    await gijs.button("English").click()
    await expect(gijs.heading(ADVICE_IN_ENGLISH)).to_be_visible()
    await gijs.look()
    await gijs.button("Do not show this again").click()
    await gijs.sees("You will always find this under My account.")
    await gijs.look()
    await expect(gijs.heading(ADVICE_IN_ENGLISH)).to_have_count(0)
    await page.reload()
    await expect(gijs.heading(ADVICE_IN_ENGLISH)).to_have_count(0)
    await expect(gijs.heading(re.compile("Prepare|order"))).not_to_have_count(0)
