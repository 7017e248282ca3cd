"""Who lost every way in is let in by two colleagues they named, and reads what the team reads."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.test_keys import make_keys, on_a_fresh_device, to_keys
from tests.e2e.test_talking import SENT, message, open_talk, start_talk, write
from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def gather_team(anna: Visitor) -> None:
    """Of Anna, Emma and Femke; Emma administers it too."""
    await open_talk(anna)
    await anna.page.get_by_role("link", name="Uw teams").click()
    await anna.page.get_by_label("Naam van het team").fill("Balieteam")
    for name in ("Emma Visser", "Femke Bos"):
        await anna.page.get_by_role("checkbox", name=name).check()
    await anna.button("Maak het team").click()
    await anna.page.get_by_role("button", name=re.compile("Wie zitten erin")).click()
    people = anna.page.get_by_role("dialog")
    await people.get_by_role("button", name=re.compile("Maak beheerder.*Emma Visser")).click()
    await expect(people.get_by_text("beheerder", exact=True)).to_have_count(2)
    await people.get_by_role("button", name="Sluit").click()


async def name_trustees(femke: Visitor) -> None:
    """Anna and Emma may admit Femke again; the key servers know it too."""
    await to_keys(femke)
    await femke.page.locator("summary", has_text="Kies collega’s").click()
    choice = femke.page.locator("[data-trustees]")
    await choice.get_by_role("checkbox", name=re.compile("Anna")).check()
    await femke.button("Bewaar deze collega’s").click()
    await femke.sees("Kies minstens twee collega’s.")
    await choice.get_by_role("checkbox", name=re.compile("Emma Visser.*beheerder")).check()
    await femke.look()
    await femke.button("Bewaar deze collega’s").click()
    await femke.sees(re.compile("laten twee van hen u weer toe: .*Emma Visser"))
    await femke.sees("Nog niet klaar")
    await femke.look()


async def test_who_lost_everything_comes_back_by_two_colleagues(open_house, visit):
    house = open_house(talking=True)
    house.add_person("Femke Bos", practice=1, has_password=True)
    anna, emma, femke = await visit(house, "anna"), await visit(house, "emma"), await visit(house, "femke", size=PHONE)
    for each in (anna, emma):
        await each.log_in()
    await femke.page.goto(house.url)
    await femke.give_password()
    await femke.page.wait_for_url(lambda url: "/account/" not in url)
    for each in (anna, emma, femke):
        await make_keys(each)
    await gather_team(anna)
    await name_trustees(femke)
    await to_keys(emma)
    await emma.sees("U bent zelf gekozen door Femke Bos.")
    await open_talk(anna)
    await start_talk(anna, "Balieteam")
    await write(anna, "Voor het verlies")
    await expect(message(anna, "Voor het verlies")).to_contain_text(SENT)

    await on_a_fresh_device(femke)
    await femke.page.locator("summary", has_text="Ik ben alles kwijt").click()
    await femke.button("Vraag twee collega’s").click()
    code = femke.page.locator("[data-lost-code]")
    await expect(code).to_have_text(re.compile(r"^(\d{5} ?){6}$"))
    await femke.look()
    await open_talk(emma)
    for each in (anna, emma):
        await each.page.reload()
        await each.sees(await code.inner_text())
        await each.button("Het klopt: laat Femke Bos toe").click()
        await each.sees("U heeft Femke Bos toegelaten.")
        await each.look()
    await expect(femke.heading("Zo opent u uw sleutel")).to_be_visible()
    # Key servers believe the two whom she named: no passkey is needed for that.
    await femke.sees("Alle drie hebben uw deel")

    await open_talk(femke)
    await femke.page.get_by_role("link", name=re.compile("Balieteam")).click()
    await expect(message(femke, "Voor het verlies")).to_be_visible()
    await write(femke, "Ik ben er weer")
    await anna.sees("Ik ben er weer")
    await anna.page.get_by_role("link", name="Uw teams").click()
    await anna.page.get_by_role("button", name=re.compile("Wie zitten erin")).click()
    await expect(anna.page.get_by_role("dialog")).to_contain_text("sleutel gewijzigd")
    await anna.look()
