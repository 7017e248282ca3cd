"""A consultatie among people who read English: what a team agreed, taking over from who is away, and withdrawing."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.house import House
from tests.e2e.test_econsults import read_english
from tests.e2e.test_keys import make_keys
from tests.e2e.test_talking import message, open_talk
from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

HOURS = "Consultation, within 48 hours"


async def test_a_team_agrees_takes_over_and_is_told_that_it_is_withdrawn(open_house, visit):
    """Who asks has a phone, and so has one of the team."""
    house = open_house()
    anna, emma, bilal = (
        await visit(house, "anna"),
        await visit(house, "emma", size=PHONE),
        await visit(house, "bilal", size=PHONE),
    )
    for each in (anna, emma, bilal):
        await each.log_in()
        await make_keys(each)
        await read_english(each)
        await open_talk(each)
    await make_a_team(anna)
    await agree(anna)
    await ask(bilal, "Does this fit heart failure?")
    await take_over(anna, emma)
    await answer_too_late(house, bilal, emma)
    await ask_again(bilal, "And is this a rash?")
    await withdraw(bilal, emma)


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog")


async def make_a_team(anna: Visitor) -> None:
    await anna.page.get_by_role("link", name="Your teams").click()
    await anna.page.get_by_label("Name of the team").fill("Heart team")
    await anna.page.get_by_role("checkbox", name="Emma Visser").check()
    await anna.button("Make the team").click()
    await anna.sees("2 people")


async def agree(anna: Visitor) -> None:
    """What everybody gets is three working days."""
    await anna.button("Who is in it", exact=False).click()
    choice = anna.page.get_by_label("How soon does this team answer a consultation?")
    await expect(choice.locator("option:checked")).to_have_text("As everybody: within 3 working days")
    await anna.look()
    await choice.select_option(HOURS)
    await anna.button("Keep the agreement").click()
    await anna.sees("Kept.")
    await anna.page.reload()
    await anna.page.goto(f"{anna.house.url}/gesprekken/#teams")
    await anna.button("Who is in it", exact=False).click()
    await expect(choice.locator("option:checked")).to_have_text(HOURS)
    await anna.page.keyboard.press("Escape")


async def ask(bilal: Visitor, question: str) -> None:
    await bilal.button("New").click()
    await bilal.page.get_by_label("Search by name").and_(bilal.page.locator(":visible")).fill("heart")
    await bilal.page.get_by_role("checkbox", name=re.compile("^Heart team")).check()
    await bilal.button("Begin the conversation").click()
    await ask_again(bilal, question)


async def ask_again(bilal: Visitor, question: str) -> None:
    await bilal.button("Ask a consultation").click()
    await expect(bilal.page.get_by_label("Kind and agreement").locator("option:checked")).to_have_text(HOURS)
    await bilal.page.get_by_label("Your question").fill(question)
    await bilal.page.get_by_label("Complaints and course").fill("For two weeks.")
    await bilal.look()
    await dialog(bilal).get_by_role("button", name="Send the question").click()
    await expect(message(bilal, question)).to_be_visible()


async def take_over(anna: Visitor, emma: Visitor) -> None:
    """Anna picks it up and is away; Emma, of the same team, takes it over."""
    for each in (anna, emma):
        await each.page.goto(f"{each.house.url}/gesprekken/#consultaties")
        await each.page.get_by_role("list", name="To pick up").get_by_role("link").click()
    await anna.button("Pick up").click()
    await anna.sees("picked up by You")
    await emma.button("Take over").click()
    await emma.sees("Anna de Vries has this question now.")
    await emma.look()
    await emma.button("Take over the question").click()
    await emma.sees("picked up by You")
    await anna.sees("picked up by Emma Visser")
    await emma.look()


async def answer_too_late(house: House, bilal: Visitor, emma: Visitor) -> None:
    house.miss_the_time_of_consultations()
    await house.until_mailed("consultation_late", *(house.people[name].email for name in ("bilal", "anna", "emma")))
    await emma.sees(re.compile("past its time: was due"))
    await bilal.sees(re.compile("past its time: was due"))
    await bilal.look()
    await emma.button("Conclude").click()
    await emma.page.get_by_label("Conclusion and advice").fill("Probably not.")
    await dialog(emma).locator("button[type=submit]").click()
    await emma.sees("concluded by You")
    await expect(message(bilal, "Probably not.")).to_be_visible()


async def withdraw(bilal: Visitor, emma: Visitor) -> None:
    """Emma picks it up, and sees that nobody needs her answer any more."""
    await emma.button("Pick up").click()
    await emma.sees("picked up by You")
    await bilal.button("Withdraw the question").click()
    await bilal.page.get_by_label("Why? (may be empty)").fill("It went away by itself.")
    await bilal.look()
    await dialog(bilal).get_by_role("button", name="Withdraw the question").click()
    await bilal.sees(re.compile("withdrawn by You"))
    await expect(bilal.button("Ask a consultation")).to_be_visible()
    await emma.sees(re.compile("withdrawn by Bilal Aydin"))
    await expect(message(emma, "It went away by itself.")).to_be_visible()
    await expect(emma.button("Conclude")).to_have_count(0)
    await emma.look()
    await emma.page.goto(f"{emma.house.url}/gesprekken/#consultaties")
    await emma.sees("Nothing waits for your teams.")
    await emma.look()
