"""Before the night: the organiser opens the trial, and a practice goes the whole way of it, twice."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.async_api import expect

from tests.e2e.visitor import PHONE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def test_practise_the_whole_way(open_house, visit):
    house = open_house(doors_in=1800, opens_in=3600)
    house.prepare(1, doses=320, ranking=house.days[20:24])
    house.make_room(*house.days[20:24])
    slug = house.campaign.slug

    dina = await visit(house, "dina")
    await dina.log_in()
    await dina.page.get_by_role("link", name="Oefenen").click()
    await dina.look()
    dina.eyes.expect("422 POST /regiekamer/")
    await dina.page.get_by_label("Laat praktijken oefenen tot").fill("2020-01-01T00:00")
    await dina.button("Open de oefening").click()
    await dina.sees("Kies een tijdstip dat nog komt.")
    await dina.look()
    until = timezone.localtime(timezone.now() + timedelta(minutes=50)).strftime("%Y-%m-%dT%H:%M")
    await dina.page.get_by_label("Laat praktijken oefenen tot").fill(until)
    await dina.button("Open de oefening").click()
    await dina.sees("Praktijken kunnen oefenen tot")
    await dina.look()

    anna = await visit(house, "anna", size=PHONE)
    await anna.log_in()
    await anna.arrives_at("voorbereiden")
    await anna.look()
    await anna.page.get_by_role("link", name="Start de oefening").click()
    for attempt in (1, 2):
        await expect(anna.heading("U bent aan de beurt")).to_be_visible()
        await anna.sees("Dit is een oefening.")
        if attempt == 1:
            await anna.look()
        await anna.page.locator("[data-hold]").click()
        await anna.page.wait_for_url(f"**/bestellen/{slug}-oefenen/kalender/")
        await anna.button("Bestel definitief").last.click()
        await expect(anna.heading("Gelukt: zo gaat het ook die nacht")).to_be_visible()
        await anna.sees("Aangenomen door uw mailserver")
        if attempt == 1:
            await anna.look()
            await anna.button("Oefen nog een keer").click()
    await anna.page.get_by_role("link", name="Stop met oefenen").click()
    await anna.arrives_at("voorbereiden")

    await dina.page.reload()
    await expect(dina.page.get_by_text("Praktijken die de hele weg gingen").locator("xpath=..")).to_contain_text("1")
    await dina.page.get_by_role("link", name="Regiekamer van de oefening").click()
    await dina.sees("Dit is een oefening.")
    await dina.look()
