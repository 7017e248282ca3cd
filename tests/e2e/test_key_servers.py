"""A fresh device while key servers or their proxies are dead, and one that another device lets in."""

import asyncio
import json
import re
import secrets
import time

import psycopg
import pytest
from playwright.async_api import expect

from balie.consult.client.keyrings import new_id
from balie.consult.protocol import devices
from balie.consult.protocol.statements import name_of, peek, public_of
from tests.e2e.device import give_a_device
from tests.e2e.house import House
from tests.e2e.test_keys import add_passkey, make_card, make_keys, on_a_fresh_device, to_keys
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

# Key servers are asked at these addresses; what is dead answers nothing, and the browser says so.
AT_KEY_SERVERS = r"failed (GET|POST|OPTIONS) /v1/\w+"

STATED = """
insert into consult_statement (name, typ, identity_id, signed, received_at) values (%s, %s, %s, %s, now())
"""
NUMBERED = "select consult_number_v1(array(select id from consult_statement where name = %s))"
COSIGNED = "select exists (select from consult_key_log l join consult_key_log_checkpoint c using (size))"


def kill(house: House, *names: str) -> None:
    for name in names:
        house.kill(house.key_servers[name])


async def opens_with_the_passkey(visitor: Visitor) -> None:
    await on_a_fresh_device(visitor)
    await visitor.button("Met uw passkey", exact=False).click()
    await visitor.sees("Klaar: u komt altijd weer bij uw gesprekken")


async def test_a_passkey_that_needs_the_key_servers(open_house, visit):
    house = open_house(talking=True)
    anna = await visit(house, "anna")
    anna.eyes.expect(AT_KEY_SERVERS)
    await give_a_device(anna, prf=False)
    await anna.log_in()
    await make_keys(anna)
    await add_passkey(anna)
    await anna.sees("Deze werkt samen met de sleutelservers.")
    await anna.sees("Alle drie hebben uw deel: noord, oost en zuid.")
    words = await make_card(anna)
    await anna.look()

    await opens_with_the_passkey(anna)
    kill(house, "proxy-noord")
    await opens_with_the_passkey(anna)
    kill(house, "keyserver-oost")
    await opens_with_the_passkey(anna)
    await anna.sees(re.compile("Uw deel is goed bij .* Niet bij oost"))
    await anna.look()

    kill(house, "keyserver-zuid")
    await on_a_fresh_device(anna)
    await anna.sees("De sleutelservers zijn niet bereikbaar")
    await anna.sees("U komt er toch in: met uw herstelkaart.")
    first = anna.page.locator("[data-way]:visible").first
    await expect(first).to_have_attribute("data-way", "code")
    await anna.look()
    await first.click()
    await anna.page.get_by_label("De 10 woorden op uw herstelkaart").fill(" ".join(words))
    await anna.button("Ontgrendel").click()
    await anna.sees("Nu niet genoeg")
    await anna.look()


async def test_another_device_lets_this_one_in(open_house, visit):
    house = open_house(talking=True)
    desk = await visit(house, "anna")
    await give_a_device(desk)
    await desk.log_in()
    await make_keys(desk)
    await add_passkey(desk)

    phone = await visit(house, "anna")
    await phone.log_in()
    await to_keys(phone)
    await phone.button("Met een apparaat dat al open is", exact=False).click()
    code = phone.page.locator("[data-approval-code]")
    await expect(code).to_have_text(re.compile(r"\d{3} \d{3}"))
    await phone.look()
    await expect(desk.page.locator("[data-asked-code]")).to_have_text(await code.inner_text())
    await desk.look()
    await desk.button("Laat toe").click()
    await expect(phone.heading("Zo opent u uw sleutel")).to_be_visible()
    await expect(phone.page.locator("[data-devices] li")).to_have_count(2)

    await asyncio.to_thread(pretend, house)
    for each in (desk, phone):
        await each.page.reload()
        await each.sees("Iemand deed zich voor als u")
    await phone.look()
    await look_into_it(phone)
    await desk.page.reload()
    await desk.sees("Iemand deed zich voor als u")  # nobody looked into it there


async def look_into_it(phone: Visitor) -> None:
    """The alarm goes once somebody wrote down what it was, and stays away."""
    await phone.page.get_by_text("Dit is uitgezocht").click()
    await phone.button("Haal de melding weg").click()
    await phone.sees("Schrijf op wat er was gebeurd.")
    await phone.look()
    await phone.page.get_by_label("Wat was er gebeurd", exact=False).fill("Een proef van de helpdesk")
    await phone.button("Haal de melding weg").click()
    await phone.sees("De melding is weg.")
    await phone.look()
    await phone.page.reload()
    await phone.page.get_by_text("Wat er met uw sleutel gebeurde").click()
    await phone.sees("u zocht een melding uit: Een proef van de helpdesk")
    await expect(phone.page.get_by_text("Iemand deed zich voor als u")).to_have_count(0)


def pretend(house: House) -> None:
    """Somebody who has the database makes a device in Anna's name, and it comes into the key log."""
    seed = secrets.token_bytes(32)
    with psycopg.connect(house.dsn, autocommit=True) as line:
        [(person,)] = line.execute("select id from consult_identity").fetchall()
        signed = devices.certify_device(
            person=person, generation=1, device=new_id(), public=public_of(seed), at=1, sign_seed=seed
        )
        name = name_of(devices.TYP, peek(signed))
        line.execute(STATED, (name, devices.TYP, person, json.dumps(signed)))
        line.execute(NUMBERED, (name,))
        while line.execute(COSIGNED).fetchone() == (False,):
            time.sleep(0.05)
