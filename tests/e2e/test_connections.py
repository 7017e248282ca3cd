"""A practice connects its record system: what it may, its code, where it is told, and what it was told."""

import re

import pytest
from playwright.async_api import expect

from balie.practices.webhooks.models import WebhookDelivery
from tests.e2e.night import by_database
from tests.e2e.visitor import PHONE, WIDE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
ADDRESS = "https://his.example/balie"


@by_database
def fail_all() -> None:
    """As after three days of silence."""
    WebhookDelivery.objects.update(state="failed", settled_at="2027-06-04T10:00:00Z", attempts=11, answer="503")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_connect_a_record_system(open_house, visit, size):
    house = open_house()
    anna = await visit(house, "anna", size=size)
    await anna.log_in()
    page = anna.page
    await page.goto(f"{house.url}/medewerkers/")
    await page.get_by_label("Naam van de koppeling").fill("HIS van De Linde")
    await page.get_by_label("Berichten in uw HIS zetten").uncheck()
    anna.eyes.expect(r"422 POST /medewerkers/")
    await anna.button("Maak een koppeling").click()
    await anna.sees("Kies wat de koppeling mag.")
    await anna.look()
    await page.get_by_label("Lezen wat u klaarzette").check()
    await page.get_by_label("Een nummer trekken").check()
    await page.get_by_label("Berichten in uw HIS zetten").uncheck()
    await anna.button("Maak een koppeling").click()
    await expect(page.locator("[data-code]")).to_have_text(re.compile("^[0-9a-f]{48}$"))
    await anna.look()

    await page.get_by_role("link", name="Meldingen aan uw HIS").click()
    await expect(anna.heading("Meldingen aan uw HIS")).to_be_visible()
    await anna.look()
    await page.get_by_label("Webadres").fill("https://10.0.0.1/")
    await anna.button("Voeg toe").click()
    await anna.sees("Vul een adres in dat met https:// begint")
    await anna.look()
    await page.get_by_label("Webadres").fill(ADDRESS)
    await anna.button("Voeg toe").click()
    await expect(page.locator("[data-secret]")).to_have_text(re.compile("^whsec_"))
    await anna.look()

    house.place(1, doses=320, day=house.days[40])
    fail_all()
    await page.goto(f"{house.url}/medewerkers/meldingen/")
    await anna.sees("opgegeven")
    await anna.look()
    await anna.button(re.compile("Verstuur nog een keer")).first.click()
    await anna.sees("Het bericht gaat nog een keer.")
    await page.get_by_text("Haal weg").first.click()
    await anna.button("Haal dit adres weg").click()
    await anna.sees("Dit adres krijgt niets meer.")
    await anna.look()
