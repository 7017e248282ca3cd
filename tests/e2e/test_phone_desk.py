"""A practice phones the control room: staff order for it at its own turn, give time, block, and tell what happened."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import PHONE, Visitor, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

CALLER = "Mevrouw De Vries belde: computer stuk"


async def test_an_order_by_phone_and_the_answer_to_a_complaint(open_house, visit):
    """Dina orders for Anna's practice; Anna sees it happen on her own phone, and later asks how it went."""
    house = open_house(doors_in=-3000, opens_in=-1500)
    first, second = house.days[3:5]
    house.prepare(1, doses=320, ranking=[first, second])
    house.leave(first, doses=0)
    house.make_room(second)
    anna, dina = await visit(house, "anna", size=PHONE), await visit(house, "dina")
    await dina.log_in()
    await find_the_practice(dina)
    await take_the_call(dina)
    await expect(dina.heading("U bent aan de beurt")).to_be_visible()
    await dina.look()
    await dina.button(starting_with_day(second, before="Houd ", after="voor mij vast", weekday=False)).click()
    await dina.arrives_at("kalender")
    await dina.sees("U bestelt namens")
    await dina.look()

    await anna.log_in()
    await anna.arrives_at("kalender")
    await expect(anna.held).to_have_text(starting_with_day(second))
    end = await anna.page.locator("[data-clock-end]").inner_text()
    colleague = await visit(house, "dina", beside=dina)
    await give_time(colleague)
    await anna.sees("U heeft extra tijd gekregen")
    await dina.sees("U heeft extra tijd gekregen")
    assert await anna.page.locator("[data-clock-end]").inner_text() > end
    await anna.look()

    await dina.button("Bestel definitief").first.click()
    await dina.arrives_at("bestelling")
    await dina.sees(re.compile("telefonisch, door Dina Smit van de organisatie"))
    await dina.look()
    await anna.arrives_at("bestelling")
    await anna.sees(re.compile("telefonisch, door Dina Smit van de organisatie"))
    await anna.look()
    await dina.button("Stop").click()
    await expect(dina.page).to_have_url(f"{house.url}/regiekamer/{house.campaign.slug}/")
    await expect(dina.page.get_by_text("U bestelt namens")).to_have_count(0)
    await answer_the_complaint(dina, house.order_of(1)[0])


async def find_the_practice(dina: Visitor) -> None:
    """By its AGB code, from the control room."""
    await dina.page.get_by_label("Naam, AGB-code, telefoon of nummer").fill("01989999")
    await dina.look()
    await dina.button("Zoek de praktijk").click()
    await dina.sees("1 praktijk")
    await dina.look()
    await dina.page.locator(".balie-people__name a").click()
    await expect(dina.heading("Wat er gebeurde")).to_be_visible()


async def take_the_call(dina: Visitor) -> None:
    await dina.look()
    reason = dina.page.get_by_label("Wie belde, en waarom?")
    await reason.fill("   ")
    dina.eyes.expect(r"422 POST /regiekamer/")
    await dina.button("Bestel namens de praktijk").click()
    await expect(dina.page.get_by_role("alert")).to_have_text(re.compile("Geef een reden"))
    await dina.look()
    await reason.fill(CALLER)
    await dina.button("Bestel namens de praktijk").click()
    await dina.arrives_at("wachtkamer")
    await dina.sees("U bestelt namens")
    await dina.sees(CALLER)


async def give_time(dina: Visitor) -> None:
    """From another tab: five minutes for everybody."""
    await dina.page.goto(f"{dina.house.url}/regiekamer/{dina.house.campaign.slug}/")
    await dina.page.get_by_text("Geef iedereen 5 min extra").click()
    form = dina.page.locator("form").filter(has=dina.button("Geef extra tijd"))
    await form.get_by_label("Minuten extra").fill("99")
    await form.get_by_label("Reden").fill("De mail was traag")
    dina.eyes.expect(r"422 POST /regiekamer/")
    await dina.button("Geef extra tijd").click()
    await expect(dina.page.get_by_role("alert")).to_have_text(re.compile("Geef 1 tot 30 minuten extra"))
    await dina.look()
    await expect(form.get_by_label("Reden")).to_have_value("De mail was traag")
    await form.get_by_label("Minuten extra").fill("5")
    await dina.button("Geef extra tijd").click()
    await dina.sees("1 praktijk heeft 5 minuten extra.")
    await dina.look()


async def answer_the_complaint(dina: Visitor, number: str) -> None:
    """From the night's log to the practice's, with a file for a letter."""
    log = dina.page.get_by_role("listitem")
    await expect(log.filter(has_text="Begonnen met bestellen namens de praktijk")).to_be_visible()
    await dina.look()
    await log.filter(has_text="Begonnen met bestellen").get_by_role("link").click()
    for words in (
        "In de wachtkamer gekomen",
        "Aan de beurt: het nummer werd opgeroepen",
        "vastgehouden, tot",
        "Extra tijd van de organisatie: tot",
        "Op ‘Bestel definitief’ gedrukt: de bestelling staat vast",
        f"Bestelling {number} vastgelegd",
        "Bevestiging aangenomen door de mailserver",
    ):
        await expect(log.filter(has_text=words).first).to_be_visible()
    await expect(log.filter(has_text=CALLER).first).to_be_visible()
    await dina.look()
    async with dina.page.expect_download() as file:
        await dina.page.get_by_role("link", name="Download als CSV").click()
    text = (await (await file.value).path()).read_text(encoding="utf-8-sig")
    assert f"Bestelling {number} vastgelegd" in text
    assert CALLER in text


async def test_a_practice_is_blocked_and_may_order_again(open_house, visit):
    """Bilal holds a date when it happens. Dina has a phone too, and a list of who has not ordered."""
    house = open_house(doors_in=-3000, opens_in=-1500)
    day = house.days[3]
    house.prepare(2, doses=320, ranking=[day])
    house.make_room(day)
    bilal, dina = await visit(house, "bilal"), await visit(house, "dina", size=PHONE)
    await bilal.log_in()
    await bilal.button(starting_with_day(day, before="Houd ", after="voor mij vast", weekday=False)).click()
    await bilal.arrives_at("kalender")
    await expect(bilal.held).to_have_text(starting_with_day(day))

    await dina.log_in()
    await dina.look()
    await dina.page.get_by_role("link", name="Wie heeft nog niet besteld?").click()
    await dina.sees("300 praktijken")
    await dina.look()
    await dina.page.get_by_role("link", name="Volgende").click()
    await dina.sees("Vorige")
    await dina.page.get_by_role("link", name=re.compile("houdt een datum vast")).click()
    await dina.page.locator(".balie-people__name a").click()
    await dina.look()
    await dina.page.get_by_text("Blokkeer deze praktijk").click()
    await dina.page.get_by_label("Reden").fill("Staat dubbel ingeschreven")
    await dina.look()
    await dina.button("Blokkeer nu").click()
    await dina.sees("Deze praktijk kan nu niets bestellen.")
    await dina.look()

    await bilal.sees("Uw praktijk kan nu niet bestellen")
    await bilal.sees(re.compile(r"Bel 088\s000\s00\s00"))
    await expect(bilal.page.locator("[data-held]")).to_be_hidden()
    await bilal.look()
    bilal.eyes.expect("409 POST /live/orders/")
    await bilal.go("wachtkamer")
    await bilal.button(starting_with_day(day, before="Houd ", after="voor mij vast", weekday=False)).click()
    await bilal.sees("Uw praktijk kan nu niet bestellen")
    await bilal.look()

    await dina.page.get_by_label("Reden").fill("Was een vergissing")
    await dina.button("Laat weer bestellen").click()
    await dina.sees("Deze praktijk kan weer bestellen.")
    await expect(bilal.page.get_by_text("Uw praktijk kan nu niet bestellen")).to_have_count(0)
    await bilal.button(starting_with_day(day, before="Houd ", after="voor mij vast", weekday=False)).click()
    await bilal.arrives_at("kalender")
    await bilal.button("Bestel definitief").first.click()
    await bilal.arrives_at("bestelling")


async def test_two_tabs_for_two_practices_do_not_get_mixed_up(open_house, visit):
    """Dina orders for De Linde in one tab and begins for another practice in the next: the first tab can do nothing."""
    house = open_house(doors_in=-3000, opens_in=-1500)
    day = house.days[3]
    house.make_room(day)
    for practice in (3, 4):
        house.prepare(practice, doses=100, ranking=[day])
    dina = await visit(house, "dina")
    await dina.log_in()
    await order_for(dina, 3)
    hold = dina.button(starting_with_day(day, before="Houd ", after="voor mij vast", weekday=False))
    await expect(hold).to_be_visible()
    other = await visit(house, "dina", beside=dina)
    await order_for(other, 4)
    dina.eyes.expect("409 (POST|GET) /(live|stream)/")
    await hold.click()
    await dina.sees("In dit venster staat een andere praktijk dan waarvoor u nu werkt.")
    await other.button(starting_with_day(day, before="Houd ", after="voor mij vast", weekday=False)).click()
    await other.arrives_at("kalender")
    await expect(other.held).to_have_text(starting_with_day(day))


async def order_for(dina: Visitor, practice: int) -> None:
    code = f"01{990_000 - practice:06}"
    await dina.page.goto(f"{dina.house.url}/regiekamer/{dina.house.campaign.slug}/praktijken/{code}/")
    await dina.page.get_by_label("Wie belde, en waarom?").fill(f"Praktijk {practice} belde")
    await dina.button("Bestel namens de praktijk").click()
    await dina.arrives_at("wachtkamer")
