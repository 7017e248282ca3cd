"""A practice invites a patient, who gets keys, writes, is answered, and sees who looked."""

import re

import pytest
from playwright.async_api import expect

from balie.practices.functions.services import close_by_hand, end_hand
from balie.practices.models import Membership, Person
from tests.e2e.night import Login, by_database
from tests.e2e.test_keys import make_keys
from tests.e2e.test_talking import SENT, message, open_talk, start_talk, write
from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PATIENT = Login("Nadia Peters", "nadia@voorbeeld.example", "")
PASSWORD = "drie groene fietsen 9"
CLOSED_WITHIN_MS = 5000


async def open_invitation(nadia: Visitor) -> None:
    """From the mail, in the demo's mailbox."""
    mail = nadia.page.get_by_role("link", name="nodigt u uit voor Balie")
    while not await mail.count():
        await nadia.page.goto(f"{nadia.house.url}/postvak/?zoek={PATIENT.email}")
    await mail.first.click()
    link = nadia.page.get_by_role("link", name=f"{nadia.house.url}/uitnodiging/")
    await nadia.page.goto(await link.first.inner_text())


@by_database
def practice_of(email: str) -> str:
    return Membership.objects.get(person=Person.objects.get(email=email)).practice.name


@by_database
def let_econsults(email: str, *, be: str) -> None:
    """The practice of this person closes its e-consults, outside its hours, or opens them."""
    found = Membership.objects.get(person=Person.objects.get(email=email))
    about = {"function": "econsult", "practice": found.practice, "actor": found.person}
    if be == "closed":
        close_by_hand(**about, reason="hours", why="avond")
    else:
        end_hand(**about)


async def begin_oneself(anna: Visitor, nadia: Visitor) -> None:
    """With the team that the practice set apart for its patients."""
    await anna.page.goto(f"{anna.house.url}/gesprekken/#teams")
    await anna.page.get_by_label("Naam van het team").fill("Balie van Anna")
    await anna.button("Maak het team").click()
    await anna.page.get_by_role("button", name=re.compile("Wie zitten erin")).click()
    await anna.button("Laat patiënten aan dit team schrijven").click()
    await anna.sees("kunnen zelf een gesprek met dit team beginnen")
    await anna.look()
    await anna.button("Sluit").click()
    await open_talk(nadia)
    await nadia.button("Schrijf aan uw praktijk").click()
    await expect(nadia.page.get_by_role("radio", name="Balie van Anna")).to_be_checked()
    await nadia.look()
    await nadia.button("Begin het gesprek").click()
    await expect(nadia.page.locator("[data-title]")).to_be_focused()
    await write(nadia, "Ik heb zelf een vraag")
    await expect(message(nadia, "Ik heb zelf een vraag")).to_contain_text(SENT)
    await anna.page.goto(f"{anna.house.url}/medewerkers/")
    menu = anna.page.get_by_role("navigation", name="Hoofdmenu")
    await expect(menu.get_by_role("link", name="Gesprekken 1 gesprek met nieuwe berichten")).to_be_visible()
    await anna.look()
    await menu.get_by_role("link", name="Gesprekken").click()
    await anna.sees("Ik heb zelf een vraag")


async def choose(nadia: Visitor, *choices: str) -> None:
    for choice in choices:
        await nadia.page.get_by_role("radio", name=choice, exact=True).check()
    await nadia.button("Ga verder").click()


async def until_asked(nadia: Visitor, *, asks: bool) -> None:
    """Until the page asks its questions, or says that it cannot be done now: processes hear of it in a moment."""
    forms, alerts = nadia.page.locator("[data-intake-questions]"), nadia.page.locator("[data-intake] .utrecht-alert")
    while True:
        await expect(forms.or_(alerts).filter(visible=True)).to_be_visible()
        if await forms.is_visible() is asks:
            return
        await nadia.page.reload()


async def send_too_late(nadia: Visitor) -> None:
    """By a questionnaire that is replaced meanwhile: she reads whom to phone, and begins again."""
    nadia.eyes.expect("409 POST /live/consult/econsult")
    nadia.house.renew_the_questionnaire()
    await nadia.button("Stuur de vraag").click()
    await expect(message(nadia, "verzwikte enkel")).to_contain_text("Niet verstuurd. Bel uw praktijk.")
    panel = nadia.page.locator("[data-econsult]")
    await expect(panel).to_contain_text("Uw vraag is niet verstuurd")
    await expect(panel.get_by_role("link", name="112")).to_be_visible()
    await nadia.look()
    await message(nadia, "verzwikte enkel").get_by_role("button", name="Gooi weg").click()
    await expect(nadia.page.locator("[data-thread]")).to_be_hidden()
    await expect(nadia.page.get_by_role("list").get_by_text("verzwikte enkel")).to_have_count(0)
    await nadia.page.goto(f"{nadia.house.url}/gesprekken/#econsult")


async def ask_an_econsult(anna: Visitor, nadia: Visitor) -> None:
    """Out of hours it says so; what has haste is phoned; what can wait comes into the queue."""
    await open_talk(nadia)
    let_econsults(anna.who.email, be="closed")
    await nadia.page.get_by_role("link", name="Stel een vraag (e-consult)").click()
    await nadia.sees("Stel een vraag aan uw praktijk")
    await until_asked(nadia, asks=False)
    await nadia.sees("Op dit moment leest niemand de chat.")
    await expect(nadia.button("Ga verder")).to_be_hidden()
    await nadia.look()
    let_econsults(anna.who.email, be="open")
    await until_asked(nadia, asks=True)
    await nadia.button("Ga verder").click()
    await nadia.sees("Beantwoord dit nog: Is er nu iets van dit aan de hand?")
    await nadia.look()
    calm = ("Nee, niets hiervan", "Nee", "Nee, het blijft gelijk of wordt minder")
    await choose(nadia, "Niet aanspreekbaar, stikken, of heel veel bloedverlies", "Weinig", *calm[1:])
    await nadia.sees("Bel nu 112")
    await nadia.look()
    await nadia.button("Verander uw antwoorden").click()
    await choose(nadia, "Niet uit te houden", calm[0])
    await nadia.sees("Bel uw praktijk, nu")
    await nadia.button("Verander uw antwoorden").click()
    await choose(nadia, "Weinig")
    await nadia.sees("Wat u nu zelf kunt doen")
    await nadia.look()
    await nadia.button("Verander uw antwoorden").click()
    await choose(nadia, "Matig: gewone dingen lukken met moeite")
    await nadia.sees("Uw vraag kan op een bericht wachten")
    await nadia.page.get_by_label("Wat is uw vraag?").fill("Mag ik sporten met een verzwikte enkel?")
    await send_too_late(nadia)
    await choose(nadia, calm[0], "Matig: gewone dingen lukken met moeite", *calm[1:])
    await nadia.page.get_by_label("Wat is uw vraag?").fill("Mag ik sporten met een verzwikte enkel?")
    await nadia.button("Stuur de vraag").click()
    await nadia.sees("Uw plaats in de rij")
    await expect(message(nadia, "verzwikte enkel")).to_contain_text(SENT)
    await nadia.look()


async def answer_an_econsult(anna: Visitor, nadia: Visitor) -> None:
    """Anna picks it up, puts it back, takes it again and closes it; five minutes later nobody writes there any more."""
    await anna.page.goto(f"{anna.house.url}/gesprekken/#e-consulten")
    queue = anna.page.get_by_role("list", name="In de rij")
    await expect(queue).to_contain_text("Urgentie U4")
    await anna.look()
    await queue.get_by_role("link").click()
    await expect(message(anna, "verzwikte enkel")).to_contain_text("Matig: gewone dingen lukken met moeite")
    await anna.look()
    await anna.button("Pak op").click()
    await nadia.sees("Anna de Vries heeft uw vraag opgepakt en antwoordt hier.")
    await anna.button("Draag over").click()
    await anna.look()
    await anna.page.get_by_label("Aan wie?").and_(anna.page.locator(":visible")).select_option("Terug in de rij")
    await anna.page.get_by_role("dialog").get_by_role("button", name="Draag over", exact=True).click()
    await anna.button("Pak op").click()
    await anna.button("Sluit af").click()
    await anna.page.get_by_label("Samenvatting voor de patiënt").fill("Rust tot de pijn weg is, hooguit twee weken.")
    await anna.look()
    await anna.page.get_by_role("dialog").get_by_role("button", name="Sluit af", exact=True).click()
    await expect(message(nadia, "hooguit twee weken")).to_contain_text("Samenvatting")
    await nadia.sees("Schrijven kan nog tot")
    await write(nadia, "Dank u wel!")
    await expect(message(anna, "Dank u wel!")).to_contain_text("Nadia Peters")
    anna.house.pass_the_last_minutes_of_econsults()
    await nadia.sees("Dit e-consult is afgesloten.")
    await expect(nadia.page.get_by_label("Uw bericht")).to_be_hidden()
    await nadia.look()


async def end_treatment(anna: Visitor, nadia: Visitor, conversation: str) -> None:
    """Nadia writes no more and keeps what was hers; what Anna writes after that is not for her."""
    nadia.eyes.expect(r"401 GET /live/functions")  # her page is open when her pass ends
    await nadia.page.goto(f"{nadia.house.url}/patient/")
    await anna.page.goto(f"{anna.house.url}/patienten/")
    await anna.page.locator("summary", has_text="Geen patiënt meer").click()
    await anna.page.get_by_label("Reden", exact=False).locator("visible=true").fill("verhuisd")
    await anna.button("Beëindig").click()
    await anna.sees("is geen patiënt van uw praktijk meer")
    await anna.page.goto(conversation)
    await anna.sees("haalde Nadia Peters eruit")
    await write(anna, "Aantekening voor de praktijk")
    await expect(message(anna, "Aantekening")).to_contain_text(SENT)
    await nadia.page.reload()
    await nadia.sees("Geen praktijk behandelt u hier nog.")
    await nadia.look()
    await nadia.page.goto(conversation)
    await nadia.sees("Deze praktijk behandelt u niet meer.")
    await expect(message(nadia, "Ja: alles is goed.")).to_be_visible()
    await expect(message(nadia, "Aantekening")).to_have_count(0)
    await nadia.look()


async def test_a_patient_is_invited_writes_and_is_answered(open_house, visit):
    house = open_house()
    house.people = {**house.people, "nadia": PATIENT}
    anna, nadia = await visit(house, "anna"), await visit(house, "nadia", size=PHONE)
    practice = practice_of(anna.who.email)
    await anna.log_in()
    await make_keys(anna)
    await anna.page.goto(f"{house.url}/patienten/")
    await anna.page.get_by_label("Naam").fill(PATIENT.name)
    await anna.page.get_by_label("Geboortedatum", exact=False).fill("17-05-1980")
    await anna.page.get_by_label("E-mailadres").fill(PATIENT.email)
    await anna.button("Nodig uit").click()
    await anna.sees("krijgt een mail met een uitnodiging")
    await anna.look()

    await open_invitation(nadia)
    assert "#" not in nadia.page.url
    await nadia.look()
    await nadia.page.get_by_label("Uw geboortedatum", exact=False).fill("17-05-1980")
    await nadia.button("Ga verder").click()
    await expect(nadia.heading("Welkom, Nadia Peters")).to_be_visible()
    await nadia.look()
    await nadia.page.get_by_label("Wachtwoord", exact=False).fill(PASSWORD)
    await nadia.button("Maak mijn account").click()
    await expect(nadia.heading(practice)).to_be_visible()
    await make_keys(nadia)
    await open_talk(nadia)
    await nadia.sees("Uw praktijk begint een gesprek.")
    await expect(nadia.button("Schrijf aan uw praktijk")).to_be_hidden()

    await open_talk(anna)
    await start_talk(anna, "Nadia Peters (patiënt)")
    await nadia.page.get_by_role("link", name=re.compile("Anna de Vries")).click()
    await write(nadia, "Mag ik de uitslag weten?")
    await expect(message(nadia, "uitslag")).to_contain_text(SENT)
    await nadia.look()
    await anna.sees("Mag ik de uitslag weten?")
    await expect(message(anna, "uitslag")).to_contain_text("Nadia Peters (patiënt)")
    await write(anna, "Ja: alles is goed.")
    await nadia.sees("Ja: alles is goed.")
    await nadia.page.get_by_text("Wie dit gesprek opende en las").click()
    await nadia.sees(re.compile("Anna de Vries opende dit gesprek"))
    await nadia.look()
    await close_and_open(anna, nadia, practice)
    first = nadia.page.url
    await begin_oneself(anna, nadia)
    await ask_an_econsult(anna, nadia)
    await answer_an_econsult(anna, nadia)
    await end_treatment(anna, nadia, first)


async def close_and_open(anna: Visitor, nadia: Visitor, practice: str) -> None:
    """The practice closes its chat while a patient types: she reads why and whom to call, without loading anything, and
    keeps what she typed.
    """
    desk = await anna.page.context.new_page()
    await desk.goto(f"{anna.house.url}/open-of-dicht/")
    await desk.get_by_label("Waarom is het dicht?").select_option("Te druk")
    await desk.get_by_label("Waarom sluit u?", exact=False).fill("Twee collega’s ziek.")
    await desk.get_by_role("button", name="Bekijk en sluit").click()
    field, send = nadia.page.get_by_label("Uw bericht"), nadia.button("Stuur")
    await field.fill("Nog één vraag")
    await expect(desk.get_by_text(f"De chat van {practice} is nu dicht")).to_be_visible()
    await desk.get_by_role("button", name="Sluit nu").click()
    closed = nadia.page.get_by_role("alert").filter(has_text=f"De chat van {practice} is nu dicht")
    await expect(closed).to_contain_text("Het is nu zo druk", timeout=CLOSED_WITHIN_MS)
    await expect(closed.get_by_role("link", name="112")).to_be_visible()
    await expect(send).to_be_disabled()
    await expect(field).to_have_value("Nog één vraag")
    await expect(anna.page.get_by_role("alert").filter(has_text="Uw chat met patiënten is nu dicht")).to_be_visible()
    await nadia.look()
    await desk.get_by_role("button", name="Maak het sluiten ongedaan").click()
    await expect(closed).to_be_hidden(timeout=CLOSED_WITHIN_MS)
    await send.click()
    await expect(message(nadia, "Nog één vraag")).to_contain_text(SENT)
