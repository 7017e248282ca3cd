"""The organiser looks for an order: by its number as somebody says it, by its practice, and page after page."""

import pytest
from playwright.async_api import expect

from tests.e2e.outside import order_for_all
from tests.e2e.visitor import PHONE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

MANY = 60


async def test_somebody_phones_about_an_order(open_house, visit):
    house = open_house(doors_in=-3000, opens_in=-1500)
    house.let_in(1)
    await order_for_all(house, MANY)
    dina = await visit(house, "dina", size=PHONE)
    await dina.log_in()
    await dina.page.get_by_role("link", name="Praktijken").click()
    await dina.look()
    await dina.page.get_by_role("link", name="Bestellingen").click()
    await expect(dina.heading("Bestellingen")).to_be_visible()
    await dina.look()
    numbers = dina.page.locator(".balie-row a")
    newest = await numbers.first.inner_text()
    await dina.page.get_by_role("link", name="Volgende").click()
    await expect(numbers.first).not_to_have_text(newest)
    await dina.look()
    await dina.page.get_by_role("link", name="Vorige").click()
    await expect(numbers.first).to_have_text(newest)

    search = dina.page.get_by_role("searchbox")
    await search.fill(newest.lower().replace("-", " "))
    await dina.button("Zoek").click()
    await expect(numbers).to_have_text([newest])
    await dina.page.get_by_role("link", name="geannuleerd").click()
    await expect(numbers).to_have_text([newest])  # whoever types a number wants that order
    await search.fill("zo heet niemand")
    await dina.button("Zoek").click()
    await dina.sees("Geen bestelling met “zo heet niemand”")
    await dina.look()
    await dina.button("English").click()
    await dina.sees("No order with “zo heet niemand”")
    await dina.look()
    await dina.page.get_by_role("link", name="Show all orders").click()
    await numbers.first.click()
    await dina.sees(newest)
