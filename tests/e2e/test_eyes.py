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


# What is no part of every look, by the check that sees it.
SLOWER_HARMS = {
    "a thing that jumps by itself": (
        """new Promise((done) => {
             document.querySelector('h1').before(Object.assign(document.createElement('p'), { textContent: 'Nieuws' }));
             document.querySelector('h1').previousSibling.style.setProperty('block-size', '300px');
             requestAnimationFrame(() => setTimeout(done));
           })""",
        "check_shift",
        "shifted by",
    ),
    "a focus that nobody sees": (
        "document.querySelector('main a').style.setProperty('outline', 'none')",
        "check_keyboard",
        "shows no focus",
    ),
    "a focus behind something": (
        """document.body.append(Object.assign(document.createElement('div'), { className: 'harm' }));
           document.querySelector('.harm').style.cssText = 'position: fixed; inset: 0; background: white'""",
        "check_keyboard",
        "is covered by <div",
    ),
    "a focus that jumps the queue": (
        "document.querySelector('main a').setAttribute('tabindex', '1')",
        "check_keyboard",
        "is out of order",
    ),
}


async def test_every_slower_harm_is_seen(open_house, visit):
    house = open_house()
    anna = await visit(house, "anna", size=PHONE)
    for harm, check, sign in SLOWER_HARMS.values():
        await anna.page.goto(f"{house.url}/account/wachtwoord/vergeten/")
        await anna.page.reload()  # now with fonts at hand
        see = getattr(anna.eyes, check)
        await see()
        await anna.page.evaluate(f"async () => {{ await {harm} }}")
        with pytest.raises(AssertionError, match=sign):
            await see()


async def test_what_is_too_wide_only_when_zoomed_is_seen_too(open_house, visit):
    house = open_house()
    anna = await visit(house, "anna")
    await anna.page.goto(f"{house.url}/account/login/")
    await anna.look()
    await anna.page.evaluate("() => document.querySelector('h1').style.setProperty('inline-size', '500px')")
    with pytest.raises(AssertionError, match="'width': 320"):
        await anna.look()


async def test_what_looked_the_same_is_not_judged_again_and_what_did_not_is(open_house, visit):
    house = open_house()
    anna = await visit(house, "anna")
    await anna.page.goto(f"{house.url}/account/login/")
    await anna.look()
    await anna.page.reload()
    assert not await anna.eyes.is_new("look"), "another token, and nothing else"
    changes = {
        "what is typed": "document.querySelector('input[name=login]').value = 'anna'",
        "a word": "document.querySelector('h1').append(' nu')",
        "a style": "document.querySelector('h1').style.setProperty('color', '#000')",
    }
    for change, act in changes.items():
        await anna.page.evaluate(f"() => {{ {act} }}")
        assert await anna.eyes.is_new("look"), change
        anna.eyes.remember()
    await anna.page.emulate_media(color_scheme="dark")
    assert await anna.eyes.is_new("look"), "in the dark"
    anna.eyes.remember()
    await anna.page.set_viewport_size(PHONE)
    assert await anna.eyes.is_new("look"), "on a phone"
