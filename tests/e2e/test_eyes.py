"""What the journeys look out for would be seen: each harm is done on purpose to a real page."""

import pytest

from tests.e2e.visitor import PHONE

pytestmark = [pytest.mark.slow]

HARMS = {
    "an image without words": (
        "document.querySelector('main').append(new Image())",
        "image-alt",
    ),
    "pale text": (
        "document.querySelector('h1').style.setProperty('color', '#ccc')",
        "color-contrast",
    ),
    "a wide page": (
        "document.querySelector('h1').style.setProperty('inline-size', '400px')",
        "px wide",
    ),
    "something that is cut off": (
        """document.querySelector('main').style.setProperty('overflow-x', 'clip');
           document.querySelector('h1').style.setProperty('inline-size', '400px')""",
        "<h1",
    ),
    "inline script": (
        """new Promise((heard) => {
             addEventListener('securitypolicyviolation', heard, { once: true });
             document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }));
           })""",
        "Content Security Policy",
    ),
    "an error in a script": (
        "new Promise((done) => setTimeout(() => { setTimeout(done); throw new Error('broken'); }))",
        "broken",
    ),
    "something that is not there": (
        "fetch('/live/queue/99/state')",
        "404 GET /live/queue/99/state",
    ),
}


async def test_every_harm_is_seen(open_house, visit):
    house = open_house()
    anna = await visit(house, "anna", size=PHONE)
    for harm, sign in HARMS.values():
        await anna.page.goto(f"{house.url}/account/login/")
        await anna.look()
        await anna.page.evaluate(f"async () => {{ await {harm} }}")
        with pytest.raises(AssertionError, match=sign):
            await anna.look()
