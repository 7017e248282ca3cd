"""What one keeps of an order, and mail that does not arrive: seen by the practice, called about by the organiser."""

import asyncio
import re
from io import BytesIO
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.async_api import expect
from pypdf import PdfReader

from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def test_receipts_and_mail_that_comes_back(open_house, visit):
    house = open_house(bouncing=True)
    day = house.days[5]
    number = house.order(1, doses=320, day=day, emails=["bounce@proef.example", "beheer@proef.example"])
    full = house.order(2, doses=210, day=day, emails=["bounce-vol@proef.example"])

    anna = await visit(house, "anna")
    await anna.log_in()
    await anna.arrives_at("bestelling")
    await keep_copies(anna, number, day)
    await anna.sees("Deze mailbox bestaat niet. Uw bestelling staat vast. Klopt het adres?")
    await anna.sees("Aangenomen door uw mailserver")
    await anna.look()

    dina = await visit(house, "dina")
    await call_about_it(dina, number, full)
    await mend(anna)
    await dina.page.reload()
    await expect(dina.page.get_by_text(number)).to_have_count(0)

    bilal = await visit(house, "bilal", size=PHONE)
    await bilal.log_in()
    await bilal.arrives_at("bestelling")
    await bilal.sees("Deze mailbox is vol.")
    await bilal.look()
    await ask_again(bilal)
    await keep_copies(bilal, full, day)


async def keep_copies(each: Visitor, number: str, day) -> None:
    """The receipt and the calendar file, from the buttons of the page."""
    receipt = PdfReader(BytesIO(await download(each, "Download bewijs (pdf)")))
    text = " ".join(receipt.pages[0].extract_text().split())
    assert f"Bestelnummer {number}" in text
    calendar = Calendar.from_ical(await download(each, "Zet in agenda"))
    assert [event.start for event in calendar.events] == [day]


async def download(each: Visitor, name: str) -> bytes:
    async with each.page.expect_download() as coming:
        await each.page.get_by_role("link", name=name).click()
    return await asyncio.to_thread(Path(await (await coming.value).path()).read_bytes)


async def mend(anna: Visitor) -> None:
    """A wrong address comes back as typed; a right one gets the mail."""
    address = anna.page.get_by_label("E-mailadres van de praktijk")
    await expect(address).to_have_value("bounce@proef.example")
    anna.eyes.expect(r"422 POST .*/bestelling/")
    await anna.page.locator("form").filter(has=address).evaluate("(form) => { form.noValidate = true; }")
    await address.fill("praktijk at proef")
    await anna.button("Bewaar en mail").click()
    await anna.sees("‘praktijk at proef’ is geen e-mailadres.")
    await expect(address).to_have_value("praktijk at proef")
    await anna.look()
    await address.fill("praktijk@proef.example")
    await anna.button("Bewaar en mail").click()
    await anna.sees("Bewaard. De bevestiging gaat ook naar praktijk@proef.example.")
    await expect(anna.page.get_by_text("Aangenomen door uw mailserver", exact=True)).to_have_count(2)
    await anna.sees("Dit adres gebruikt u niet meer.")
    await anna.look()


async def ask_again(bilal: Visitor) -> None:
    """Once; a second time right after it is too soon."""
    bilal.eyes.expect(r"422 POST .*/bestelling/")
    await bilal.button("Stuur opnieuw", exact=False).click()
    await bilal.sees("De mail gaat opnieuw naar bounce-vol@proef.example.")
    await bilal.sees("Deze mailbox is vol.")
    await bilal.button("Stuur opnieuw", exact=False).click()
    await bilal.sees("U vroeg net al om een mail.")
    await bilal.look()


async def call_about_it(dina: Visitor, number: str, full: str) -> None:
    """From the control room to the list; one practice is called, and the list goes into a spreadsheet."""
    page = dina.page
    await dina.log_in()
    await page.get_by_role("link", name="Mails die niet aankwamen").click()
    await expect(dina.heading("Mails die niet aankwamen")).to_be_visible()
    await dina.look()
    row = page.get_by_role("listitem").filter(has=dina.heading(re.compile(f"^{number}")))
    await expect(row).to_contain_text("wel aangekomen op beheer@proef.example")
    await row.get_by_text("Noteer wat u deed").click()
    await row.get_by_label("Notitie").fill("Zoekt het op")
    await dina.look()
    await row.get_by_role("button", name="Gebeld").click()
    await dina.sees(f"{number}: genoteerd dat u belde.")
    await expect(row).to_contain_text("“Zoekt het op”")
    await dina.look()
    await page.set_viewport_size(PHONE)
    await dina.look()
    rows = (await download(dina, "Download als CSV")).decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert any(full in line for line in rows)
