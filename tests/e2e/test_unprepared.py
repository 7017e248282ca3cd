"""Who comes with nothing ready, finds nothing free of their list, or comes when all is over."""

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import PHONE, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_a_turn_with_nothing_ready_and_nothing_free(open_house, visit):
    house = open_house()
    full, free = house.days[3], house.days[8]
    house.leave(full, doses=0)
    bilal = await visit(house, "bilal", size=PHONE)
    page = bilal.page
    await bilal.log_in()
    await expect(bilal.heading("U bent aan de beurt")).to_be_visible()
    await bilal.sees("U heeft nog geen bestelling klaargezet.")
    await bilal.look()
    await bilal.go("kalender")
    await bilal.sees("U heeft nog niet ingevuld hoeveel doses u wilt.")
    await bilal.look()
    await bilal.button("Vul de aantallen in").first.click()
    await bilal.arrives_at("voorbereiden")
    await bilal.look()
    await page.get_by_label("Griepvaccin", exact=True).fill("360")
    await page.get_by_text("Datum toevoegen").click()
    await page.locator(f"button[value='add:{full.isoformat()}']").click()
    await expect(page.locator("input[name=day]")).to_have_value(full.isoformat())
    await bilal.button("Bewaar mijn bestelling").click()
    await bilal.sees("door Bilal Aydin")
    await page.get_by_role("link", name="Naar de wachtkamer").click()
    await bilal.sees("Geen enkele datum van uw lijst is nu vrij voor uw hele bestelling.")
    await bilal.look()
    await page.get_by_role("link", name="Ik kies zelf in de kalender").click()
    await bilal.sees("Van uw lijst is nu niets vrij. Kies een dag in de kalender.")
    await bilal.look()
    await bilal.day(full).click(force=True)  # although it says that it cannot be had
    await expect(page.get_by_role("status").filter(has_text=starting_with_day(full, "is vol"))).to_have_count(1)
    await bilal.day(free).click()
    await expect(bilal.held).to_have_text(starting_with_day(free))
    await bilal.button("Bestel definitief").first.click()
    await bilal.arrives_at("bestelling")


async def test_when_all_is_over(open_house, visit):
    house = open_house()
    house.pause()
    house.prepare(1, doses=320, ranking=house.days[3:6])
    anna = await visit(house, "anna")
    await anna.log_in()
    await anna.sees("De organisatie roept nu even niemand op.")
    house.move(closes_in=-1)
    await expect(anna.heading("Bestellen is gesloten")).to_be_visible()
    await anna.look()
    await anna.go("voorbereiden")
    await anna.sees("Uw praktijk heeft niet besteld.")
    await anna.look()
    await anna.page.goto(house.url)
    await anna.look()
