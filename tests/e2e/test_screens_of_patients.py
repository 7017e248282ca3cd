"""What patients and their practice see, in the state that `tests/pages/stages.py` makes for them."""

import pytest

from tests.pages.screens import screens
from tests.pages.test_table import BY_STATE

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(120)]
STATE = "a patient"


async def test_what_is_seen_of_patients(open_showroom, guest, album, request):
    if request.config.getoption("screenshots") is None:
        pytest.skip("test_every_page.py walks through these pages; here they are only photographed")
    house = open_showroom(STATE)
    paths = {sight.page: sight.path for sight in house.sights(BY_STATE[STATE])}
    for screen in (each for each in screens() if each.state == STATE):
        page = await guest(house, screen.role)
        await page.goto(house.url + paths[screen.page])
        await album.take(page, screen.name)
        await page.context.close()
