"""`balie connector` as a practice runs it: begun, killed, begun again, closed. Nothing is lost and nothing doubled."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from balie.connector.fhir import to_fhir
from balie.consult.client.application import Application
from balie.consult.client.device import make_device
from balie.consult.client.enrolment import state_keys
from balie.consult.client.keyrings import make_keyring
from balie.consult.client.talk import Talk
from balie.consult.client.transport import http_transport
from balie.consult.client.world import World
from balie.embedded.parts import command
from balie.embedded.ports import free_ports
from balie.practices.connections import connect
from balie.practices.models import Membership
from balie.practices.passes import make_pass
from balie.practices.staff import end_membership
from tests.e2e.house import House
from tests.e2e.night import by_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

WHERE = "/fhir/Communication"
LOOK_AGAIN_S = 0.05


class Practice:
    """A practice with a connector of its own."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.config = house, folder / "connector.toml"
        [port] = free_ports(1)
        self.address = f"http://127.0.0.1:{port}"
        self._data = folder / "connector"
        self.anna, self.agb_code, code = self._connect()
        (folder / "code.txt").write_text(code, encoding="utf-8")
        assert house.vaults is not None
        (folder / "servers.json").write_text(house.vaults.settings["BALIE_KEY_SERVERS"], encoding="utf-8")
        said = {"origin": house.url, "agb_code": self.agb_code, "code": "code.txt", "key_servers": "servers.json"}
        lines = [f"{name} = {json.dumps(value)}" for name, value in (said | {"data": "connector"}).items()]
        self.config.write_text("\n".join(lines), encoding="utf-8")

    @by_database
    def _connect(self) -> tuple[Membership, str, str]:
        email = self.house.people["anna"].email
        anna = Membership.objects.select_related("person", "practice").get(person__email=email)
        return anna, anna.practice.agb_code, connect(practice=anna.practice, name="HIS", actor=anna.person)

    @by_database
    def end(self) -> None:
        program = Membership.objects.select_related("person", "practice").get(role=Membership.Role.SOFTWARE)
        end_membership(membership=program, actor=self.anna.person, reason="ander HIS")

    async def init(self) -> int:
        made = await asyncio.create_subprocess_exec(*command("balie.cli", "connector", "init", "--config", self.config))
        return await made.wait()

    @property
    def member(self) -> str:
        return f"person:{json.loads((self._data / 'device.json').read_text(encoding='utf-8'))['person']}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["RecordSystem"]:
        """Until it is killed, with everything that belongs to it."""
        words = ("connector", "serve", "--config", self.config, "--port", self.address.rpartition(":")[2])
        process = await asyncio.create_subprocess_exec(*command("balie.cli", *words), start_new_session=True)
        key = (self._data / "key").read_text(encoding="utf-8")
        headers = {"authorization": f"Bearer {key}", "organisation_agb": self.agb_code}
        try:
            async with aiohttp.ClientSession(self.address, headers=headers) as session:
                yield RecordSystem(session)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


class RecordSystem:
    """The record system."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def until_well(self, *, why: str = "") -> None:
        await _until(self._health, why)

    async def _health(self) -> str:
        try:
            async with self._session.get("/health") as answer:
                return str((await answer.json())["why"])
        except aiohttp.ClientConnectionError:
            return "not there"

    async def hears(self, *wanted: str, after: int) -> None:
        await _until(partial(self._texts, after), list(wanted))

    async def _texts(self, after: int) -> list[str]:
        async with self._session.get(WHERE, params={"after": after}) as answer:
            entries = (await answer.json(content_type=None)).get("entry", [])
            return [each["resource"]["payload"][0]["contentString"] for each in entries]

    async def give(self, content: dict[str, Any]) -> int:
        headers = {"content-type": "application/fhir+json"}
        async with self._session.post(WHERE, data=json.dumps(content), headers=headers) as answer:
            return answer.status


async def _until(ask: Callable[[], Awaitable[object]], wanted: object) -> None:
    """The connector is another process: all one can do is ask."""
    while True:
        if await ask() == wanted:
            return
        await asyncio.sleep(LOOK_AGAIN_S)


@asynccontextmanager
async def talking(practice: Practice) -> AsyncIterator[Talk]:
    """Anna, by a client without a screen."""
    keyring = make_keyring(at=1)
    held = make_pass(
        person=practice.anna.person_id, practice=practice.anna.practice_id, role=practice.anna.role, organiser=False
    )
    async with http_transport(origin=practice.house.url) as http:
        application = Application(practice.house.url, held, http, asyncio.sleep)
        device = make_device(keyring.person)
        await state_keys(application, keyring, device, at=1)
        talk = Talk(World(application, keyring), device)
        await talk.world.begin()
        yield talk


def communication(conversation: str, text: str) -> dict[str, Any]:
    return {
        "resourceType": "Communication",
        "identifier": [{"system": "https://his.example/berichten", "value": text}],
        "status": "completed",
        "partOf": [{"reference": f"Communication/{to_fhir(conversation)}"}],
        "payload": [{"contentString": text}],
    }


async def test_a_record_system_talks_through_a_connector_that_dies(open_house, tmp_path):
    practice = Practice(open_house(talking=True), tmp_path)
    assert await practice.init() == 0
    assert await practice.init() == 0
    async with talking(practice) as anna:
        group = await anna.create_conversation(practice.member)
        async with practice.serving() as his:
            await his.until_well()
            await anna.say(group.name, "Mag dit?")
            await his.hears("Mag dit?", after=0)
        await anna.say(group.name, "En dit?")
        async with practice.serving() as his:
            await his.until_well()
            await his.hears("En dit?", after=1)
            assert await his.give(communication(group.name, "Ja")) == 202
        async with practice.serving() as his:
            await his.until_well()
            assert await his.give(communication(group.name, "Ja")) == 200
            while "Ja" not in (said := [each.message.content.text for each in group.said()]):
                await anna.world.catch_up()
            assert said == ["Mag dit?", "En dit?", "Ja"]
            practice.end()
            await his.until_well(why="closed")
