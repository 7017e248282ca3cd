"""Whatever is asked, by the document or against it, is answered as the document says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode, openapi
from schemathesis.specs.openapi.checks import ignored_auth

from balie.connector.api import Api, create
from balie.connector.config import digest
from balie.connector.desk import Desk
from balie.connector.passes import NotABsnError
from balie.connector.store import Store
from balie.connector.tests.conftest import AGB, KEY, no_stream
from balie.consult.client.application import Application
from balie.consult.client.device import make_device
from balie.consult.client.fhir import BSN as SYSTEM
from balie.consult.client.fhir import to_fhir
from balie.consult.client.groups import Group
from balie.consult.client.keyrings import make_keyring
from balie.consult.client.talk import Talk
from balie.consult.client.transport import Response, UnreachableError
from balie.consult.client.world import World

CONVERSATION = "A" * 43
BSN = "999990019"
OFTEN = settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))


async def away(*_asked: object) -> Response:
    raise UnreachableError


async def nobody(bsn: str) -> str | None:
    """As Balie answers, which alone judges a BSN."""
    if bsn != BSN:
        raise NotABsnError
    return None


@pytest.fixture
def app(tmp_path: Path) -> Any:
    """A connector in one conversation; nobody takes what it is given."""
    keyring = make_keyring(at=1)
    world = World(Application("", "", away, asyncio.sleep), keyring)
    world.groups[CONVERSATION] = Group(CONVERSATION, "conversation")
    store = Store(tmp_path / "store.sqlite")
    api = Api(key=digest(KEY), agb_code=AGB)
    api.desk = Desk(
        Talk(world, make_device(keyring.person)), store, no_stream, nobody, pause=asyncio.sleep, clock=lambda: 1.0
    )

    api.desk.why = ""  # it hears

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        yield

    yield create(api, lifespan=lifespan)
    store.close()


def play(operation: Any, mode: GenerationMode, statuses: set[int]) -> None:
    @OFTEN
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.headers["authorization"] = f"Bearer {KEY}"
        if mode is GenerationMode.POSITIVE:
            case.headers["organisation_agb"] = AGB
            if isinstance(case.body, dict) and "subject:identifier" in case.body:
                case.body["subject:identifier"] = f"{SYSTEM}|{BSN}"  # a document cannot say which numbers are BSNs
            if isinstance(case.body, dict) and "partOf" in case.body:
                case.body["partOf"] = [{"reference": f"Communication/{to_fhir(CONVERSATION)}"}]
                case.body.pop("inResponseTo", None)
        # It makes the key up, and would have it refused.
        statuses.add(case.call_and_validate(excluded_checks=[ignored_auth]).status_code)

    ask()


@pytest.mark.slow
def test_every_answer_is_as_the_document_says(app):
    schema = openapi.from_asgi("/openapi.json", app)
    statuses: set[int] = set()
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {each.label for each in operations} == {
        "GET /fhir/Communication",
        "POST /fhir/Communication",
        "GET /fhir/Communication/{id}",
        "GET /fhir/Communication/{id}/$everything",
        "POST /fhir/Communication/_search",
        "GET /health",
    }
    for operation in operations:
        asks_nothing = operation.label == "GET /health"
        for mode in [GenerationMode.POSITIVE] if asks_nothing else GenerationMode:
            play(operation, mode, statuses)
    assert statuses >= {200, 202, 400, 404}
