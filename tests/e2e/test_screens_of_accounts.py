"""What people see of their own account, for the manuals."""

import pytest
from playwright.async_api import expect

from tests.e2e.album import Walk
from tests.e2e.test_second_factors import give_a_device, make_a_passkey

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(300)]


async def test_what_people_see_of_their_account(open_house, visit, album):
    house = open_house()
    house.add_organiser("Gerda Mol")
    gerda = await visit(house, "gerda")
    walk = Walk(house, album, {"organiser": gerda})
    await give_a_device(gerda)
    await gerda.page.goto(house.url)
    await gerda.give_password()
    await expect(gerda.heading("Voor de organisatie is een tweede stap nodig")).to_be_visible()
    await walk.keep("organiser", "second step needed")
    await make_a_passkey(gerda)
    await expect(gerda.heading("Herstelcodes")).to_be_visible()
    await walk.keep("organiser", "recovery codes")
    await gerda.page.goto(f"{house.url}/account/tweestaps/")
    await gerda.sees("Telefoon van Gerda")
    await walk.keep("organiser", "account")
