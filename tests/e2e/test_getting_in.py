"""Somebody new gets in: a password by mail, a second step by app, and what happens when one mistypes."""

import pytest
from playwright.async_api import expect

from balie.practices.testing import totp_code
from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

CHOSEN = "een paars kopje thee 31"


async def test_from_no_password_to_a_second_step(open_house, visit):
    house = open_house()
    house.add_person("Fenna Mulder", practice=1)
    fenna = await visit(house, "fenna", size=PHONE)
    link = await ask_for_a_link(fenna)
    await choose_a_password(fenna, link)
    await log_in_after_a_mistake(fenna)
    secret = await turn_on_the_second_step(fenna)
    await look_at_the_account(fenna)
    await log_in_with_the_second_step(fenna, secret)


async def ask_for_a_link(fenna: Visitor) -> str:
    """Reads the mail in the demo's mailbox, as there is no other."""
    page = fenna.page
    await page.goto(fenna.house.url)
    await page.get_by_role("link", name="Wachtwoord vergeten, of nog nooit gekozen?").click()
    await fenna.look()
    await page.get_by_label("E-mail").fill(fenna.who.email)
    await fenna.button("Stuur mij de link").click()
    await expect(fenna.heading("Kijk in uw mail")).to_be_visible()
    await fenna.look()
    mail = page.get_by_role("link", name="Kies een nieuw wachtwoord voor Balie")
    while not await mail.count():
        await page.goto(f"{fenna.house.url}/postvak/?zoek={fenna.who.email}")
    await mail.first.click()
    await fenna.look()
    return await page.get_by_role("link", name=f"{fenna.house.url}/account/wachtwoord/nieuw/").first.inner_text()


async def choose_a_password(fenna: Visitor, link: str) -> None:
    page = fenna.page
    await page.goto(link)
    await fenna.look()
    fields = page.locator("input[type=password]")
    await fields.nth(0).fill("kort")
    await fields.nth(1).fill("kort")
    await fenna.button("Bewaar dit wachtwoord").click()
    await expect(fields.nth(0)).to_have_attribute("aria-invalid", "true")
    await fenna.look()
    await fields.nth(0).fill(CHOSEN)
    await fields.nth(1).fill(CHOSEN)
    await fenna.button("Bewaar dit wachtwoord").click()
    await expect(fenna.heading("Uw wachtwoord is veranderd")).to_be_visible()
    await fenna.look()
    await page.goto(link)
    await expect(fenna.heading("Deze link werkt niet meer")).to_be_visible()
    await fenna.look()


async def log_in_after_a_mistake(fenna: Visitor) -> None:
    page = fenna.page
    await page.goto(fenna.house.url)
    for password in ("iets anders", CHOSEN):
        await page.get_by_label("E-mail").fill(fenna.who.email)
        await page.get_by_label("Wachtwoord", exact=True).fill(password)
        await fenna.button("Log in").click()
        if password != CHOSEN:
            await fenna.sees("Dit e-mailadres en dit wachtwoord horen niet bij elkaar.")
            await fenna.look()
    await fenna.arrives_at("wachtkamer")


async def turn_on_the_second_step(fenna: Visitor) -> str:
    """Returns the secret that goes into the app."""
    page = fenna.page
    await page.goto(f"{fenna.house.url}/account/tweestaps/")
    await fenna.sees("staat uit")
    await fenna.look()
    await page.get_by_role("link", name="Voeg een app toe").click()
    await expect(fenna.heading("Bent u het?")).to_be_visible()
    await fenna.look()
    await page.get_by_label("Wachtwoord", exact=True).fill(CHOSEN)
    await fenna.button("Ga verder").click()
    await expect(fenna.heading("Zet de tweede stap aan")).to_be_visible()
    await fenna.look()
    secret = await page.locator("code").inner_text()
    await page.get_by_label("Code van 6 cijfers").fill("000000")
    await fenna.button("Zet aan").click()
    await fenna.sees("Deze code klopt niet, of is al gebruikt.")
    await fenna.look()
    assert await page.locator("code").inner_text() == secret
    await page.get_by_label("Code van 6 cijfers").fill(totp_code(secret))
    await fenna.button("Zet aan").click()
    await expect(fenna.heading("Herstelcodes")).to_be_visible()
    await expect(page.locator(".balie-codes li")).to_have_count(10)
    await fenna.look()
    await page.get_by_role("link", name="Ik heb ze bewaard").click()
    await fenna.sees("staat aan")
    await fenna.look()
    return secret


async def look_at_the_account(fenna: Visitor) -> None:
    page = fenna.page
    await page.get_by_role("link", name="Verander uw wachtwoord").click()
    await expect(fenna.heading("Verander uw wachtwoord")).to_be_visible()
    await fenna.look()
    await page.get_by_role("link", name="Terug naar mijn account").click()
    await page.get_by_role("link", name="Verwijder de app").click()
    await expect(fenna.heading("Verwijder de app met codes?")).to_be_visible()
    await fenna.look()
    await page.goto(f"{fenna.house.url}/account/logout/")
    await expect(fenna.heading("Wilt u uitloggen?")).to_be_visible()
    await fenna.look()
    await fenna.button("Log uit").first.click()
    await expect(fenna.heading("Log in bij Balie")).to_be_visible()


async def log_in_with_the_second_step(fenna: Visitor, secret: str) -> None:
    page = fenna.page
    await page.get_by_label("E-mail").fill(fenna.who.email)
    await page.get_by_label("Wachtwoord", exact=True).fill(CHOSEN)
    await fenna.button("Log in").click()
    await page.get_by_label("Code van 6 cijfers").fill("000000")
    await fenna.button("Log in").click()
    await fenna.sees("Deze code klopt niet, of is al gebruikt. Wacht op de volgende en vul die in.")
    await fenna.look()
    await page.get_by_label("Code van 6 cijfers").fill(totp_code(secret, periods_from_now=1))
    await fenna.button("Log in").click()
    await fenna.arrives_at("wachtkamer")
