"""The pages of the night for who has a dark screen, and for who has set their text twice as large."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.e2e.eyes import NARROWEST, USUAL_PX
from tests.e2e.visitor import PHONE, WIDE, Visitor, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

WAITING, BEFORE_US = 1500, 640


async def test_dark_and_large(open_house, visit):
    house = open_house(opens_in=20, pace=45)
    for practice in (1, 2):
        house.prepare(practice, doses=320, ranking=house.days[3:6])
    house.leave(house.days[2], doses=0)
    house.leave(house.days[3], doses=0)
    house.leave(house.days[6], doses=200)
    house.let_wait(WAITING)
    anna = await visit(house, "anna", size=WIDE, color_scheme="dark")
    bilal = await visit(house, "bilal", size=WIDE, large=True)
    await asyncio.gather(anna.log_in(), bilal.log_in())
    assert [await each.eyes.size_of_text() for each in (anna, bilal)] == [USUAL_PX, 2 * USUAL_PX]
    await asyncio.gather(*(expect(each.heading("U bent binnen.")).to_be_visible() for each in (anna, bilal)))
    house.move(opens_in=-1)

    numbers = [await number_of(each) for each in (anna, bilal)]
    house.call_up_to(max(0, min(numbers) - BEFORE_US - 1))
    for each in (anna, bilal):
        await each.sees("U bent waarschijnlijk aan de beurt tussen")
        await expect(each.heading("De loting klopt")).to_be_visible()
        await look_both_ways(each)

    house.call_up_to(WAITING + 2)
    for each in (anna, bilal):
        await expect(each.heading("U bent aan de beurt")).to_be_visible()
        await look_both_ways(each)
        await each.button(starting_with_day(house.days[4], before="Houd ", weekday=False)).click()
        await each.arrives_at("kalender")
        await expect(each.held).to_have_text(starting_with_day(house.days[4]))
        await look_both_ways(each)
        await each.page.get_by_role("link", name="Tabel").click()
        await look_both_ways(each)
        await each.button("Bestel definitief").first.click()
        await each.arrives_at("bestelling")
        await look_both_ways(each)


async def number_of(each: Visitor) -> int:
    return int((await each.number()).replace(".", ""))


async def look_both_ways(each: Visitor) -> None:
    """Wide, and as narrow as a phone, for text of this size."""
    larger = await each.eyes.size_of_text() / USUAL_PX
    for size in ({**PHONE, "width": int(larger * NARROWEST)}, WIDE):
        await each.page.set_viewport_size(size)
        await each.look()


async def test_a_dark_and_a_large_control_room(open_house, visit):
    house = open_house()
    house.let_wait(100)
    dark = await visit(house, "dina", color_scheme="dark")
    await dark.log_in()
    await expect(dark.heading(re.compile("^Het loopt: "))).to_be_visible()
    await look_both_ways(dark)
    large = await visit(house, "dina", large=True)
    await large.log_in()
    await expect(large.heading(re.compile("^Het loopt: "))).to_be_visible()
    await look_both_ways(large)
