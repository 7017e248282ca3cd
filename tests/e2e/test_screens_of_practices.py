"""What people of a practice see, in every state of docs/pages.md and in the moments that their manual tells of.

The country is the demo's: nobody in it exists.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.async_api import expect

from balie.ordering.models import Campaign
from balie.ordering.services.trial import open_trial
from balie.practices.models import Person, Suggestion, Topic
from tests.e2e.album import Walk
from tests.e2e.house import House
from tests.e2e.night import by_database
from tests.e2e.outside import Rival
from tests.e2e.visitor import Visitor, starting_with_day

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(900)]

ASKED = (
    ("De bestelling als spreadsheet", 14, "planned", "Dat komt in het voorjaar, op de pagina van de bestelling."),
    ("Herinnering op de dag van bezorging", 5, "reading", ""),
)
WAITING, BEFORE_US = 1500, 640
DOSES = 320


async def test_what_a_practice_sees(open_house, visit, album):
    house = open_house(doors_in=3600, opens_in=7200, pace=45)
    house.leave_out_namesakes()
    wishes = house.days[3:6]
    house.prepare(1, doses=DOSES, ranking=[*wishes, *house.days[10:13]])
    house.make_room(*house.days[3:5])
    anna, bilal = await visit(house, "anna"), await visit(house, "bilal")
    walk = Walk(house, album, {"owner": anna, "outsider": bilal, "nobody": await visit(house, "chris")})
    await log_in(walk)
    await anna.page.goto(house.url)
    with house.without_campaign():
        await walk.see("nothing to order")
    fill_suggestions()
    await walk.see("any")
    await walk.see("before the doors")
    await bilal.go("voorbereiden")
    await walk.keep("outsider", "nothing prepared")
    await practise(walk)
    await leave_it_to_balie(walk, await visit(house, "chris"))

    house.move(doors_in=-1)
    house.let_wait(WAITING)
    await walk.see("doors open")
    house.leave(wishes[0], doses=0)
    house.give_away_the_early_days()
    house.move(opens_in=-1)
    await stand_in_line(walk)
    house.call_up_to(WAITING + 2)
    await walk.see("called")
    await wait_for_a_day(walk)
    await order(walk)
    anna = walk.visitors["owner"]
    await anna.go("bestelling/annuleren")
    await anna.page.locator("button[name=do][value=cancel]").click()
    await anna.arrives_at("bestelling")
    await walk.see("cancelled")
    house.move(closes_in=-1)
    await walk.see("closed")


async def test_what_a_practice_sees_that_orders_more(open_house, visit, album):
    house = open_house()
    house.place(1, doses=DOSES, day=house.days[40])
    house.offer_more(early_until=house.days[4])
    anna = await visit(house, "anna")
    dina = await visit(house, "dina")
    walk = Walk(house, album, {"owner": anna, "organiser": dina})
    await anna.log_in()
    await dina.log_in()
    await walk.see("re-ordering")


@by_database
def fill_suggestions() -> None:
    """Of colleagues: one that was answered, and one that is thought about."""
    people = Person.objects.filter(is_organiser=False).order_by("pk")
    for title, count, state, answer in ASKED:
        answered_at = timezone.now() if answer else None
        topic = Topic.objects.create(title=title, state=state, answer=answer, answered_at=answered_at)
        for person in people[:count]:
            Suggestion.objects.create(person=person, text=title, topic=topic)


async def log_in(walk: Walk) -> None:
    """With a picture of the second step, and of its being lost."""
    anna, bilal = walk.visitors["owner"], walk.visitors["outsider"]
    await anna.log_in()
    await bilal.page.goto(walk.house.url)
    await bilal.give_password()
    await expect(bilal.heading("Vul de code uit uw app in")).to_be_visible()
    await walk.keep("outsider", "second step")
    await bilal.page.get_by_text("Ik kan mijn tweede stap niet gebruiken").click()
    await walk.keep("outsider", "second step lost")
    await bilal.button("Stop met inloggen").click()
    await expect(bilal.heading("Log in bij Balie")).to_be_visible()
    await bilal.log_in()


async def practise(walk: Walk) -> None:
    """The trial, as far as its order."""
    anna = walk.visitors["owner"]
    trial = let_practise(walk.house, minutes=50)
    await anna.go("voorbereiden")
    await walk.keep("owner", "trial offered")
    await walk.see("trial", trial)
    await anna.page.locator("[data-hold]").click()
    await expect(anna.page).to_have_url(re.compile("/kalender/$"))
    await anna.button("Bestel definitief").first.click()
    await anna.sees("Aangenomen door uw mailserver")
    await walk.keep("owner", "trial placed")
    let_practise(walk.house, minutes=0.01)


@by_database
def let_practise(house: House, *, minutes: float) -> Campaign:
    return open_trial(campaign=house.campaign, until=timezone.now() + timedelta(minutes=minutes), actor=None)


async def leave_it_to_balie(walk: Walk, chris: Visitor) -> None:
    """Chris works for two practices, and is going to sleep."""
    walk.visitors = {**walk.visitors, "sleeper": chris}
    walk.house.prepare(3, doses=DOSES, ranking=walk.house.days[5:10])
    await chris.log_in()
    await walk.keep("sleeper", "two practices")
    await chris.button(re.compile("^Kies Huisartsen Het Spinnewiel")).click()
    await chris.arrives_at("voorbereiden")
    await chris.page.get_by_label("Bestel voor mij", exact=True).check()
    await chris.button("Bewaar mijn bestelling").click()
    await chris.sees("door Chris Bakker")
    await walk.keep("sleeper", "left to Balie")


async def stand_in_line(walk: Walk) -> None:
    anna, house = walk.visitors["owner"], walk.house
    await anna.go("wachtkamer")
    own = int((await anna.number()).replace(".", ""))
    house.call_up_to(max(0, own - BEFORE_US - 1))
    await anna.sees("U bent waarschijnlijk aan de beurt tussen")
    await expect(anna.heading("De loting klopt")).to_be_visible()
    await walk.keep("owner", "number")


async def wait_for_a_day(walk: Walk) -> None:
    """One that is full; what is offered is refused."""
    anna, house = walk.visitors["owner"], walk.house
    day = house.days[4]
    house.fill(day)
    await anna.go("wachtlijst")
    await anna.page.get_by_label("Bezorgdag").select_option(day.isoformat())
    await anna.button("Zet mij op de wachtlijst").click()
    await expect(anna.heading("U staat op de wachtlijst")).to_be_visible()
    await walk.see("waiting for a day")
    house.leave(day, doses=10 * DOSES)
    await house.until_swapped("")
    await walk.see("offered a day")
    await anna.go("wachtlijst")
    await anna.button("Ik wil dit niet").click()
    await anna.sees("U staat niet meer op de wachtlijst.")
    house.leave(day, doses=0)


async def order(walk: Walk) -> None:
    """A date that is just full, another one, and the order; a clock that stands still on the way."""
    anna, house = walk.visitors["owner"], walk.house
    gone, *others = house.days[10:13]  # what is still free of its list
    await anna.go("wachtkamer")
    hold = anna.button(starting_with_day(gone, before="Houd ", weekday=False))
    await expect(hold).to_be_visible()
    anna.eyes.expect(r"409 POST /live/orders/\d+/hold")
    async with Rival(house) as rival, anna.holding_back("**/hold") as let_go:
        await rival.come_in()
        for day in others:
            house.leave(day, doses=0)
        house.leave(gone, doses=DOSES + 100)
        await hold.click()
        await rival.order(gone, doses=200)
        let_go()
        await expect(anna.page.get_by_role("alert")).to_contain_text("net vol")
    await walk.keep("owner", "date gone")
    await anna.page.get_by_role("alert").get_by_role("button").first.click()
    await anna.arrives_at("kalender")
    await walk.see("holding")
    await anna.go("kalender")
    await anna.page.get_by_role("link", name="Tabel").click()
    await walk.keep("owner", "calendar as a table")
    await anna.page.get_by_role("link", name="Kalender").click()
    house.shorten(1, seconds=61)
    await expect(anna.page.get_by_role("alert")).to_contain_text("Nog 1 minuut")
    await walk.keep("owner", "last minute")
    house.shorten(1, seconds=200)
    await anna.go("kalender")
    await expect(anna.held).to_be_visible()
    for each in walk.visitors.values():
        each.eyes.expect("503 GET /live/health")
    house.kill(house.work)
    await anna.sees("De klok staat stil")
    await walk.keep("owner", "clock stands still")
    await house.revive()
    await anna.sees("Wij zijn er weer")
    await anna.button("Bestel definitief").first.click()
    await anna.arrives_at("bestelling")
    await anna.sees("Aangenomen door uw mailserver")
    await walk.see("ordered")
