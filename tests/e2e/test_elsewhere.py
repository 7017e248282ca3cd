"""A practice is where it was: on a second device, and when a colleague goes on."""

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import PHONE, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_a_second_device_and_a_colleague(open_house, visit):
    house = open_house()
    first, second = house.days[3:5]
    house.prepare(1, doses=320, ranking=[first, second])
    house.pause()
    at_work, on_phone = await visit(house, "anna"), await visit(house, "anna", size=PHONE)
    colleague = await visit(house, "emma")

    await at_work.log_in()
    await at_work.arrives_at("wachtkamer")
    place = await at_work.number()
    await on_phone.log_in()
    await on_phone.arrives_at("wachtkamer")
    await expect(on_phone.page.get_by_text("Uw nummer", exact=True)).to_be_visible()
    assert await on_phone.number() == place

    house.resume()
    await expect(on_phone.heading("U bent aan de beurt")).to_be_visible()
    await on_phone.button(starting_with_day(first, before="Houd ", weekday=False)).click()
    await on_phone.arrives_at("kalender")
    await at_work.arrives_at("kalender")  # by itself
    await expect(at_work.held).to_have_text(starting_with_day(first))

    await colleague.log_in()
    await colleague.arrives_at("kalender")
    await expect(colleague.held).to_have_text(starting_with_day(first))
    await colleague.day(second).click()
    await expect(colleague.held).to_have_text(starting_with_day(second))
    for each in (at_work, on_phone):
        await each.sees("Er is iets gekozen in een ander tabblad of door een collega")
        await expect(each.held).to_have_text(starting_with_day(second))
        await each.look()

    await colleague.button("Bestel definitief").click()
    await colleague.arrives_at("bestelling")
    number, _ = house.order_of(1)
    for each in (at_work, on_phone):
        await each.arrives_at("bestelling")  # by itself
        await expect(each.page.get_by_text(number, exact=True)).to_be_visible()
        await each.sees("door Emma Visser")
