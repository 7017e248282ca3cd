"""The organiser sets a campaign up in the browser: its rules, its days, and a change that is seen beforehand."""

import pytest
from playwright.async_api import expect

from balie.ordering.models import Campaign, DeliveryDay
from tests.e2e.night import by_database
from tests.e2e.visitor import PHONE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def test_from_nothing_to_a_campaign_with_days(open_house, visit):
    house = open_house(doors_in=1800, opens_in=3600)
    house.prepare(1, doses=320, ranking=house.days[20:24])
    dina = await visit(house, "dina")
    await dina.log_in()
    await dina.page.get_by_role("link", name="Campagnes").click()
    await dina.look()
    await dina.page.get_by_role("link", name="Nieuwe campagne").click()
    await dina.look()
    dina.eyes.expect("422 POST /regiekamer/")
    await dina.page.get_by_label("Adres", exact=True).fill("Najaar!")
    await dina.button("Maak de campagne").last.click()
    await dina.sees("Gebruik kleine letters, cijfers en streepjes.")
    await dina.look()
    await dina.page.get_by_label("Adres", exact=True).fill("najaar")
    await dina.button("Nog een vaccin").click()
    added = dina.page.get_by_role("group", name="Nieuw vaccin")
    await added.get_by_label("Code").fill("rsv")
    await added.get_by_label("Naam").fill("RS-virus")
    await dina.button("Maak de campagne").last.click()
    await dina.sees("De campagne staat klaar.")
    await dina.look()

    year = stored("najaar").opens_at.year
    await dina.page.get_by_label("Eerste dag", exact=True).fill(f"{year}-12-20")
    await dina.page.get_by_label("Laatste dag").fill(f"{year}-12-31")
    await dina.page.get_by_label("Doses per dag").fill("30.000")
    await dina.button("Maak deze dagen").click()
    await dina.sees("bezorgdagen gemaakt.")
    days = in_calendar("najaar")
    assert f"{year}-12-25" not in days
    await dina.page.get_by_label("Doses", exact=True).first.fill("20000")
    await dina.page.get_by_label("Haal weg").last.check()
    await dina.page.get_by_label("Reden").fill("Minder vaccin dan beloofd")
    await dina.button("Bewaar de dagen").click()
    await dina.sees("2 bezorgdagen gewijzigd.")
    await dina.look()
    assert in_calendar("najaar") == days[:-1]


async def test_a_change_of_rules_is_seen_before_it_is_made(open_house, visit):
    house = open_house(doors_in=1800, opens_in=3600)
    house.prepare(1, doses=320, ranking=house.days[20:24])
    dina = await visit(house, "dina", size=PHONE)
    await dina.log_in()
    await dina.page.goto(f"{house.url}/regiekamer/{house.campaign.slug}/regels/")
    await dina.button("English").click()
    await expect(dina.heading("Rules of the campaign")).to_be_visible()
    await dina.look()
    await dina.page.get_by_label("Minimum", exact=True).first.fill("400")
    await dina.button("See what changes").last.click()
    await dina.sees("put something ready that will no longer do")
    await dina.look()
    await dina.page.get_by_label("Reason").fill("A lorry is lost")
    await dina.button("Put these rules in force now").click()
    await dina.sees("of the rules is in force now")
    await expect(dina.page.get_by_text("A lorry is lost")).to_be_visible()
    await dina.look()


@by_database
def stored(slug: str) -> Campaign:
    return Campaign.objects.get(slug=slug)


@by_database
def in_calendar(slug: str) -> list[str]:
    return [str(day) for day in DeliveryDay.objects.filter(campaign__slug=slug).values_list("day", flat=True)]
