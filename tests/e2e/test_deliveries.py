"""A delivery day goes from the organiser to the distributor, who sees that day and nothing else."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.async_api import expect

from balie.ordering.dayfile import read_file
from balie.ordering.models import Campaign, Consignment, OrderLine, Product
from balie.ordering.services.consignments import hand_over_day
from balie.practices.models import Person
from balie.practices.templatetags.balie import day_and_year
from balie.practices.testing import confirm_second_factor, make_person
from tests.e2e.night import by_database
from tests.e2e.outside import order_for_all
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def test_a_day_is_handed_over_and_fetched(open_house, visit, tmp_path):
    house = open_house(doors_in=-3000, opens_in=-1500)
    house.let_in(1)
    await order_for_all(house, 12)
    day = let_it_be_late(house.campaign)
    dina = await visit(house, "dina", size=PHONE)
    await dina.log_in()
    await dina.page.get_by_role("link", name="Bezorging", exact=True).click()
    await dina.look()
    await dina.page.get_by_role("link", name=day).click()
    await dina.sees("Er is nog geen bestand.")
    await dina.look()
    await dina.button("Draag deze dag over").click()
    await dina.sees("Versie 1 staat klaar voor de distributeur.")
    await dina.look()
    async with dina.page.expect_download() as coming:
        await dina.page.get_by_role("link", name="Download het bestand").click()
    kept = tmp_path / "bezorging.json"
    await (await coming.value).save_as(kept)
    file = read_file(kept.read_bytes())
    await expect(dina.page.get_by_text(file.stops[0].practice).first).to_be_visible()

    await dina.page.context.clear_cookies()
    await dina.page.context.add_cookies([{"name": "sessionid", "value": driver(), "url": house.url}])
    await dina.page.goto(house.url)
    await expect(dina.heading("Bezorging")).to_be_visible()
    await dina.look()
    await expect(dina.page.locator(".balie-row a")).to_have_count(1)
    await expect(dina.page.get_by_role("link", name="Regiekamer")).to_have_count(0)
    await dina.button("English").click()
    await dina.page.locator(".balie-row a").click()
    await dina.sees("File for the distributor")
    await dina.look()
    await expect(dina.page.get_by_role("button", name="Make a new version")).to_have_count(0)
    assert json.loads(kept.read_text(encoding="utf-8"))["version"] == 1
    await give_times(dina, [stop.delivery for stop in file.stops])


async def test_a_practice_says_what_came_from_its_phone(open_house, visit):
    """Short, and warm: the page says what to do, and staff see it with a number to phone."""
    house = open_house(doors_in=-3000, opens_in=-1500)
    house.place(1, doses=300, day=house.days[0])
    house.end_free_changes()
    let_it_have_come(house.campaign, house.days[0])
    anna = await visit(house, "anna", size=PHONE)
    await anna.log_in()
    await anna.page.get_by_role("link", name="Meld wat er kwam").click()
    await expect(anna.heading("Bezorgingen")).to_be_visible()
    await anna.look()
    await anna.page.get_by_role("link", name=re.compile("^Meld wat er kwam")).click()
    await anna.look()
    counted = anna.page.get_by_label("Doses gekomen")
    await expect(counted).to_be_hidden()
    await anna.page.get_by_label("Ja, maar er is te weinig").check()
    await counted.fill("280")
    await anna.page.get_by_label("verkleurd of geeft alarm").check()
    await anna.page.get_by_label("Na hoeveel minuten lag alles").fill("15")
    await anna.look()
    anna.eyes.expect("422 POST /bestellen/")
    await anna.button("Meld dit").click()
    await anna.sees("Gebruik deze doses niet.")
    await anna.look()
    await anna.page.get_by_label("Wat is er gebeurd").fill("De koeling van de bus was uit")
    await anna.page.get_by_label("Wie kunnen wij bellen").fill("Anna, 06 12345678")
    await anna.page.get_by_label("De doses liggen apart").check()
    await anna.button("Meld dit").click()
    await anna.sees("koude keten onderbroken")
    await anna.button("English").click()
    await anna.sees("cold chain broken")
    await anna.look()
    await anna.page.get_by_role("link", name=re.compile("^See your report")).click()
    await anna.sees("280 of 300 came")
    await anna.page.set_viewport_size(WIDE)
    await anna.look()

    dina = await visit(house, "dina")
    await dina.log_in()
    moved = f"{house.url}/bezorging/{house.campaign.slug}/{timezone.localdate()}/ontvangst/"
    await dina.page.goto(moved)
    await dina.sees("De koeling van de bus was uit")
    await dina.look()
    await dina.page.set_viewport_size(PHONE)
    await dina.look()


async def test_a_practice_accounts_for_its_doses(open_house, visit):
    """It sees what that costs before it sends it; staff see who paid what and who said nothing."""
    house = open_house(doors_in=-3000, opens_in=-1500)
    for practice in (1, 5):
        house.place(practice, doses=300, day=house.days[0])
    house.end_free_changes()
    let_it_have_come(house.campaign, house.days[0])
    let_it_end(house.campaign)
    anna = await visit(house, "anna", size=PHONE)
    await anna.log_in()
    await anna.page.goto(f"{house.url}/bestellen/{house.campaign.slug}/bezorgingen/")
    await anna.page.get_by_role("link", name="Verantwoord uw doses").click()
    await anna.sees("Zonder verantwoording betaalt u alle doses")
    await anna.look()
    anna.eyes.expect("422 POST /bestellen/")
    await anna.button("Bekijk wat het kost").click()
    await anna.sees("Er is nog niets verstuurd")
    await anna.look()
    await anna.page.get_by_label("Gegeven").fill("270")
    await anna.page.get_by_label("Nog over").fill("30")
    await anna.button("Bekijk wat het kost").click()
    await anna.sees(re.compile("Dit kost u €.103,50"))
    await anna.look()
    await anna.button("Verstuur deze verantwoording").click()
    await anna.sees("Verstuurd. U kunt dit verbeteren")
    await anna.button("English").click()
    await anna.sees(re.compile("You pay €.?103.50"))
    await anna.look()
    await anna.page.set_viewport_size(WIDE)
    await anna.look()

    dina = await visit(house, "dina")
    await dina.log_in()
    await dina.page.goto(f"{house.url}/regiekamer/{house.campaign.slug}/verantwoording/")
    await dina.sees("270 gegeven, 30 verspild")
    await dina.look()
    await dina.page.set_viewport_size(PHONE)
    await dina.look()


@by_database
def let_it_end(campaign) -> None:
    """Practices account for their doses from now on."""
    Campaign.objects.filter(pk=campaign.pk).update(wastage_due=timezone.localdate() + timedelta(days=31))
    Product.objects.filter(campaign=campaign).update(price_cents=690, allowance_permille=[50])


@by_database
def let_it_have_come(campaign, day) -> None:
    """Handed over, and it came today."""
    hand_over_day(campaign=campaign, day=day, actor=Person.objects.filter(is_organiser=True).first())
    Consignment.objects.update(day=timezone.localdate())


async def give_times(driver: Visitor, deliveries: list[int]) -> None:
    """A list with a mistake, and then without."""
    page = driver.page
    await page.get_by_role("link", name="Times of delivery").click()
    await expect(driver.heading(re.compile("^Times of"))).to_be_visible()
    await driver.look()
    rows = [f"{delivery};8:{at % 60:02};11:00" for at, delivery in enumerate(deliveries)]
    for last, words in (("7:00;25:00", "is no time."), ("7:00;9:00", "The times are saved")):
        content = "\n".join(["bezorging;van;tot", *rows[:-1], f"{deliveries[-1]};{last}"])
        file = {"name": "tijden.csv", "mimeType": "text/csv", "buffer": content.encode()}
        await page.get_by_label("The list, filled in").set_input_files(file)
        driver.eyes.expect("422 POST /bezorging/")
        await driver.button("Save these times").click()
        await driver.sees(words)
        await driver.look()
    await page.set_viewport_size(WIDE)
    await driver.look()
    await driver.sees("Each address has a time.")


@by_database
def let_it_be_late(campaign) -> str:
    """Nothing is changed for nothing any more; the first day on which something comes, as the page writes it."""
    Campaign.objects.filter(pk=campaign.pk).update(change_limit=366, change_unit="days")
    return day_and_year(OrderLine.objects.order_by("day").values_list("day", flat=True)[0])


@by_database
def driver() -> str:
    """A session of somebody who drives the lorries."""
    person, client = make_person("Dirk Rijder", is_distributor=True), Client()
    client.force_login(person)
    confirm_second_factor(client, person)
    return client.cookies["sessionid"].value
