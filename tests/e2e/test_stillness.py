"""While figures change by themselves, everything keeps its place: nobody clicks on what has just moved there."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.outside import order_for_all
from tests.e2e.test_control_room import figure
from tests.e2e.visitor import PHONE, WIDE, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

WAITING = 1500
SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])


@SIZES
async def test_a_practice(open_house, visit, size):
    house = open_house(opens_in=120, pace=45)
    house.prepare(1, doses=320, ranking=house.days[3:6])
    house.let_wait(WAITING)
    house.let_mail(slow=60)
    anna = await visit(house, "anna", size=size)
    await anna.log_in()
    await expect(anna.heading("U bent binnen.")).to_be_visible()
    since = await anna.eyes.now()
    clock = anna.page.locator("[data-facts] dd").first
    await expect(clock).not_to_have_text(await clock.inner_text())
    await anna.eyes.check_shift(since=since)

    house.move(opens_in=-1)
    number = int((await anna.number()).replace(".", ""))
    await expect(anna.heading("De loting klopt")).to_be_visible()
    await anna.sees("U bent waarschijnlijk aan de beurt")
    since, title = await anna.eyes.now(), anna.page.get_by_role("heading", level=1)
    for before in (number // 2, number // 4, number // 8):
        said = await title.inner_text()
        house.call_up_to(max(0, number - before - 1))
        await expect(title).not_to_have_text(said)
    await anna.eyes.check_shift(since=since)

    house.call_up_to(2 * WAITING)
    await anna.button(starting_with_day(house.days[3], before="Houd ", weekday=False)).click()
    await anna.arrives_at("kalender")
    await expect(anna.held).to_have_text(starting_with_day(house.days[3]))
    await anna.eyes.check_shift()
    since = await anna.eyes.now()
    await order_for_all(house, 5)
    house.leave(house.days[4], doses=0)
    await expect(anna.day(house.days[4])).to_contain_text("vol")
    await anna.eyes.check_shift(since=since)

    await anna.button("Bestel definitief").first.click()
    await anna.arrives_at("bestelling")
    await expect(anna.page.get_by_text("Onderweg", exact=True).first).to_be_visible()
    await anna.eyes.check_shift()
    since = await anna.eyes.now()
    house.let_mail()
    await expect(anna.page.get_by_text("Onderweg", exact=True)).to_have_count(0)
    await anna.eyes.check_shift(since=since)


@SIZES
async def test_the_control_room(open_house, visit, size):
    house = open_house(doors_in=-3000, opens_in=-1500)
    dina = await visit(house, "dina", size=size)
    await dina.log_in()
    await expect(dina.heading("Nog niemand in de wachtkamer")).to_be_visible()
    await dina.eyes.check_shift()
    since = await dina.eyes.now()
    house.let_wait(1200)
    await expect(figure(dina, "Wachtend")).to_have_text(re.compile(r"^1\.\d\d\d$"))
    await order_for_all(house, 20)
    await expect(figure(dina, "Bestellingen")).to_have_text("20")
    await expect(figure(dina, "Mail in wachtrij")).to_have_text("0")
    await dina.eyes.check_shift(since=since)
