"""While figures change by themselves, everything keeps its place: nobody clicks on what has just moved there."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.outside import order_for_all
from tests.e2e.test_control_room import figure
from tests.e2e.visitor import PHONE, WIDE, Visitor, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

WAITING = 1500


class Still:
    """Meanwhile nothing jumps for any of these, from when each heard of what came before."""

    def __init__(self, *visitors: Visitor) -> None:
        self._visitors = visitors

    async def __aenter__(self) -> None:
        self._since = [await each.eyes.now() for each in self._visitors]

    async def __aexit__(self, fault: object, *_: object) -> None:
        if fault is None:
            for each, since in zip(self._visitors, self._since, strict=True):
                await each.eyes.check_shift(since=since)


async def test_practices(open_house, visit):
    house = open_house(opens_in=120, pace=45)
    ranking = house.days[3:6]
    house.make_room(*ranking)
    house.let_wait(WAITING)
    house.let_mail(slow=60)
    both = [await visit(house, "anna", size=WIDE), await visit(house, "bilal", size=PHONE)]
    for practice, each in enumerate(both, start=1):
        house.prepare(practice, doses=320, ranking=ranking)
        await each.log_in()
        await expect(each.heading("U bent binnen.")).to_be_visible()
    async with Still(*both):
        for each in both:
            clock = each.page.locator("[data-facts] dd").first
            await expect(clock).not_to_have_text(await clock.inner_text())

    house.move(opens_in=-1)
    numbers = [int((await each.number()).replace(".", "")) for each in both]
    for each in both:
        await expect(each.heading("De loting klopt")).to_be_visible()
        await each.sees("U bent waarschijnlijk aan de beurt")
    titles = [each.page.get_by_role("heading", level=1) for each in both]
    async with Still(*both):
        for part in (2, 4, 8):
            said = [await title.inner_text() for title in titles]
            house.call_up_to(max(0, min(numbers) - min(numbers) // part - 1))
            for title, before in zip(titles, said, strict=True):
                await expect(title).not_to_have_text(before)

    house.call_up_to(2 * WAITING)
    for each in both:
        await each.button(starting_with_day(ranking[0], before="Houd ", weekday=False)).click()
        await each.arrives_at("kalender")
        await expect(each.held).to_have_text(starting_with_day(ranking[0]))
        await each.eyes.check_shift()
    async with Still(*both):
        await order_for_all(house, 5)
        house.leave(ranking[1], doses=0)
        for each in both:
            await expect(each.day(ranking[1])).to_contain_text("vol")

    for each in both:
        await each.button("Bestel definitief").first.click()
        await each.arrives_at("bestelling")
        await expect(each.page.get_by_text("Onderweg", exact=True).first).to_be_visible()
        await each.eyes.check_shift()
    async with Still(*both):
        house.let_mail()
        for each in both:
            await expect(each.page.get_by_text("Onderweg", exact=True)).to_have_count(0)


async def test_control_rooms(open_house, visit):
    house = open_house(doors_in=-3000, opens_in=-1500)
    both = [await visit(house, "dina", size=size) for size in (WIDE, PHONE)]
    for each in both:
        await each.log_in()
        await expect(each.heading("Nog niemand in de wachtkamer")).to_be_visible()
        await each.eyes.check_shift()
    async with Still(*both):
        house.let_wait(1200)
        for each in both:
            await expect(figure(each, "Wachtend")).to_have_text(re.compile(r"^1\.\d\d\d$"))
        await order_for_all(house, 20)
        for each in both:
            await expect(figure(each, "Bestellingen")).to_have_text("20")
            await expect(figure(each, "Mail in wachtrij")).to_have_text("0")
