"""Passkeys and recovery codes, a second step that is lost at night, and somebody who leaves: each in a browser."""

import re
import time

import pytest
from playwright.async_api import expect

from tests.e2e.device import Device, give_a_device
from tests.e2e.night import PASSWORD
from tests.e2e.visitor import PHONE, Visitor, starting_with_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

AT_ONCE_S = 10.0  # a second, and what a busy machine adds


async def test_a_passkey_and_recovery_codes(open_house, visit):
    house = open_house()
    house.add_organiser("Gerda Mol")
    gerda = await visit(house, "gerda", size=PHONE)
    device = await give_a_device(gerda, prf=False)
    page = gerda.page
    await page.goto(house.url)
    await gerda.give_password()
    await expect(gerda.heading("Voor de organisatie is een tweede stap nodig")).to_be_visible()
    await gerda.look()
    await make_a_passkey(gerda)
    codes = await keep_the_codes(gerda)
    await page.goto(f"{house.url}/regiekamer/")
    await expect(page).to_have_url(f"{house.url}/regiekamer/{house.campaign.slug}/")

    await log_out(gerda)
    await log_in_with_the_passkey(gerda, device)
    await log_out(gerda)
    await log_in_with_a_code(gerda, codes[0])
    await confirm_with_the_passkey(gerda)
    await rename_and_remove(gerda)


async def make_a_passkey(gerda: Visitor) -> None:
    page = gerda.page
    await page.get_by_role("link", name="Voeg een passkey toe").click()
    await expect(gerda.heading("Bent u het?")).to_be_visible()
    await page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    await gerda.button("Ga verder").click()
    await expect(gerda.heading("Voeg een passkey toe")).to_be_visible()
    await gerda.look()
    await page.get_by_label("Naam van deze passkey").fill("Telefoon van Gerda")
    await gerda.button("Maak de passkey").click()


async def keep_the_codes(gerda: Visitor) -> list[str]:
    page = gerda.page
    await expect(gerda.heading("Herstelcodes")).to_be_visible()
    await gerda.look()
    codes = [code.replace(" ", "") for code in await page.locator(".balie-codes code").all_inner_texts()]
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download de codes").click()
    kept = (await (await download.value).path()).read_text(encoding="utf-8")
    assert gerda.who.email in kept
    assert all(code in kept for code in codes)
    await page.reload()
    await gerda.sees("Uw herstelcodes zijn al een keer getoond.")
    await gerda.look()
    await page.get_by_role("link", name="Terug naar mijn account").click()
    await gerda.sees("Telefoon van Gerda")
    await gerda.sees("U heeft nog 10 codes.")
    await gerda.look()
    return codes


async def log_out(gerda: Visitor) -> None:
    await gerda.page.goto(f"{gerda.house.url}/account/logout/")
    await gerda.button("Log uit").first.click()
    await expect(gerda.heading("Log in bij Balie")).to_be_visible()


async def log_in_with_the_passkey(gerda: Visitor, device: Device) -> None:
    await gerda.look()
    await device.let_finger(fit=False)
    await gerda.button("Log in met een passkey").click()
    await gerda.sees("Er is geen passkey gebruikt. Probeer het opnieuw, of kies een andere manier.")
    await gerda.look()
    await device.let_finger(fit=True)
    await gerda.button("Log in met een passkey").click()
    await expect(gerda.page).to_have_url(re.compile("/regiekamer/"))


async def log_in_with_a_code(gerda: Visitor, code: str) -> None:
    page = gerda.page
    await gerda.give_password()
    await expect(gerda.heading("Gebruik uw passkey")).to_be_visible()
    await page.get_by_text("Gebruik een herstelcode").click()
    await gerda.look()
    for given in ("12345678", code):
        await page.get_by_label("Herstelcode van 8 cijfers").fill(given)
        await gerda.button("Log in met deze code").click()
        if given != code:
            await gerda.sees("Deze code klopt niet, of is al gebruikt.")
            await gerda.look()
    await expect(page).to_have_url(re.compile("/regiekamer/"))


async def confirm_with_the_passkey(gerda: Visitor) -> None:
    page = gerda.page
    await page.goto(f"{gerda.house.url}/account/tweestaps/")
    await gerda.sees("U heeft nog 9 codes.")
    await page.get_by_role("link", name="Maak nieuwe herstelcodes").click()
    await page.get_by_role("link", name="Gebruik liever uw passkey").click()
    await expect(gerda.heading("Bent u het?")).to_be_visible()
    await gerda.look()
    await gerda.button("Gebruik uw passkey").click()
    await expect(gerda.heading("Maak nieuwe herstelcodes?")).to_be_visible()
    await gerda.look()


async def rename_and_remove(gerda: Visitor) -> None:
    page = gerda.page
    await page.goto(f"{gerda.house.url}/account/tweestaps/")
    await page.get_by_role("link", name="Naam van Telefoon van Gerda veranderen").click()
    await gerda.look()
    await page.get_by_label("Naam van deze passkey").fill("Oude telefoon")
    await gerda.button("Bewaar deze naam").click()
    await page.get_by_role("link", name="Verwijder Oude telefoon").click()
    await expect(gerda.heading("Verwijder Oude telefoon?")).to_be_visible()
    await gerda.look()
    await gerda.button("Verwijder").click()
    await gerda.sees("De passkey is verwijderd.")
    await gerda.sees("staat uit")
    await page.goto(f"{gerda.house.url}/regiekamer/")
    await expect(gerda.heading("Voor de organisatie is een tweede stap nodig")).to_be_visible()


async def test_a_second_step_that_is_lost_at_night(open_house, visit):
    house = open_house(opens_in=3600)
    bilal, elsewhere = await visit(house, "bilal", size=PHONE), await visit(house, "bilal")
    dina = await visit(house, "dina")
    await elsewhere.log_in()
    await elsewhere.arrives_at("wachtkamer")
    await bilal.page.goto(house.url)
    await bilal.give_password()
    await bilal.page.get_by_text("Ik kan mijn tweede stap niet gebruiken").click()
    await bilal.sees("Bel de organisatie, ook ’s nachts.")
    await bilal.look()

    await dina.log_in()
    await grant(dina, bilal)
    await bilal.page.reload()
    await bilal.sees("De organisatie liet u toe om tot")
    await bilal.look()
    elsewhere.eyes.expect(r"401 \w+ /(live|stream)/")  # its session ends now, whatever it asks meanwhile
    await bilal.button("Log in zonder tweede stap").click()
    await bilal.sees("U bent één keer ingelogd zonder tweede stap.")
    await bilal.look()
    await elsewhere.page.reload()
    await expect(elsewhere.heading("Log in bij Balie")).to_be_visible()
    await bilal.page.get_by_role("link", name="Eerst verder met bestellen").click()
    await bilal.arrives_at("wachtkamer")


async def grant(dina: Visitor, bilal: Visitor) -> None:
    page = dina.page
    await page.get_by_role("link", name="Mensen").click()
    await dina.look()
    await page.get_by_label("Zoek op naam, e-mailadres of AGB-code").fill(bilal.who.email)
    await dina.button("Zoek").click()
    await dina.look()
    await page.get_by_role("link", name=bilal.who.name).click()
    await expect(dina.heading(bilal.who.name)).to_be_visible()
    await dina.look()
    await page.get_by_text("Laat één keer toe zonder").click()
    form = page.locator("form").filter(has=dina.button("Laat toe"))
    await form.get_by_label("Reden").fill("   ")
    dina.eyes.expect(r"422 POST /mensen/")
    await dina.button("Laat toe").click()
    await dina.sees("Geef een reden; die komt in het logboek.")
    await dina.look()
    await form.get_by_label("Reden").fill("Teruggebeld, telefoon kwijt")
    await dina.button("Laat toe").click()
    await dina.sees("één keer inloggen zonder tweede stap.")
    await expect(page.get_by_role("listitem").filter(has_text="Reden: Teruggebeld, telefoon kwijt")).to_be_visible()
    await dina.look()


async def test_somebody_who_leaves_is_out_at_once(open_house, visit):
    house = open_house()
    house.prepare(1, doses=320, ranking=house.days[3:6])
    anna, emma = await visit(house, "anna"), await visit(house, "emma", size=PHONE)
    await emma.log_in()
    await expect(emma.heading("U bent aan de beurt")).to_be_visible()
    await emma.button(starting_with_day(house.days[3], before="Houd ", weekday=False)).click()
    await emma.arrives_at("kalender")
    await anna.log_in()
    await anna.page.goto(f"{house.url}/medewerkers/")
    await anna.look()
    await invite(anna)

    row = anna.page.get_by_role("listitem").filter(has_text=emma.who.email)
    await row.get_by_text("Andere rol").click()
    await row.get_by_text("Werkt hier niet meer").click()
    await anna.look()
    emma.eyes.expect(r"401 \w+ /(live|stream)/", r"403 GET /")
    await row.get_by_label("Reden").fill("uit dienst")
    await row.get_by_role("button", name="Beëindig de toegang").click()
    await anna.sees("werkt niet meer voor uw praktijk en is overal uitgelogd.")
    heard = time.monotonic()
    await emma.sees("U bent niet meer ingelogd")
    assert time.monotonic() - heard < AT_ONCE_S
    await emma.look()
    await emma.page.reload()
    await expect(emma.heading("U hoort nog niet bij een praktijk")).to_be_visible()


async def invite(anna: Visitor) -> None:
    page = anna.page
    await page.get_by_label("Naam", exact=True).fill("Fenna Mulder")
    await page.get_by_label("E-mailadres").fill(anna.who.email)
    anna.eyes.expect(r"422 POST /medewerkers/")
    await anna.button("Voeg toe").click()
    await anna.sees("werkt al voor deze praktijk.")
    await anna.look()
    await page.get_by_label("E-mailadres").fill("fenna@proef.example")
    await anna.button("Voeg toe").click()
    await anna.sees("Fenna Mulder kan nu voor uw praktijk werken en krijgt een mail.")
    await anna.look()
