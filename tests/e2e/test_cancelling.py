"""An order is cancelled: at once while it is free; after that somebody asks, and the organiser decides."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import PHONE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def test_cancel_and_order_again(open_house, visit):
    house = open_house()
    number = house.place(1, doses=320, day=house.days[40])

    anna = await visit(house, "anna", size=PHONE)
    await anna.log_in()
    await anna.arrives_at("bestelling")
    await anna.look()
    await anna.page.get_by_role("link", name="Annuleer deze bestelling").click()
    await expect(anna.heading(f"Bestelling {number} annuleren")).to_be_visible()
    await anna.look()
    await anna.page.get_by_role("link", name="Laat de bestelling staan").click()
    await anna.arrives_at("bestelling")
    await anna.go("bestelling/annuleren")
    await anna.button(f"Annuleer bestelling {number}").click()
    await expect(anna.heading(f"Bestelling {number} is geannuleerd")).to_be_visible()
    await anna.arrives_at("bestelling")
    await anna.look()
    await anna.page.get_by_role("link", name="Bestel opnieuw").click()
    await anna.arrives_at("wachtkamer")


async def test_ask_when_it_is_late(open_house, visit):
    house = open_house()
    number = house.place(1, doses=320, day=house.days[40])
    house.end_free_changes()

    anna = await visit(house, "anna")
    await anna.log_in()
    await anna.go("bestelling/annuleren")
    await anna.look()
    reason = anna.page.get_by_label("Waarom wilt u annuleren?")
    await reason.evaluate("field => field.removeAttribute('required')")
    anna.eyes.expect("422 POST /bestellen/")
    ask = anna.button(re.compile("Vraag om te annuleren"))
    await ask.click()
    await anna.sees("Schrijf op waarom.")
    await anna.sees(re.compile("dan kost het €.40"))
    await anna.look()
    await reason.fill("De praktijk is die week dicht")
    await ask.click()
    await expect(anna.button("Trek het verzoek in")).to_be_visible()
    await anna.look()

    dina = await visit(house, "dina")
    await dina.log_in()
    await dina.page.get_by_role("link", name="Late verzoeken (1)").click()
    await dina.look()
    dina.eyes.expect("422 POST /regiekamer/")
    await dina.button(f"Weiger {number}").click()
    await dina.sees("Schrijf op waarom niet.")
    await dina.look()
    await dina.page.get_by_label("Uw antwoord").fill("Akkoord")
    await dina.button(f"Sta toe en annuleer {number}").click()
    await dina.sees("De praktijk krijgt een mail.")
    await dina.sees("Er wacht geen verzoek")
    await dina.look()

    await anna.go("bestelling")
    await expect(anna.heading(re.compile(number))).to_be_visible()
    await anna.look()
