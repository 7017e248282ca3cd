"""“Bestel voor mij”: tick the box, close the browser, and wake up to an order, a mail and a text message."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.e2e.house import House
from tests.e2e.visitor import PHONE, WIDE, Visitor, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

ORDERED_WITHIN_S = 20.0


async def test_prepare_and_sleep(open_house, visit):
    """Anna has Balie order and closes her browser; Bilal watches how it goes wrong and then right."""
    house = open_house(opens_in=120)
    full, later = house.days[3], house.days[5]
    house.make_room(later)
    house.leave(full, doses=0)
    house.prepare(2, doses=320, ranking=[full], auto="one_day")
    anna = await visit(house, "anna", size=PHONE)
    bilal = await visit(house, "bilal", size=WIDE)
    await asyncio.gather(anna.log_in(), bilal.log_in())

    await leave_it_to_balie(anna, later)
    await anna.go("wachtkamer")
    await expect(anna.heading("U bent binnen. Balie bestelt voor u.")).to_be_visible()
    await anna.sees("U kunt dit scherm sluiten en gaan slapen.")
    await anna.look()
    await anna.page.close()

    await expect(bilal.heading("U bent binnen. Balie bestelt voor u.")).to_be_visible()
    await bilal.look()
    house.pause()
    house.move(opens_in=-1)
    await bilal.sees("De organisatie roept nu even niemand op.")
    await bilal.look()
    house.resume()
    await wake_up(await visit(house, "anna", beside=anna, size=PHONE), practice=1)
    await see_it_fail_and_come_right(bilal, full)


async def leave_it_to_balie(anna: Visitor, day) -> None:
    """First with nothing ready, then with a list that is too short, then with all later days on it."""
    page, me = anna.page, "Bestel voor mij"
    await anna.go("voorbereiden")
    await anna.sees("Voordat Balie voor u kan bestellen:")
    await anna.look()
    anna.eyes.expect(r"422 POST .*/voorbereiden/")
    await page.get_by_label(me, exact=True).check()
    await expect(page.get_by_role("alert")).to_contain_text("Nog niet bewaard")
    await anna.sees("Zet bij 2 minstens één datum op uw lijst.")
    await anna.look()
    await anna.button("Neem vorig jaar over").click()
    await page.get_by_text("Datum toevoegen").click()
    await page.locator(f"button[value='add:{day.isoformat()}']").click()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await anna.sees("Hoe meer data op uw lijst, hoe zekerder.")
    await anna.look()
    await page.get_by_label("Ook een sms naar").fill("06-12345678")
    await anna.button("Zet alle latere data erbij").click()
    await anna.sees("Een bestelling is altijd heel")
    await expect(page.get_by_label("Ook een sms naar")).to_have_value("06 12345678")
    await expect(page.get_by_label(me, exact=True)).to_be_checked()
    await anna.look()


async def wake_up(anna: Visitor, *, practice: int) -> None:
    """The order is there, and so are the mail and the text message."""
    number = await ordered(anna.house, practice)
    await anna.page.goto(anna.house.url)
    await anna.arrives_at("bestelling")
    await expect(anna.page.get_by_text(number, exact=True)).to_be_visible()
    await anna.sees("voor u besteld")
    await anna.sees("door Balie, uit wat u had klaargezet")
    await expect(anna.page.get_by_text("Aangenomen door uw mailserver", exact=True).first).to_be_visible()
    await expect(anna.page.get_by_text("Sms verstuurd", exact=True)).to_be_visible()
    await anna.look()
    await anna.page.goto(f"{anna.house.url}/postvak/?zoek={number}")
    await anna.sees(f"Balie: uw bestelling {number} staat vast.")
    await anna.look()
    await anna.page.get_by_role("list", name="Mails, de nieuwste eerst").get_by_role("link").first.click()
    mail = anna.page.frame_locator("iframe")
    await expect(mail.get_by_text("Balie heeft deze bestelling op uw beurt voor u geplaatst")).to_be_visible()


async def ordered(house: House, practice: int) -> str:
    """The number of the practice's order, as soon as it is there."""
    async with asyncio.timeout(ORDERED_WITHIN_S):
        while True:
            try:
                return house.order_of(practice)[0]
            except AssertionError:
                await asyncio.sleep(0.1)


async def see_it_fail_and_come_right(bilal: Visitor, full) -> None:
    """Nothing of the list is free: the page says so and lets one choose. Room comes back, and Balie orders."""
    await bilal.sees("Balie kon niet voor u bestellen. Er is niets besteld.")
    await expect(bilal.page.get_by_role("link", name="Ik kies zelf in de kalender")).to_be_visible()
    await expect(bilal.button("Balie hoeft niet meer te zoeken")).to_be_visible()
    await bilal.look()
    bilal.house.make_room(full)
    await bilal.arrives_at("bestelling")
    await bilal.sees(starting_with_day(full))
    await bilal.look()


async def test_taking_it_back(open_house, visit):
    house = open_house(opens_in=45)
    house.prepare(1, doses=320, ranking=house.days[3:6], auto="one_day")
    house.make_room(*house.days[3:6])
    anna = await visit(house, "anna", size=PHONE)
    await anna.log_in()
    await anna.sees("Balie bestelt voor u")
    await anna.button("Ik doe het liever zelf").click()
    await anna.sees("U bestelt weer zelf. Uw plaats blijft staan.")
    await expect(anna.button("Ik doe het liever zelf")).to_be_hidden()
    house.move(opens_in=-1)
    await expect(anna.heading("U bent aan de beurt")).to_be_visible()
    await anna.button(starting_with_day(house.days[3], before="Houd ", weekday=False)).click()
    await anna.arrives_at("kalender")
