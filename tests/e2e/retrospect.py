"""After an outage: the report on the console and on the status page, and maintenance so that it does not come back."""

import re

from django.core.signing import TimestampSigner
from playwright.async_api import Page, expect

from tests.e2e.eyes import Eyes
from tests.e2e.visitor import PHONE, WIDE


async def report(page: Page, port: int, secret: str) -> None:
    """The facts are there, somebody writes the rest, everybody reads it; and maintenance is announced."""
    eyes = Eyes(page)
    token = TimestampSigner(key=secret, salt="balie.watch.link").sign("1")
    await page.goto(f"http://localhost:{port}/watch/link?token={token}")
    await expect(page.get_by_text("Dienst nu: Voorwacht Wim Wakker")).to_be_visible()
    await page.get_by_role("link", name="Incidenten en wat iedereen hoort").click()
    await page.get_by_role("link", name=re.compile("^I-001")).click()
    await page.get_by_role("link", name="Verslag en vervolgacties").click()
    await expect(page.get_by_role("cell", name="Oorzaak genoemd: De website werkt niet")).to_be_visible()
    for chapter in ("Wat gebeurde er", "Waarom", "Wat doen wij"):
        words = page.get_by_role("group", name=chapter)
        await words.get_by_label("Tekst in het Nederlands").fill(f"Over *{chapter}* <b>.\n\n- een\n- twee")
        await words.get_by_label("Tekst in het Engels").fill("In English.")
    await page.get_by_role("button", name="Publiceer voor iedereen").click()
    await expect(page.get_by_text(re.compile("^Versie 1 staat sinds"))).to_be_visible()
    await page.get_by_label("Wat", exact=True).fill("Meet de proxy")
    await page.get_by_label("Wie").fill("Wim Wakker")
    await page.get_by_label("Uiterlijk").fill("2026-01-02")
    await page.get_by_role("button", name="Spreek af").click()
    await expect(page.get_by_text("Over tijd")).to_be_visible()
    await eyes.look()
    await page.set_viewport_size(PHONE)
    await eyes.look()
    await expect(page.get_by_role("link", name="Wat iedereen leest")).to_be_visible()
    while not (seen := await page.goto(f"http://localhost:{port}/status/report-1.html")) or not seen.ok:
        await page.wait_for_timeout(200)  # the watch writes it within a second
    await expect(page.get_by_role("heading", name="Waarom")).to_be_visible()
    await eyes.look()
    await page.goto(f"http://localhost:{port}/watch/maintenance/")
    await page.get_by_label("De website").check()
    await page.get_by_label("Tekst in het Nederlands").fill("Wij vervangen een schijf.")
    await page.get_by_label("Tekst in het Engels").fill("We replace a disk.")
    await page.get_by_role("button", name="Kondig het aan").click()
    await expect(page.get_by_text("Niemand wordt gewekt voor: De website.")).to_be_visible()
    await eyes.look()
    await page.set_viewport_size(WIDE)
    await eyes.look()
