"""A day is full: a practice waits for it, is offered room, and orders that with one click; staff see the line."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import PHONE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def test_wait_for_a_full_day_and_take_what_is_offered(open_house, visit):
    house = open_house()
    day = house.days[40]
    house.prepare(1, doses=320, ranking=[day])
    house.fill(day)

    anna = await visit(house, "anna", size=PHONE)
    await anna.log_in()
    await anna.go("wachtkamer")
    await anna.sees("U bent aan de beurt")
    await anna.go("kalender")
    await anna.page.get_by_role("link", name="Zet u op de wachtlijst").click()
    await anna.arrives_at("wachtlijst")
    await anna.look()
    ask = anna.button("Zet mij op de wachtlijst")
    anna.eyes.expect("422 POST /bestellen/")
    await ask.click()
    await anna.sees("Kies een bezorgdag.")
    await anna.look()
    await anna.page.get_by_label("Bezorgdag").select_option(day.isoformat())
    await ask.click()
    await expect(anna.heading("U staat op de wachtlijst")).to_be_visible()
    await anna.sees("U bent voor deze dag als eerste aan de beurt.")
    await anna.look()

    dina = await visit(house, "dina")
    await dina.log_in()
    await dina.page.goto(f"{house.url}/regiekamer/{house.campaign.slug}/")
    await dina.page.get_by_role("link", name="Wachtlijst").click()
    await expect(dina.heading("De rij")).to_be_visible()
    await dina.sees("Heeft geen bestelling")
    await dina.look()

    house.leave(day, doses=1000)
    await house.until_swapped("")
    await anna.page.goto(house.url)
    await anna.arrives_at("wachtlijst")
    await expect(anna.heading("Er is plaats voor u")).to_be_visible()
    await anna.look()
    await house.until_mailed("wish_offered", *house.mailboxes(1))
    await dina.page.reload()
    await dina.sees(re.compile("Heeft een aanbod tot"))
    await dina.look()
    await anna.button("Bestel dit").click()
    await anna.arrives_at("bestelling")
    await anna.sees("320 doses")
    await anna.look()


async def test_what_one_does_not_want_goes_back(open_house, visit):
    house = open_house()
    day = house.days[40]
    house.prepare(1, doses=320, ranking=[day])
    house.fill(day)

    anna = await visit(house, "anna")
    await anna.log_in()
    await anna.go("wachtkamer")
    await anna.sees("U bent aan de beurt")
    await anna.go("kalender")
    await anna.go("wachtlijst")
    await anna.look()
    await anna.page.get_by_label("Bezorgdag").select_option(day.isoformat())
    await anna.button("Zet mij op de wachtlijst").click()
    await expect(anna.heading("U staat op de wachtlijst")).to_be_visible()
    await anna.look()
    house.leave(day, doses=1000)
    await house.until_swapped("")
    await anna.go("wachtlijst")
    await expect(anna.heading("Er is plaats voor u")).to_be_visible()
    await anna.look()
    await anna.button("Ik wil dit niet").click()
    await anna.sees("U staat niet meer op de wachtlijst.")
    await anna.page.get_by_role("link", name="Kies uw bezorgdag").click()
    await anna.arrives_at("kalender")
