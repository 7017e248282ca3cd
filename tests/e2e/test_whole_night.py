"""The whole night for two practices at once, from logging in to the confirmation in the mailbox.

Anna has a wide screen and a mouse, and holds by her ranking. Bilal has a narrow screen and only a keyboard, and chooses
in the calendar; his computer is set to another language and lives in another time zone.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio
from django.utils.dateformat import format as date_format
from playwright.async_api import Locator, expect

from tests.e2e.outside import Beacon
from tests.e2e.visitor import PHONE, WIDE, Visitor, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest_asyncio.fixture(loop_scope="session")
async def beacon() -> AsyncIterator[Beacon]:
    async with Beacon() as beacon:
        yield beacon


async def test_two_practices_at_once(open_house, visit, beacon):
    house = open_house(doors_in=3600, opens_in=7200, pace=6, beacon_url=beacon.url)
    first, second, third = house.days[3:6]
    anna = await visit(house, "anna", size=WIDE)
    bilal = await visit(house, "bilal", size=PHONE, locale="en-US", timezone_id="America/New_York")

    await asyncio.gather(prepare_as_last_year(anna, [first, second, third]), prepare_by_hand(bilal, second))
    house.leave(first, doses=0)
    house.make_room(second, third)

    house.move(doors_in=45, opens_in=100)
    await asyncio.gather(come_before_the_doors(anna), come_before_the_doors(bilal))
    house.move(doors_in=-1)
    await asyncio.gather(come_in(anna), come_in(bilal))
    house.call_the_crowd(12)
    await asyncio.gather(read_about_the_draw(anna), try_the_sound(bilal))

    house.pause()
    house.move(opens_in=-1)
    await asyncio.gather(see_the_draw(anna), see_the_draw(bilal))
    beacon.release()
    await asyncio.gather(check_the_number(anna), check_the_number(bilal))
    await recompute_the_draw(anna)
    house.resume()
    await asyncio.gather(stand_in_line(anna), stand_in_line(bilal))

    house.set_pace(3000)
    await asyncio.gather(be_called(anna), be_called(bilal))
    house.let_mail(slow=60)
    await asyncio.gather(order_by_ranking(anna, second, third), order_by_keyboard(bilal, second))
    house.let_mail()
    await asyncio.gather(read_the_mail(anna, practice=1), read_the_mail(bilal, practice=2))


async def prepare_as_last_year(anna: Visitor, days: list[date]) -> None:
    """With the dates added in the wrong order and then put right."""
    page = anna.page
    await anna.log_in(looking=True)
    await anna.arrives_at("voorbereiden")
    await anna.sees("U heeft nog niets klaargezet")
    await anna.look()
    await anna.button("Neem vorig jaar over").click()
    await expect(page.get_by_label("Griepvaccin", exact=True)).to_have_value("320")
    await page.get_by_text("Datum toevoegen").click()
    for place, day in enumerate(reversed(days)):
        await anna.button(to_add(day)).click()
        await expect(wish(anna, place)).to_have_value(day.isoformat())
    await anna.look()
    await move_up(anna, days[0], to=1)
    await move_up(anna, days[0], to=0)
    await move_up(anna, days[1], to=1)
    await expect(wish(anna, 2)).to_have_value(days[2].isoformat())
    await anna.sees("3 data op uw lijst")
    await anna.button("Bewaar mijn bestelling").click()
    await anna.sees(re.compile(r"Laatst bewaard: vandaag .* door Anna de Vries"))
    await anna.look()


def to_add(day: date) -> str:
    return f"{date_format(day, 'D j M').lower()} toevoegen"


def wish(anna: Visitor, place: int) -> Locator:
    """The date at a place of the list; the first has place 0."""
    return anna.page.locator("input[name=day]").nth(place)


async def move_up(anna: Visitor, day: date, *, to: int) -> None:
    await anna.button(starting_with_day(day, "hoger op de lijst")).click()
    await expect(wish(anna, to)).to_have_value(day.isoformat())


async def prepare_by_hand(bilal: Visitor, day: date) -> None:
    """With everything that can be wrong with a number, and what the page makes of it."""
    page = bilal.page
    await bilal.log_in(looking=True)
    await bilal.arrives_at("voorbereiden")
    await bilal.look()
    flu, pneumo = page.get_by_label("Griepvaccin", exact=True), page.get_by_label("Pneumokokkenvaccin", exact=True)
    await flu.fill("355")
    await flu.blur()
    await expect(bilal.button("Maak er 360 van")).to_be_visible()
    await bilal.look()
    await bilal.button("Maak er 360 van").click()
    await expect(flu).to_have_value("360")
    await expect(flu).not_to_have_attribute("aria-invalid", "true")
    bilal.eyes.expect(r"422 POST .*/voorbereiden/")
    await pneumo.fill("veel")
    await pneumo.blur()
    await expect(page.get_by_role("alert")).to_contain_text("Nog niet bewaard")
    await bilal.look()
    await pneumo.fill("10")
    await pneumo.blur()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await page.get_by_text("Datum toevoegen").click()
    await bilal.button(to_add(day)).click()
    await expect(wish(bilal, 0)).to_have_value(day.isoformat())
    await page.get_by_text("Wijzig adres of e-mail").click()
    await bilal.look()
    await page.get_by_label("En ook naar").fill("balie@proef.example")
    await bilal.button("Bewaar mijn bestelling").click()
    await bilal.sees("2 e-mailadressen")
    await bilal.look()


async def come_before_the_doors(each: Visitor) -> None:
    await each.go("wachtkamer")
    await expect(each.heading(re.compile("De wachtkamer gaat open om"))).to_be_visible()
    await each.look()


async def come_in(each: Visitor) -> None:
    """Without doing anything: the page joins by itself."""
    async with each.holding_back("**/join") as let_go:
        await expect(each.heading("Wij zetten u in de wachtkamer")).to_be_visible()
        await each.look()
        let_go()
        await expect(each.heading("U bent binnen.")).to_be_visible()
    await each.sees(re.compile("^Zegel: [0-9a-f]{4} "))
    await each.look()


async def read_about_the_draw(anna: Visitor) -> None:
    await anna.page.get_by_role("link", name="Lees hoe de loting werkt").click()
    await anna.arrives_at("loting")
    await expect(anna.heading("Er is nog niet geloot")).to_be_visible()
    await anna.look()
    await anna.page.go_back()
    await expect(anna.heading("U bent binnen.")).to_be_visible()


async def try_the_sound(bilal: Visitor) -> None:
    await bilal.button("Speel het geluid af").click()
    await bilal.sees("Geluid staat aan")
    await bilal.look()


async def see_the_draw(each: Visitor) -> None:
    await expect(each.heading("Er wordt geloot")).to_be_visible()
    await each.look()


async def check_the_number(each: Visitor) -> None:
    """While nobody is called: the number is there, and this browser comes to the same one."""
    await each.sees("De organisatie roept nu even niemand op.")
    number = await each.number()
    await expect(each.heading("De loting klopt")).to_be_visible()
    await each.sees(f"Uw browser komt ook uit op {number}.")
    await each.sees("Nagerekend op dit apparaat")
    await each.sees("Het openbare getal kwam ná het sluiten.")
    await each.look()


async def recompute_the_draw(anna: Visitor) -> None:
    await anna.go("loting")
    await anna.button("Reken na op dit apparaat").click()
    await expect(anna.heading("De loting klopt")).to_be_visible()
    await anna.look()
    await anna.go("wachtkamer")


async def stand_in_line(each: Visitor) -> None:
    await each.sees("U bent waarschijnlijk aan de beurt")
    await each.look()


async def be_called(each: Visitor) -> None:
    await expect(each.heading("U bent aan de beurt")).to_be_visible()
    await expect(each.page).to_have_title("U bent aan de beurt! – Balie")
    await each.sees(re.compile("De eerste vrije datum van uw lijst is nu "))
    await each.look()


async def order_by_ranking(anna: Visitor, second: date, third: date) -> None:
    """The first choice is full, so the second is held; then the third after all, within the same time."""
    page = anna.page
    await expect(page.get_by_role("listitem").filter(has_text="1. ")).to_contain_text("vol")
    await anna.button(starting_with_day(second, before="Houd ", weekday=False)).click()
    await anna.arrives_at("kalender")
    await expect(anna.held).to_have_text(starting_with_day(second))
    await expect(page).to_have_title(re.compile(r"^[45]:\d\d over: bestel "))
    await anna.look()
    ends = await anna.page.get_by_text(re.compile(r"^Tot \d\d\.\d\d\.\d\d uur")).inner_text()

    await page.get_by_role("link", name="Tabel").click()
    await expect(page.get_by_role("table", name=re.compile("^Bezorgdagen in "))).to_be_visible()
    await anna.look()
    await page.get_by_label("Toon alleen dagen die voor mijn bestelling vrij zijn").check()
    await anna.look()
    await anna.button(starting_with_day(third, before="Kies ")).click()
    await expect(anna.held).to_have_text(starting_with_day(third))
    await page.get_by_role("link", name="Kalender").click()
    await expect(anna.day(third)).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_text(ends)).to_be_visible()
    await anna.look()

    await anna.button("Bestel definitief").click()
    await see_the_order(anna, practice=1)


async def order_by_keyboard(bilal: Visitor, day: date) -> None:
    """From the turn to the order without a mouse; the date is replaced on the way."""
    page, keys = bilal.page, bilal.page.keyboard
    later = bilal.house.days[bilal.house.days.index(day) + 1]
    await bilal.tab_to(page.get_by_role("link", name="Ik kies zelf in de kalender"))
    await keys.press("Enter")
    await bilal.arrives_at("kalender")
    await expect(bilal.heading("Kies uw bezorgdag")).to_be_visible()
    await bilal.look()

    await expect(bilal.day(day)).to_be_visible()
    await bilal.tab_to(page.locator("button.balie-day:focus"))
    await bilal.walk_to(day)
    await keys.press("Enter")
    await expect(bilal.held).to_have_text(starting_with_day(day))
    await expect(bilal.day(day)).to_be_focused()
    await expect(bilal.day(day)).to_have_attribute("aria-pressed", "true")
    await bilal.look()
    await bilal.walk_to(later)
    await keys.press("Enter")
    await expect(bilal.held).to_have_text(starting_with_day(later))
    await expect(bilal.day(day)).to_have_attribute("aria-pressed", "false")

    await bilal.tab_to(bilal.button("Bestel definitief").first, backwards=True)
    await keys.press("Enter")
    await see_the_order(bilal, practice=2)


async def see_the_order(each: Visitor, *, practice: int) -> None:
    """The number at once; the mail may take as long as it likes."""
    await each.arrives_at("bestelling")
    await expect(each.heading("Uw bestelling staat vast")).to_be_visible()
    number, _ = each.house.order_of(practice)
    await expect(each.page.get_by_text(number, exact=True)).to_be_visible()
    await expect(each.page.get_by_text("Onderweg", exact=True).first).to_be_visible()
    await each.look()


async def read_the_mail(each: Visitor, *, practice: int) -> None:
    """The mail server takes both mails at last; the page says it by itself, and the mailbox has them."""
    page = each.page
    await expect(page.get_by_text("Aangenomen door uw mailserver", exact=True)).to_have_count(2)
    await each.look()
    number, _ = each.house.order_of(practice)
    await page.goto(f"{each.house.url}/postvak/")
    await page.get_by_label("Zoek op adres, onderwerp of nummer").fill(number)
    await each.button("Zoek").click()
    await each.sees("2 mails")
    await each.look()
    await page.get_by_role("list", name="Mails, de nieuwste eerst").get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    await expect(page.frame_locator("iframe").get_by_text(number).first).to_be_visible()
    await each.look()
    await page.goto(f"{each.house.url}/postvak/?zoek=bestaat-niet")
    await each.look()
    await page.goto(f"{each.house.url}/demo/")
    await each.look()
