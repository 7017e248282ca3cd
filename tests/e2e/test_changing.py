"""An order is changed: first seen, then confirmed; after the free limit somebody asks, and the organiser decides."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def opens_the_form(visitor: Visitor) -> None:
    await visitor.log_in()
    await visitor.arrives_at("bestelling")
    await visitor.page.get_by_role("link", name="Wijzig deze bestelling").click()


async def test_more_doses_on_another_day(open_house, visit):
    house = open_house()
    number = house.place(1, doses=320, day=house.days[40])

    anna = await visit(house, "anna", size=PHONE)
    await opens_the_form(anna)
    await expect(anna.heading(f"Bestelling {number} wijzigen")).to_be_visible()
    await anna.look()
    doses = anna.page.get_by_label("Griepvaccin, doses")
    await doses.fill("325")
    anna.eyes.expect("422 POST /bestellen/")
    look = anna.button("Bekijk wat er verandert")
    await look.click()
    await anna.sees("325 kan niet: kies 320 of 330.")
    await anna.look()
    await doses.fill("330")
    await anna.page.get_by_label("Bezorgdag").select_option(house.days[42].isoformat())
    await look.click()
    await expect(anna.heading("Klopt dit?")).to_be_visible()
    await anna.sees(re.compile("die plek gaat naar een andere praktijk"))
    await anna.look()
    await anna.button("Pas het nog aan").click()
    await expect(doses).to_have_value("330")
    await look.click()
    await anna.button("Bevestig de wijziging").click()
    await anna.arrives_at("bestelling")
    await anna.sees("Uw bestelling is gewijzigd.")
    await anna.sees("330 doses")
    await anna.look()


async def test_what_does_not_fit_keeps_what_there_is(open_house, visit):
    house = open_house()
    house.place(1, doses=320, day=house.days[40])
    house.fill(house.days[40])

    anna = await visit(house, "anna")
    await opens_the_form(anna)
    await anna.page.get_by_label("Griepvaccin, doses").fill("330")
    anna.eyes.expect("422 POST /bestellen/")
    await anna.button("Bekijk wat er verandert").click()
    await anna.sees("Geen plaats meer voor deze wijziging op")
    await anna.sees("Hier past het wel:")
    await anna.look()
    await anna.page.locator("button[value^='day:0:']").first.click()
    await anna.button("Voeg een bezorging toe").click()
    await expect(anna.page.get_by_text("Bezorging 2")).to_be_visible()
    await anna.look()


async def test_balie_changes_it_when_it_fits(open_house, visit):
    house = open_house()
    number = house.place(1, doses=320, day=house.days[40])
    house.fill(house.days[40])

    anna = await visit(house, "anna", size=PHONE)
    await opens_the_form(anna)
    await anna.page.get_by_label("Griepvaccin, doses").fill("330")
    anna.eyes.expect("422 POST /bestellen/")
    await anna.button("Bekijk wat er verandert").click()
    await anna.button("Wijzig het zodra het past").click()
    await expect(anna.heading("Balie wacht voor u op plaats")).to_be_visible()
    await anna.look()
    await anna.button("Wacht niet meer").click()
    await anna.sees("Balie wacht niet meer.")
    await anna.page.get_by_label("Griepvaccin, doses").fill("330")
    await anna.button("Bekijk wat er verandert").click()
    await anna.button("Wijzig het zodra het past").click()
    await anna.go("bestelling")
    await anna.sees("Balie wacht op plaats voor uw wijziging.")
    await anna.look()
    house.leave(house.days[40], doses=10)
    await house.until_swapped(number)
    await anna.go("bestelling")
    await anna.sees("330 doses")
    await anna.sees("door Balie, zodra het paste")
    await anna.look()


async def test_ask_when_it_is_late(open_house, visit):
    house = open_house()
    number = house.place(1, doses=320, day=house.days[40])
    house.end_free_changes()

    anna = await visit(house, "anna", size=PHONE)
    await opens_the_form(anna)
    await anna.page.get_by_label("Griepvaccin, doses").fill("330")
    await anna.button("Bekijk wat er verandert").click()
    await anna.sees(re.compile("dan kost het €.40"))
    await anna.look()
    anna.eyes.expect("422 POST /bestellen/")
    ask = anna.button(re.compile("Vraag om te wijzigen"))
    await ask.click()
    await anna.sees("Schrijf op waarom.")
    await anna.look()
    await anna.page.get_by_label("Waarom wilt u wijzigen?").fill("Meer aanmeldingen dan gedacht")
    await ask.click()
    await expect(anna.button("Trek het verzoek in")).to_be_visible()
    await anna.look()

    dina = await visit(house, "dina")
    await dina.log_in()
    await dina.page.get_by_role("link", name="Late verzoeken (1)").click()
    await dina.sees("330 doses")
    await dina.look()
    await dina.button(f"Sta toe en wijzig {number}").click()
    await dina.sees("De praktijk krijgt een mail.")
    await anna.go("bestelling")
    await anna.sees("330 doses")
    await anna.look()
