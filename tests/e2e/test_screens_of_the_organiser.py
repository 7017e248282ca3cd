"""What the organiser's staff see, in every state of docs/pages.md and in the moments that their manual tells of."""

import re

import pytest
from playwright.async_api import expect

from balie.practices.importing.jobs import upload_import
from balie.practices.models import Person
from balie.practices.tests.workbooks import EIK, HEADER, LINDE, make_workbook
from tests.e2e.album import Walk
from tests.e2e.night import by_database
from tests.e2e.outside import order_for_all
from tests.e2e.test_screens_of_practices import let_practise
from tests.e2e.visitor import Visitor, starting_with_day

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(900)]

ORDERED = 60
DOSES = 320
BOUNCING = {290: ["bounce@proef.example", "beheer@proef.example"], 291: ["bounce-vol@proef.example"]}
FILES = {
    "an import": (
        "praktijken.xlsx",
        make_workbook(HEADER, [1234567, *LINDE[1:]], [EIK[0], EIK[1], "2.095,0", *EIK[3:]]),
    ),
    "an import without mistakes": ("hersteld.xlsx", make_workbook(HEADER, LINDE, EIK)),
}


async def test_what_the_organiser_sees(open_house, visit, album):
    house = open_house(doors_in=3600, opens_in=7200, bouncing=True)
    house.leave_out_namesakes()
    house.prepare(1, doses=DOSES, ranking=house.days[20:23])
    dina = await visit(house, "dina")
    walk = Walk(house, album, {"organiser": dina})
    await dina.log_in()
    with house.without_campaign():
        await walk.see("nothing to order")
    await walk.see("any")
    await import_practices(walk)
    await walk.see("before the doors")
    await find_somebody(walk)
    dina.eyes.expect(r"404 GET /stream/\d+/night")  # of a campaign that is that new
    await walk.see("trial", let_practise(house, minutes=50))
    await dina.page.goto(f"{house.url}/regiekamer/{house.campaign.slug}/oefenen/")
    await walk.keep("organiser", "trial open")

    house.move(doors_in=-3000, opens_in=-1500)
    house.let_in(1)
    await order_for_all(house, ORDERED)
    house.set_pace(60)
    house.let_in(*range(150, 280))
    house.let_wait(300)
    house.spread_over(minutes=20)
    await walk.see("called")
    await answer_the_phone(walk)
    for practice, emails in BOUNCING.items():
        house.order(practice, doses=DOSES, day=house.days[25], emails=emails)
    await expect_lost_mails(dina)
    house.fill(house.days[2])
    house.let_wait_for(house.days[2], doses=DOSES, most=4)
    await walk.see("ordered")
    house.move(closes_in=-1)
    await walk.see("closed")


async def import_practices(walk: Walk) -> None:
    """A file with mistakes, and the mended one."""
    dina, house = walk.visitors["organiser"], walk.house
    for name, content in FILES.values():
        upload(house, name, content)
        if name == "praktijken.xlsx":
            await walk.see("an import")
    await dina.page.get_by_role("link", name="Upload het herstelde bestand").click()
    await dina.page.get_by_role("link", name="hersteld.xlsx").click()
    await expect(dina.heading("Kijk na wat er verandert")).to_be_visible()
    await walk.keep("organiser", "import ready")


@by_database
def upload(house, name: str, content: bytes) -> None:
    upload_import(content=content, file_name=name, actor=Person.objects.get(email=house.people["dina"].email))


async def find_somebody(walk: Walk) -> None:
    """Who lost a second step."""
    dina, house = walk.visitors["organiser"], walk.house
    await dina.page.goto(f"{house.url}/mensen/")
    await dina.page.get_by_label("Zoek op naam, e-mailadres of AGB-code").fill(house.people["bilal"].email)
    await dina.button("Zoek").click()
    await dina.page.get_by_role("link", name="Bilal Aydin").click()
    await dina.page.get_by_text("Laat één keer toe zonder").click()
    await walk.keep("organiser", "let in once")


async def answer_the_phone(walk: Walk) -> None:
    """Somebody phones, and staff order for them as far as the calendar; then a pause and a word to everybody."""
    dina, house = walk.visitors["organiser"], walk.house
    wish = house.days[20]
    code = house.practice(1)[1]
    await dina.page.goto(f"{house.url}/regiekamer/{house.campaign.slug}/praktijken/{code}/")
    await dina.page.get_by_label("Wie belde, en waarom?").fill("Mevrouw De Vries belde: computer stuk")
    await dina.button("Bestel namens de praktijk").click()
    hold = dina.button(starting_with_day(wish, before="Houd ", after="voor mij vast", weekday=False))
    await expect(hold).to_be_visible()
    await walk.keep("organiser", "order by phone")
    await hold.click()
    await dina.arrives_at("kalender")
    await dina.button("Bestel definitief").first.click()
    await dina.arrives_at("bestelling")
    await dina.sees("Aangenomen door uw mailserver")
    await dina.button("Stop").click()
    await dina.page.goto(f"{house.url}/regiekamer/{house.campaign.slug}/praktijken/{code}/")
    await walk.keep("organiser", "complaint answered")
    await dina.page.goto(f"{house.url}/regiekamer/{house.campaign.slug}/")
    await dina.sees(re.compile("stand van"))
    await dina.page.get_by_text("Pauzeer toelaten").click()
    await walk.keep("organiser", "pause")


async def expect_lost_mails(dina: Visitor) -> None:
    rows = dina.page.get_by_role("heading", name=re.compile(r"^B\d\d-"))
    while await rows.count() < len(BOUNCING):
        await dina.page.goto(f"{dina.house.url}/regiekamer/{dina.house.campaign.slug}/mails/")
