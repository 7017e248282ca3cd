"""The organiser sees the night live and acts in it; practices see at once what the organiser does, and nothing else."""

import re
import time

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.outside import Rival, order_for_all
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

MESSAGE = "Wij pauzeren tien minuten. Uw nummer blijft geldig."
WITHIN_S = 2.0
BEFORE = 80  # orders of the night so far


async def test_the_organiser_directs_the_night(open_house, visit):
    house = open_house(doors_in=-3000, opens_in=-1500)
    house.prepare(2, doses=320, ranking=house.days[3:6])
    dina, bilal = await visit(house, "dina"), await visit(house, "bilal")
    await dina.log_in()
    await expect(dina.page).to_have_url(f"{house.url}/regiekamer/{house.campaign.slug}/")
    await expect(dina.heading("Nog niemand in de wachtkamer")).to_be_visible()
    await dina.look()

    async with Rival(house, BEFORE) as rival:
        await rival.come_in()
        await expect(figure(dina, "Binnen")).to_have_text("1")
        await expect(dina.heading(re.compile("^Het loopt: "))).to_be_visible()
        await rival.order(house.days[-1], doses=200)
        await expect(figure(dina, "Binnen")).to_have_text("0")
        await expect(figure(dina, "Bestellingen")).to_have_text("1")
        await expect(figure(dina, "Doses")).to_have_text("200")
        await expect(figure(dina, "Te veel weggegeven")).to_have_text("0")
    await order_for_all(house, BEFORE)
    await expect(figure(dina, "Bestellingen")).to_have_text(str(BEFORE + 1))
    await expect(figure(dina, "Mail in wachtrij")).to_have_text("0")
    house.set_pace(60)
    house.let_wait(400)
    house.spread_over(minutes=20)
    await dina.page.reload()
    await expect(figure(dina, "Wachtend")).to_have_text(re.compile("^[34][0-9][0-9]$"))
    await dina.look()

    await pause(dina)
    await bilal.log_in()
    await bilal.sees("De organisatie roept nu even niemand op.")
    await send_message(dina, bilal)
    await speed_up(dina)
    await resume(dina)
    house.call_up_to(BEFORE + 500)
    await expect(bilal.heading("U bent aan de beurt")).to_be_visible()


def figure(dina: Visitor, name: str) -> Locator:
    figures = dina.page.locator(".balie-figure").filter(has=dina.page.get_by_role("term").get_by_text(name, exact=True))
    return figures.locator(".balie-figure__value")


async def pause(dina: Visitor) -> None:
    await dina.page.get_by_text("Pauzeer toelaten").click()
    await dina.look()
    asked = dina.page.locator("form").filter(has=dina.button("Pauzeer nu"))
    await asked.get_by_label("Reden").fill("   ")
    dina.eyes.expect(r"422 POST /regiekamer/")
    await dina.button("Pauzeer nu").click()
    await expect(dina.page.get_by_role("alert")).to_have_text(re.compile("Geef een reden; die komt in het logboek."))
    await dina.look()
    await asked.get_by_label("Reden").fill("Even overleggen")
    await dina.button("Pauzeer nu").click()
    await dina.sees("Toelaten staat op pauze. Wie binnen is, gaat gewoon verder.")
    await expect(dina.page.get_by_role("listitem").filter(has_text="Reden: Even overleggen")).to_be_visible()
    await dina.look()


async def send_message(dina: Visitor, bilal: Visitor) -> None:
    """It is on the screens of those who wait within two seconds."""
    await dina.page.get_by_label("Eén bericht aan iedereen die wacht").fill(MESSAGE)
    await dina.button(re.compile("^Toon aan [34][0-9][0-9] praktijken")).click()
    await dina.sees("Iedereen die wacht, ziet nu uw bericht.")
    sent_at = time.monotonic()
    await bilal.sees(MESSAGE)
    assert time.monotonic() - sent_at < WITHIN_S
    await bilal.sees(re.compile(r"^Bericht van de organisatie, \d\d\.\d\d uur"))
    await bilal.look()
    await dina.look()


async def speed_up(dina: Visitor) -> None:
    await dina.button("5 meer per minuut").click()
    form = dina.page.locator("form").filter(has=dina.button("Zet op 65 per minuut"))
    await form.get_by_label("Reden").fill("Het loopt goed")
    await dina.look()
    await dina.button("Zet op 65 per minuut").click()
    await dina.sees("Het tempo is nu 65 praktijken per minuut.")


async def resume(dina: Visitor) -> None:
    await dina.page.get_by_text("Laat weer praktijken toe").click()
    asked = dina.page.locator("form").filter(has=dina.button("Ga nu verder"))
    await asked.get_by_label("Reden").fill("Alles is in orde")
    await dina.look()
    await dina.button("Ga nu verder").click()
    await dina.sees("Er worden weer praktijken toegelaten.")


async def test_a_practice_finds_no_control_room(open_house, visit):
    house = open_house()
    anna = await visit(house, "anna")
    anna.eyes.expect(r"404 GET /(regiekamer|stream)/")
    await anna.log_in()
    for path in (f"/regiekamer/{house.campaign.slug}/", f"/regiekamer/{house.campaign.slug}/logboek/"):
        answer = await anna.page.goto(house.url + path)
        assert answer is not None
        assert answer.status == 404
        await expect(anna.heading("Deze pagina is er niet")).to_be_visible()
        await anna.look()
    status = await anna.page.evaluate(f"async () => (await fetch('/stream/{house.campaign.pk}/night')).status")
    assert status == 404
