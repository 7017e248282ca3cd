"""What a patient asks to be destroyed is destroyed by a second GP while a browser shows it, which then forgets it."""

import re

import pytest
from django.utils import timezone
from playwright.async_api import expect

from balie.consult.models import CertificateKey, Group, Message
from balie.consult.record.certificates import check_file
from balie.practices.models import Membership, Person
from tests.e2e.night import by_database
from tests.e2e.test_keys import make_keys
from tests.e2e.test_talking import ALL, UNTIL_KEPT, kept_as_file, open_talk, start_talk, write
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

UNTIL_FORGOTTEN = f"async () => {{ while ((await ({ALL})()).length > 0) await new Promise(requestAnimationFrame); }}"


@by_database
def make_gp(email: str) -> None:
    Membership.objects.filter(person=Person.objects.get(email=email)).update(role=Membership.Role.GP)


@by_database
def conversation() -> str:
    return Group.objects.get(kind=Group.Kind.CONVERSATION).name


@by_database
def said_and_keys() -> tuple[int, dict[str, str]]:
    return Message.objects.count(), dict(CertificateKey.objects.values_list("kid", "public"))


async def look(visitor: Visitor) -> None:
    await visitor.look()
    await visitor.page.set_viewport_size(PHONE)
    await visitor.look()
    await visitor.page.set_viewport_size(WIDE)


async def ask(anna: Visitor, name: str) -> None:
    """Anna notes that the patient asked, and cannot decide herself."""
    await anna.page.goto(f"{anna.house.url}/gesprekken/bewaren/?zoek={name}")
    await anna.page.locator("summary", has_text="De patiënt wil dit laten vernietigen").click()
    await anna.page.get_by_label("Op welke dag vroeg de patiënt dit?").fill(timezone.localdate().isoformat())
    await anna.page.get_by_label("Hoe kwam het verzoek binnen?").fill("Brief")
    await look(anna)
    await anna.button("Noteer het verzoek").click()
    await anna.sees("Het verzoek is genoteerd")
    await anna.sees("U vroeg dit zelf")
    await look(anna)


async def decide(femke: Visitor) -> None:
    """Femke sees that she may refuse, and destroys it."""
    await femke.page.goto(f"{femke.house.url}/gesprekken/bewaren/")
    waiting = femke.page.get_by_role("region", name="Vernietigen: beslis")
    await waiting.locator("summary", has_text="Wijs af").click()
    await look(femke)
    await waiting.locator("summary", has_text="Wijs af").click()
    await waiting.locator("summary", has_text=re.compile("^Vernietig")).click()
    await femke.sees("Dat kan niet terug, ook niet door ons.")
    await look(femke)
    await femke.button("Vernietig dit gesprek voorgoed").click()
    await femke.sees("Het gesprek is vernietigd")
    await look(femke)


async def test_a_conversation_is_destroyed_on_request(open_house, visit):
    house = open_house()
    house.add_person("Femke Bos", practice=1, has_password=True)
    anna, emma, femke = await visit(house, "anna"), await visit(house, "emma"), await visit(house, "femke")
    make_gp(femke.who.email)
    for each in (anna, emma):
        await each.log_in()
        await make_keys(each)
        await open_talk(each)
    await femke.page.goto(house.url)
    await femke.give_password()
    await femke.page.wait_for_url(lambda url: "/account/" not in url)
    await make_keys(femke)
    await anna.page.reload()
    await start_talk(anna, "Emma Visser")
    await write(anna, "Dit moet weg")
    await emma.page.get_by_role("link", name="Anna de Vries").click()
    await emma.page.get_by_label("Uw bericht").fill("Een begin van een antwoord")
    await emma.page.evaluate(UNTIL_KEPT)

    await ask(anna, conversation())
    await decide(femke)
    await emma.sees("Dit gesprek is vernietigd. Niemand kan het meer openen.")
    await expect(emma.page.get_by_text("Dit moet weg")).to_have_count(0)
    await emma.page.evaluate(UNTIL_FORGOTTEN)
    await look(emma)
    await emma.page.reload()
    await emma.page.locator("summary", has_text="Vernietigde gesprekken").click()
    await emma.page.locator("summary", has_text="Vernietigd:").click()
    await expect(emma.page.locator("[data-destroyed-lines]")).to_contain_text("Femke Bos vernietigde dit gesprek")
    await look(emma)
    await open_talk(anna)
    await anna.sees("Nog geen gesprekken")

    await femke.page.get_by_role("link", name=re.compile("^Bewijs van")).click()
    await expect(femke.heading("Bewijs van vernietiging")).to_be_visible()
    await look(femke)
    file = await kept_as_file(femke, femke.page.get_by_role("link", name="Bewaar het bestand"))
    said, keys = said_and_keys()
    assert said == 0
    assert check_file(file, keys).certificate.counts["message"] == 1
