"""Keys for conversations: made, kept well, and opened again where they are not."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.device import give_a_device
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

FORGET = """() => new Promise((resolve, reject) => {
  const asked = indexedDB.deleteDatabase("balie-keyring");
  asked.onsuccess = resolve;
  asked.onerror = () => reject(asked.error);
})"""


async def to_keys(visitor: Visitor) -> None:
    await visitor.page.goto(f"{visitor.house.url}/gesprekken/sleutel/")


async def make_keys(visitor: Visitor) -> None:
    await to_keys(visitor)
    await expect(visitor.heading("U heeft nog geen sleutel")).to_be_visible()
    await visitor.look()
    await visitor.button("Maak mijn sleutel").click()
    await expect(visitor.heading("Zo opent u uw sleutel")).to_be_visible()
    await visitor.sees("Nog niet klaar")
    await visitor.look()


async def add_passkey(visitor: Visitor) -> None:
    await visitor.button("Maak een passkey").click()
    await visitor.sees("U heeft één passkey.")


async def make_card(visitor: Visitor) -> list[str]:
    await visitor.button("Maak een herstelkaart").click()
    await expect(visitor.heading("Herstelkaart")).to_be_focused()
    words = await visitor.page.locator("[data-card-words] li").all_inner_texts()
    assert len(words) == 10
    await visitor.look()
    label = await visitor.page.locator("[data-confirm-label]").inner_text()
    field = visitor.page.get_by_label(label)
    await field.fill("mis")
    await visitor.button("De kaart ligt klaar").click()
    await visitor.sees("Dat is een ander woord.")
    await visitor.look()
    await field.fill(words[int(next(part for part in label.split() if part.isdigit())) - 1])
    await visitor.button("De kaart ligt klaar").click()
    await visitor.sees("Klaar: u komt altijd weer bij uw gesprekken")
    return words


async def on_a_fresh_device(visitor: Visitor) -> None:
    await visitor.page.goto(visitor.house.url)
    await visitor.page.evaluate(FORGET)
    await to_keys(visitor)
    await expect(visitor.heading("Ontgrendel uw gesprekken")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_keys_are_made_and_opened_again(open_house, visit, album, size):
    house = open_house()
    anna = await visit(house, "anna", size=size)
    await give_a_device(anna)
    await anna.log_in()
    await make_keys(anna)
    await add_passkey(anna)
    words = await make_card(anna)
    await anna.look()
    await anna.page.reload()
    await anna.sees("Klaar: u komt altijd weer bij uw gesprekken")

    await on_a_fresh_device(anna)
    await anna.look()
    await anna.button("Met uw passkey", exact=False).click()
    await anna.sees("Klaar: u komt altijd weer bij uw gesprekken")
    await expect(anna.page.locator("[data-devices] li")).to_have_count(2)
    await anna.page.locator("summary", has_text="Wat er met uw sleutel gebeurde").click()
    for what in (
        "uw sleutel werd op een apparaat geopend",
        "er kwam een passkey bij",
        "u maakte of vernieuwde uw sleutel",
    ):
        await anna.sees(re.compile(what))
    await anna.look()

    await on_a_fresh_device(anna)
    await anna.button("Met uw herstelkaart", exact=False).click()
    field = anna.page.get_by_label("De 10 woorden op uw herstelkaart")
    await field.fill(" ".join(["lampion", *words[1:9]]))
    await anna.button("Ontgrendel").click()
    await anna.sees("Dit zijn 9 woorden; op de kaart staan er 10. Kijk nog eens naar: woord 1 (lampion).")
    await anna.look()
    await field.fill(" ".join(words).upper())
    await anna.button("Ontgrendel").click()
    await anna.sees("Klaar: u komt altijd weer bij uw gesprekken")

    await on_a_fresh_device(anna)
    await anna.page.goto(f"{house.url}/gesprekken/sleutel/#herstel={'-'.join(words)}")
    await anna.page.reload()
    await anna.sees("Klaar: u komt altijd weer bij uw gesprekken")
    assert "#" not in anna.page.url, "the words stay in the history"


TEAM_KEYS = """async () => {
  const read = async (what) => (await fetch(`/live/consult/${what}`)).json();
  const { groups } = await read("groups");
  const { events } = await read(`team?team=${groups.find(({ kind }) => kind === "team").group}&after=0`);
  const keys = events.filter(({ statement }) => statement.typ === "balie-group-key+jws");
  const form = ({ payload }) => JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  return keys.map(({ statement }) => form(statement.signed).to[0].kem);
}"""


async def make_team(visitor: Visitor) -> None:
    await visitor.page.goto(f"{visitor.house.url}/gesprekken/#teams")
    await visitor.page.get_by_label("Naam van het team").fill("Alleen Anna")
    await visitor.button("Maak het team").click()
    await expect(visitor.page.get_by_role("button", name="Wie zitten erin")).to_be_visible()


async def test_a_lost_device_is_revoked(open_house, visit):
    house = open_house()
    anna = await visit(house, "anna")
    await give_a_device(anna)
    await anna.log_in()
    await make_keys(anna)
    await add_passkey(anna)
    words = await make_card(anna)
    await make_team(anna)
    [had] = await anna.page.evaluate(TEAM_KEYS)
    await on_a_fresh_device(anna)
    async with anna.holding_back("**/live/consult/people") as answer_late:
        await anna.button("Met uw passkey", exact=False).click()
        await expect(anna.page.locator("[data-devices] li")).to_have_count(2)
        await anna.page.locator("summary").get_by_text("Trek in").click()
        answer_late()  # and what she opened stays open
        await expect(anna.page.locator("[data-no-trustees]")).not_to_have_attribute("hidden", "")
    await anna.look()
    async with anna.page.expect_response(lambda answer: "balie-group-key" in (answer.request.post_data or "")):
        await anna.button("Trek dit apparaat in").click()
    await anna.sees("Ingetrokken")
    await anna.sees("Nog niet klaar")
    [has] = await anna.page.evaluate(TEAM_KEYS)
    assert has != had, "the team has a key for the new generation already"
    await anna.look()
    assert await make_card(anna) != words


async def test_who_logs_out_locks_this_device(open_house, visit):
    house = open_house()
    anna = await visit(house, "anna")
    await give_a_device(anna)
    await anna.log_in()
    await make_keys(anna)
    await add_passkey(anna)
    await anna.page.locator("summary.balie-switch").click()
    await anna.button("Log uit", exact=False).click()
    await expect(anna.heading("Log in bij Balie")).to_be_visible()
    await anna.log_in()
    await to_keys(anna)
    await expect(anna.heading("Ontgrendel uw gesprekken")).to_be_visible()
    await anna.button("Met uw passkey", exact=False).click()
    await expect(anna.page.locator("[data-devices] li")).to_have_count(1)
