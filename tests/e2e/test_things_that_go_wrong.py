"""What people see when something goes wrong, and how they get on from there: always by what the page itself offers."""

import json
import re
import time
from datetime import date

import pytest
from playwright.async_api import Error, Request, Route, expect

from tests.e2e.outside import Rival
from tests.e2e.visitor import PHONE, Visitor, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

DOSES = 320
REFUSED = r"409 POST /live/orders/\d+/hold"
# While nobody answers: whatever the page asks for.
NO_ANSWER = r"failed .*: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)"


async def be_called(each: Visitor) -> None:
    await each.log_in()
    await expect(each.heading("U bent aan de beurt")).to_be_visible()


async def hold_first(each: Visitor, day: date) -> None:
    """From the turn to the calendar with the first choice."""
    await each.button(starting_with_day(day, before="Houd ", weekday=False)).click()
    await each.arrives_at("kalender")
    await expect(each.held).to_have_text(starting_with_day(day))
    await expect(each.day(day)).to_have_attribute("aria-pressed", "true")


async def test_a_date_that_is_just_full_offers_others(open_house, visit):
    house = open_house()
    full, small, soon_held, wish, other, *_, late = house.days[7:15]
    house.prepare(1, doses=DOSES, ranking=[wish])
    house.give_away_the_early_days()
    for day, left in {full: 0, small: DOSES - 100}.items():
        house.leave(day, doses=left)
    for day in (soon_held, wish, late):
        house.leave(day, doses=DOSES + 100)
    anna = await visit(house, "anna")
    anna.eyes.expect(REFUSED)
    async with Rival(house) as rival, Rival(house, 1) as second, Rival(house, 2) as third:
        for each in (rival, second, third):
            await each.come_in()
        await third.hold(soon_held, doses=200)
        await be_called(anna)
        async with anna.holding_back("**/hold") as let_go:
            await anna.button(starting_with_day(wish, before="Houd ", weekday=False)).click()
            await rival.order(wish, doses=200)
            let_go()
            await expect(anna.page.get_by_role("alert")).to_contain_text(starting_with_day(wish, "is net vol"))
        await anna.sees("U heeft nog niets verloren. Dichtbij zijn vrij:")
        await expect(anna.page.get_by_role("link", name="Ik kies zelf in de kalender")).to_be_visible()
        await anna.look()
        await anna.button(starting_with_day(other)).click()
        await anna.arrives_at("kalender")
        await expect(anna.held).to_have_text(starting_with_day(other))
        for state in ("vrij", "even bezet", "te weinig", "vol", "uw datum"):
            await expect(anna.page.locator(".balie-day__state").get_by_text(state, exact=True).first).to_be_visible()
        await anna.look()

        async with anna.holding_back("**/hold") as let_go:
            await anna.day(late).click()
            await second.order(late, doses=200)
            let_go()
            await expect(anna.page.get_by_role("alert")).to_contain_text(starting_with_day(late, "is net vol"))
        await anna.sees("Uw tijd loopt door en u houdt")
        await expect(anna.held).to_have_text(starting_with_day(other))
        await anna.look()
        alternative = anna.page.get_by_role("alert").get_by_role("button").first
        name = await alternative.inner_text()
        await alternative.click()
        await expect(anna.held).to_have_text(name)


async def test_a_window_that_lapses_begins_again(open_house, visit):
    house = open_house()
    day = house.days[3]
    house.prepare(2, doses=DOSES, ranking=[day])
    bilal = await visit(house, "bilal", size=PHONE)
    await be_called(bilal)
    await hold_first(bilal, day)
    alert = bilal.page.get_by_role("alert")
    house.shorten(2, seconds=61)
    await expect(alert).to_contain_text("Nog 1 minuut")
    await bilal.look()
    house.shorten(2, seconds=16)
    await expect(alert).to_contain_text("Nog 15 seconden")
    await bilal.look()
    house.shorten(2, seconds=1)
    await bilal.sees("Uw 5 minuten zijn voorbij")
    await bilal.sees(re.compile("Er is niets besteld. .* is weer vrijgegeven. U mag meteen opnieuw beginnen"))
    await expect(bilal.page).to_have_title("Uw tijd is voorbij – Balie")
    await bilal.look()
    await bilal.button("Begin opnieuw").click()
    await expect(bilal.held).to_have_text(starting_with_day(day))
    await bilal.button("Geef mijn datum terug").click()
    await bilal.sees(starting_with_day(day, "is teruggegeven", weekday=False))
    await bilal.look()
    await bilal.day(day).click()
    await bilal.button("Bestel definitief").first.click()
    await bilal.arrives_at("bestelling")


async def test_a_server_that_dies_loses_no_click(open_house, visit):
    """Killed twice while the calendar is open; the second time Anna presses, and in the end the answer is lost too."""
    house = open_house()
    day = house.days[3]
    house.prepare(1, doses=DOSES, ranking=[day])
    anna = await visit(house, "anna")
    await be_called(anna)
    await hold_first(anna, day)
    anna.eyes.expect(NO_ANSWER)

    house.kill(house.serve)
    await see_no_connection(anna)
    await anna.look()
    await house.revive()
    await expect(anna.page.get_by_text("Geen verbinding met Balie")).to_have_count(0)
    await anna.sees(re.compile("^Live: stand van "))

    confirmed: list[str] = []
    anna.page.on("request", lambda request: _note_key(request, confirmed))
    house.kill(house.serve)
    await see_no_connection(anna)
    await anna.button("Bestel definitief").click()
    await expect(anna.button("Uw klik telt. Wij proberen het opnieuw …")).to_be_visible()
    await anna.look()
    await lose_an_answer(anna, "**/confirm")
    await house.revive()
    await anna.arrives_at("bestelling")
    number, key = house.order_of(1)
    assert set(confirmed) == {key}
    assert len(confirmed) > 2
    await expect(anna.page.get_by_text(number, exact=True)).to_be_visible()


async def see_no_connection(anna: Visitor) -> None:
    await anna.sees("Geen verbinding met Balie")
    await anna.sees(re.compile(r"Wat u ziet is van \d+ s geleden"))
    await anna.sees(re.compile(r"^Stand van \d+(,\d)? s geleden"))


async def lose_an_answer(anna: Visitor, pattern: str) -> None:
    """The next request like this that is answered will be done, and its answer does not arrive."""
    lost = False

    async def lose(route: Route) -> None:
        nonlocal lost
        try:
            answer = await route.fetch()
        except Error:  # nobody there yet
            await route.abort("connectionrefused")
            return
        if lost:
            await route.fulfill(response=answer)
        else:
            lost = True
            await route.abort("connectionreset")

    await anna.page.route(pattern, lose)


def _note_key(request: Request, keys: list[str]) -> None:
    if request.url.endswith("/confirm"):
        keys.append(json.loads(request.post_data or "{}")["key"])


async def test_while_the_clock_stands_still_nobody_loses_time(open_house, visit):
    """Anna orders meanwhile; Bilal waits until it goes on; Chris stands in line."""
    house = open_house()
    day = house.days[3]
    for practice in (1, 2, 3):
        house.prepare(practice, doses=DOSES, ranking=[day, house.days[5]])
    anna, bilal = await visit(house, "anna"), await visit(house, "bilal", size=PHONE)
    chris = await visit(house, "chris")
    for each in (anna, bilal):
        await be_called(each)
        await hold_first(each, day)
    house.pause()
    await chris.log_in()
    await chris.button(re.compile("^Kies ")).first.click()
    await chris.sees("De organisatie roept nu even niemand op.")

    anna.eyes.expect("503 GET /live/health")
    house.kill(house.work)
    for each in (anna, bilal, chris):
        await each.sees("De klok staat stil")
        await expect(each.page).to_have_title("De klok staat stil – Balie")
    await bilal.sees("Uw tijd loopt niet")
    left, since = await seconds_left(bilal), time.monotonic()
    for each in (anna, bilal, chris):
        await each.look()
    assert await seconds_left(bilal) == left
    await anna.button("Bestel definitief").click()
    await anna.arrives_at("bestelling")
    await expect(anna.page.get_by_text("Onderweg", exact=True).first).to_be_visible()
    await anna.sees("Er is een storing bij ons")
    await anna.look()

    stood_s = time.monotonic() - since
    await house.revive()
    await bilal.sees("Wij zijn er weer")
    await bilal.sees(re.compile("U heeft nog .*, net als voor de storing."))
    assert left - await seconds_left(bilal) < stood_s
    await bilal.look()
    await bilal.button("Bestel definitief").first.click()
    await bilal.arrives_at("bestelling")
    await expect(anna.page.get_by_text("Aangenomen door uw mailserver", exact=True).first).to_be_visible()
    house.resume()
    await expect(chris.heading("U bent aan de beurt")).to_be_visible()


async def seconds_left(each: Visitor) -> int:
    """As a screen reader hears it: `Nog 4 minuten en 58 seconden`."""
    words = await each.page.get_by_role("timer").get_attribute("aria-label") or ""
    minutes, seconds = re.search(r"(\d+) minu", words), re.search(r"(\d+) seco", words)
    return 60 * int(minutes[1] if minutes else 0) + int(seconds[1] if seconds else 0)


async def test_two_practices_in_two_tabs_do_not_mix(open_house, visit):
    house = open_house()
    first, second = house.days[3:5]
    for practice in (3, 4):
        house.prepare(practice, doses=DOSES, ranking=[first])
    chris = await visit(house, "chris")
    await chris.log_in(looking=True)
    await expect(chris.heading("Voor welke praktijk werkt u nu?")).to_be_visible()
    await chris.look()
    await chris.button(re.compile("^Kies Huisartsen Het Spinnewiel")).click()
    await expect(chris.heading("U bent aan de beurt")).to_be_visible()
    await hold_first(chris, first)

    elsewhere = await visit(house, "chris", beside=chris)
    await elsewhere.go("voorbereiden")
    await elsewhere.page.locator("summary.balie-switch").click()
    await elsewhere.look()
    await elsewhere.button(re.compile("^Huisartsenpraktijk Waterkant")).click()
    await expect(elsewhere.heading("U bent aan de beurt")).to_be_visible()

    chris.eyes.expect(REFUSED, r"409 GET /(live|stream)/.*practice=3")
    await chris.day(second).click()
    await chris.sees("In een ander tabblad koos u een andere praktijk.")
    await chris.look()
    await expect(chris.held).to_have_text(starting_with_day(first))
    await chris.page.get_by_role("link", name="Laad opnieuw").click()
    await chris.sees("Huisartsenpraktijk Waterkant")
    await expect(chris.heading("Kies uw bezorgdag")).to_be_visible()
