"""What people see of their keys and of conversations, in the moments that their manual tells of."""

import pytest
from playwright.async_api import expect

from tests.e2e.device import give_a_device
from tests.e2e.test_keys import add_passkey, make_keys, on_a_fresh_device
from tests.e2e.test_talking import PDF, SENT, add_files, as_file, message, open_talk, start_talk, write
from tests.pages.screens import name_of

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(300)]


async def test_what_people_see_of_conversations(open_house, visit, album):
    house = open_house(talking=True)
    anna, emma = await visit(house, "anna"), await visit(house, "emma")
    for each in (anna, emma):
        await give_a_device(each)
        await each.log_in()
        await make_keys(each)
    await add_passkey(anna)
    await anna.button("Maak een herstelkaart").click()
    await expect(anna.heading("Herstelkaart")).to_be_focused()
    await album.take(anna.page, name_of("moment", "recovery card"))

    await on_a_fresh_device(anna)
    await expect(anna.button("Met een apparaat dat al open is", exact=False)).to_be_visible()
    await album.take(anna.page, name_of("moment", "locked"))
    await anna.button("Met uw passkey", exact=False).click()
    await expect(anna.heading("Zo opent u uw sleutel")).to_be_visible()

    await open_talk(anna)
    await start_talk(anna, "Emma Visser")
    await write(anna, "Kunt u vanmiddag invallen? Het spreekuur loopt uit.")
    await expect(message(anna, "invallen")).to_contain_text(SENT)
    await open_talk(emma)
    await emma.page.get_by_role("link", name="Anna de Vries").click()
    await message(emma, "invallen").get_by_role("button", name="Antwoord").click()
    await add_files(emma, as_file("rooster.pdf", PDF))
    await write(emma, "Ja, vanaf 13.00 uur. Dit is het rooster.")
    await anna.sees("Ja, vanaf 13.00 uur.")
    await expect(message(anna, "spreekuur loopt uit").first).to_contain_text("Gelezen")
    await write(anna, "Fijn, dank u wel.")
    await expect(message(anna, "Fijn, dank u wel.")).to_contain_text("Gelezen")
    await album.take(anna.page, name_of("moment", "conversation"))
    await anna.page.goto(f"{house.url}/gesprekken/")
    await anna.page.get_by_role("searchbox", name="Zoek in uw gesprekken").fill("rooster")
    await expect(anna.page.locator("[data-results] a")).to_have_count(1)
    await album.take(anna.page, name_of("moment", "search"))
