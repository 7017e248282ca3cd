"""After the night: the organiser reads how it went, on a screen, on a telephone, on paper and in a spreadsheet."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.e2e.outside import order_for_all
from tests.e2e.visitor import PHONE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

ORDERS = 24
OPEN_TABLES = """() => document.querySelectorAll("main details").forEach((each) => { each.open = true; })"""


async def test_the_organiser_reads_the_report(open_house, visit):
    house = open_house(doors_in=-3000, opens_in=900, pace=600)
    dina = await visit(house, "dina")
    await dina.log_in()
    report = dina.page.get_by_role("link", name="Verslag van de nacht")
    await report.click()
    await expect(dina.page.get_by_text("De nacht moet nog beginnen")).to_be_visible()
    await dina.look()
    await dina.page.go_back()

    async with asyncio.TaskGroup() as crowd:
        crowd.create_task(order_for_all(house, ORDERS))
        await expect(dina.heading(re.compile(f"^De wachtkamer is open: {ORDERS} praktijken"))).to_be_visible()
        house.move(opens_in=0.5)
    # The verdict on the draw comes by itself, with the log.
    await expect(dina.page.get_by_text(f"{ORDERS} praktijken geloot om")).to_be_visible(timeout=30_000)
    house.spread_over(minutes=20)
    await dina.page.reload()
    await expect(dina.heading("Het verslag van de nacht staat klaar")).to_be_visible()
    await expect(dina.heading("Eerlijkheid van de loting")).to_be_visible()
    await dina.look()
    await dina.page.get_by_role("link", name="Lees het verslag").click()
    await expect(dina.heading("Verslag van de nacht")).to_be_visible()
    await dina.sees(re.compile(f"^{ORDERS} bestellingen, "))
    await expect(dina.page.locator("svg.drawing")).not_to_have_count(0)
    await dina.look()
    await dina.page.evaluate(OPEN_TABLES)
    await dina.look()

    await dina.page.set_viewport_size(PHONE)
    await dina.look()
    for name, kind in (("Bekijk als PDF", "application/pdf"), ("Download de minuten als CSV", "text/csv")):
        address = await dina.page.get_by_role("link", name=name).get_attribute("href")
        answer = await dina.page.request.get(f"{house.url}{address}")
        assert answer.headers["content-type"].startswith(kind)

    await dina.button("English").click()
    await expect(dina.heading("Report of the night")).to_be_visible()
    await dina.look()
