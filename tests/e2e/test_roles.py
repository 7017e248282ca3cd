"""An admin adds an auditor and gives another role; the auditor reads every page and finds nothing to press."""

import pytest
from django.test import Client
from playwright.async_api import expect

from balie.practices.models import OrganiserRole
from balie.practices.testing import confirm_second_factor, make_person
from tests.e2e.night import by_database
from tests.e2e.visitor import PHONE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

READS = ["", "praktijken/", "regels/", "bezorgdagen/", "oefenen/", "open-of-dicht/", "verzoeken/", "verslag/"]


@by_database
def session(name: str, role: OrganiserRole) -> str:
    """Of somebody with this role, logged in with a second factor."""
    person, client = make_person(name, is_organiser=True, organiser_role=role), Client()
    client.force_login(person)
    confirm_second_factor(client, person)
    return client.cookies["sessionid"].value


async def test_an_admin_gives_roles(open_house, visit):
    house = open_house(doors_in=1800, opens_in=3600)
    session("Eva Smit", OrganiserRole.STAFF)
    dina = await visit(house, "dina", size=PHONE)
    await dina.log_in()
    await dina.page.get_by_role("link", name="Mensen").click()
    await dina.page.get_by_text("Iemand erbij").click()
    await dina.look()
    await dina.page.get_by_label("Naam", exact=True).fill("Fred Bos")
    await dina.page.get_by_label("E-mailadres", exact=True).fill("fred@voorbeeld.example")
    await dina.page.get_by_label("auditor: leest alles mee").check()
    await dina.button("Voeg toe").click()
    await dina.sees("Fred Bos krijgt een mail")
    await dina.page.get_by_role("link", name="Eva Smit").click()
    await dina.button("English").click()
    await dina.page.get_by_text("Give another role").click()
    await dina.look()
    await dina.page.get_by_label("Role", exact=True).select_option(label="Administrator")
    await dina.page.locator("#reden-rol").fill("Dina is away in August")
    await dina.button("Save the role").click()
    await dina.sees("Eva Smit is now: Administrator.")
    await dina.look()


async def test_an_auditor_reads_and_finds_nothing_to_press(open_house, visit):
    house = open_house(doors_in=-3000, opens_in=-1500)
    house.let_in(1)
    fred = await visit(house, "dina")
    cookie = {"name": "sessionid", "value": session("Fred Bos", OrganiserRole.AUDITOR), "url": house.url}
    await fred.page.context.add_cookies([cookie])
    for page in READS:
        await fred.page.goto(f"{house.url}/regiekamer/{house.campaign.slug}/{page}")
        await fred.sees("U leest mee als auditor.")
        await fred.look()
        buttons = fred.page.locator("main form[method=post] button[name=do]:not(.sr)")
        assert [await each.is_visible() for each in await buttons.all()].count(True) == 0, page
    await fred.page.get_by_role("link", name="Mensen").click()
    await expect(fred.page.get_by_text("Een beheerder voegt hier mensen toe.")).to_be_visible()
    await fred.look()
