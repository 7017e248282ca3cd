"""Who has thousands of conversations sees the newest at once: the rest is read after the first screen."""

import asyncio
import statistics

import pytest
from playwright.async_api import Route, expect

from balie.practices.models import Person
from balie.practices.testing import make_person
from tests.e2e.house import House
from tests.e2e.letters import write_letters
from tests.e2e.night import by_database
from tests.e2e.test_keys import make_keys
from tests.e2e.test_talking import open_talk
from tests.e2e.visitor import PHONE, WIDE, Visitor

FIRST, THEN, SHOWN = 30, 30, 50  # as in frontend/src/consult/talk/
MANY = 5_000
RUNS = 5
QUERIES = ("nierfunctie", "brief 4", "pols gang", "schrijver nr12")
# When the first rows of the list are on the screen, in milliseconds from the beginning of the navigation.
PAINTED = """() => {
  new MutationObserver((_, watching) => {
    if (document.querySelector("[data-list] li") === null || document.querySelector(".balie-coming") !== null) return;
    watching.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => { globalThis.balieFirstRows = performance.now(); }));
  }).observe(document, { childList: true, subtree: true, attributes: true });
}"""
FIRST_ROWS = """async () => {
  while (globalThis.balieFirstRows === undefined) await new Promise(requestAnimationFrame);
  return globalThis.balieFirstRows;
}"""
# How long it takes from the last key to results on the screen, and of that without waiting whether another key follows.
SEARCH = """async (query) => {
  const field = document.querySelector("#zoek");
  const results = document.querySelector("[data-results]");
  const begun = performance.now();
  field.value = query;
  field.dispatchEvent(new Event("input"));
  await new Promise((resolve) => new MutationObserver(resolve).observe(results, { childList: true }));
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return performance.now() - begun;
}"""


@by_database
def colleagues(count: int) -> list[int]:
    """Rows of so many people who write."""
    people: list[Person] = [make_person(f"Schrijver nr{number}") for number in range(1, count + 1)]
    return [each.pk for each in people]


async def anna_with_letters(house: House, visitor: Visitor, *, conversations: int, writers: int) -> None:
    await visitor.log_in()
    await make_keys(visitor)
    people = await asyncio.to_thread(colleagues, writers)
    await write_letters(house.dsn, to=visitor.who.email, writers=people, conversations=conversations)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_the_first_screen_waits_for_no_more_than_it_shows(open_house, visit, size):
    house = open_house()
    anna = await visit(house, "anna", size=size)
    await anna_with_letters(house, anna, conversations=2 * FIRST, writers=4)
    asked: list[str] = []
    gate = asyncio.Event()

    async def hold_back_the_rest(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            await gate.wait()
        await route.continue_()

    await anna.page.route("**/live/consult/histories*", hold_back_the_rest)
    await open_talk(anna)
    rows = anna.page.locator("[data-list] li")
    await expect(rows).to_have_count(FIRST)
    await expect(rows.first).to_contain_text(f"Dit is brief {2 * FIRST}.")
    await anna.sees(f"Nog {FIRST} oudere gesprekken worden opgehaald")
    await anna.look()
    assert [each.count(",") + 1 for each in asked[:1]] == [FIRST], "no more than the first was asked for"
    assert len(asked) <= 2, "the rest waits for its turn"
    await anna.page.get_by_label("Zoek in uw gesprekken").fill("brief 1")
    await anna.sees("0 gevonden tot nu toe")

    gate.set()
    await anna.sees("11 gevonden")
    await anna.page.get_by_label("Zoek in uw gesprekken").fill("")
    await expect(rows).to_have_count(SHOWN)
    more = anna.button("Toon meer gesprekken")
    await expect(more).to_be_visible()
    await anna.look()  # may come so near to the end that the list grows
    await rows.nth(SHOWN - 1).scroll_into_view_if_needed()
    await expect(rows).to_have_count(2 * FIRST)
    await expect(more).to_be_hidden()
    await anna.page.unroute("**/live/consult/histories*")


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_what_is_wanted_comes_before_its_turn(open_house, visit):
    house = open_house()
    anna = await visit(house, "anna")
    await anna_with_letters(house, anna, conversations=2 * FIRST + 2 * THEN, writers=2)
    await open_talk(anna)
    await anna.page.get_by_label("Zoek in uw gesprekken").fill("brief 1")
    link = anna.page.locator("[data-results] a").filter(has_text="Dit is brief 1.")
    await expect(link).to_have_count(1)
    oldest = (await link.get_attribute("href") or "").removeprefix("#").split("/")[0]
    asked: list[str] = []

    async def hear(route: Route) -> None:
        asked.append(route.request.url)
        await route.continue_()

    await anna.page.route("**/live/consult/histories*", hear)
    await anna.page.goto("about:blank")
    await anna.page.goto(f"{house.url}/gesprekken/#{oldest}")
    await expect(anna.page.locator("article").filter(has_text="Dit is brief 1.")).to_be_visible()
    turn = next(at for at, each in enumerate(asked) if oldest in each)
    assert turn <= 2, "at most one turn of others was before it"
    await expect(anna.page.locator("[data-ahead]")).to_have_text("")
    await anna.page.unroute("**/live/consult/histories*")


@pytest.mark.lighthouse
@pytest.mark.timeout(1200)
async def test_how_long_five_thousand_conversations_take(open_house, visit):
    """scripts/lighthouse runs it, on a machine that does nothing else; docs/scale.md has what it printed."""
    house = open_house(talking=True)
    anna = await visit(house, "anna")
    await anna_with_letters(house, anna, conversations=MANY, writers=250)
    await anna.page.add_init_script(f"({PAINTED})()")
    painted = [await first_rows(anna) for _ in range(RUNS)]
    await expect(anna.page.locator("[data-ahead]")).to_have_text("", timeout=300_000)
    found = [await anna.page.evaluate(SEARCH, query) for query in QUERIES]
    print(f"first rows of {MANY} conversations, ms: {painted}")
    print(f"searching {2 * MANY} messages, ms, the first first: {found}")
    assert statistics.median(painted) < 1_000
    assert max(found) < 200


async def first_rows(visitor: Visitor) -> float:
    await open_talk(visitor)
    painted: float = await visitor.page.evaluate(FIRST_ROWS)
    return painted
