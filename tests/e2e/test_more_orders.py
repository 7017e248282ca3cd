"""A practice orders more: how many, then a day in the calendar, held and confirmed as on the night."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import PHONE, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def test_a_reorder_from_the_page_of_the_order(open_house, visit):
    house = open_house()
    number = house.place(1, doses=320, day=house.days[40])
    house.offer_more(early_until=house.days[4])
    early, day = house.days[2], house.days[8]

    anna = await visit(house, "anna", size=PHONE)
    await anna.log_in()
    await anna.arrives_at("bestelling")
    await anna.look()
    await anna.page.get_by_role("link", name="Bestel na").click()
    await expect(anna.heading("Nabestelling 1")).to_be_visible()
    doses = anna.page.get_by_label("Griepvaccin, doses").first
    await doses.fill("55")
    anna.eyes.expect("422 GET /bestellen/")
    await anna.button("Kies een bezorgdag").click()
    await anna.sees("55 kan niet: kies 50 of 60.")
    await anna.look()
    await doses.fill("60")
    await anna.button("Kies een bezorgdag").click()
    await expect(anna.page).to_have_url(re.compile("/nabestelling-1/kalender/"))
    await expect(anna.day(early)).to_have_count(0)
    await anna.day(day).click()
    await expect(anna.held).to_have_text(starting_with_day(day))
    await anna.look()
    await anna.page.reload()  # what is held is still there
    await expect(anna.held).to_have_text(starting_with_day(day))
    await anna.button("Bestel definitief").first.click()
    await anna.arrives_at("nabestelling-1")
    await anna.sees("60 doses")
    await anna.look()
    await anna.page.get_by_role("link", name=f"Eerste bestelling {number}").click()
    await anna.arrives_at("bestelling")
    await anna.sees("320 doses")


async def test_a_pre_delivery_in_english(open_house, visit):
    house = open_house()
    house.place(1, doses=320, day=house.days[40])
    house.offer_more(early_until=house.days[4])
    house.let_read_english("anna")

    anna = await visit(house, "anna")
    await anna.log_in()
    await anna.page.get_by_role("link", name="Order a pre-delivery").click()
    await expect(anna.heading("Pre-delivery")).to_be_visible()
    await anna.look()
    await anna.page.get_by_label(", doses").first.fill("40")
    await anna.button("Choose a delivery day").click()
    await expect(anna.page).to_have_url(re.compile("/voorlevering/kalender/"))
    await anna.page.get_by_role("table").get_by_role("button").first.click()
    await expect(anna.held).to_be_visible()
    await anna.look()
    await anna.button("Place the order").first.click()
    await anna.arrives_at("voorlevering")
    await anna.sees("40 doses")
    await anna.look()


async def test_what_more_costs_is_said_before_one_confirms(open_house, visit):
    house = open_house()
    house.place(1, doses=320, day=house.days[40])
    house.offer_more()
    house.charge_from(1)

    anna = await visit(house, "anna")
    await anna.log_in()
    await anna.page.get_by_role("link", name="Bestel na").click()
    await anna.sees("U heeft uw gratis bezorging al. Een bezorging erbij kost €\u00a040.")
    await anna.page.get_by_label("Griepvaccin, doses").first.fill("60")
    await anna.button("Kies een bezorgdag").click()
    await anna.day(house.days[8]).click()
    await anna.sees("Dit zijn meer bezorgingen dan er gratis zijn: het kost €\u00a040.")
    await anna.look()
    await anna.button("Bestel definitief").first.click()
    await anna.arrives_at("nabestelling-1")
    await anna.page.get_by_role("link", name="Bekijk de kosten").click()
    await anna.sees("Samen: €\u00a040")
    await anna.look()

    dina = await visit(house, "dina", size=PHONE)
    await dina.log_in()
    await dina.page.goto(f"{house.url}/regiekamer/{house.campaign.slug}/kosten/")
    await dina.sees("Samen: €\u00a040")
    await dina.page.get_by_label("Nummer van de bezorging").fill("12345")
    dina.eyes.expect("422 POST /regiekamer/")
    await dina.button("Noteer").click()
    await dina.sees("Er is geen bezorging met dit nummer in deze campagne.")
    await dina.look()
