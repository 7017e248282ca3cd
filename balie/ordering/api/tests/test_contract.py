"""Whatever is asked of the API, by its document or against it, is answered as the document says."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Self

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode, openapi
from schemathesis.specs.openapi.checks import ignored_auth

from balie.lib.problems import PROBLEMS
from balie.ordering.api.document import ADDRESS, describe
from balie.ordering.api.operations import OPERATIONS
from balie.ordering.api.tests.programs import make_site, make_token
from balie.ordering.tests.desk import MONDAY
from balie.ordering.tests.web import running
from balie.practices import tokens

OFTEN = settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))


class InALoop:
    """A site that runs in a thread of its own, as an app for whoever brings a loop for each request."""

    def __init__(self) -> None:
        self._ready: Future[None] = Future()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.result(20)
        return self

    def __exit__(self, *_fault: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            async with running(make_site()) as self._site:
                self._ready.set_result(None)
                await self._stop.wait()
        except BaseException as fault:
            if not self._ready.done():
                self._ready.set_exception(fault)
            raise

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        whole = {"type": "http.request", "body": body + message.get("body", b""), "more_body": False}
        said: list[Any] = []

        async def take() -> Any:
            return whole

        async def keep(answer: Any) -> None:
            said.append(answer)

        there = asyncio.run_coroutine_threadsafe(self._site(scope, take, keep), self._loop)
        await asyncio.wrap_future(there)
        for answer in said:
            await send(answer)


@pytest.fixture
def app(desk, monkeypatch) -> Iterator[InALoop]:
    monkeypatch.setattr(tokens, "REQUESTS_AT_ONCE", 1e9)  # else most of what is asked would only be too much
    with InALoop() as app:
        yield app


def fill_in(case: Any, desk: Any) -> None:
    """What no document can know: which numbers there are."""
    if "campaign" in (case.path_parameters or {}):
        case.path_parameters["campaign"] = desk.campaign
    if isinstance(case.body, dict):
        for line in case.body.get("lines", []):
            # A number that is whole and written with a point is an integer to JSON Schema, and not to us.
            line |= {"product": desk.flu, "location": desk.linde.home, "doses": int(line["doses"])}
        if "slot" in case.body:
            case.body["slot"] = 0  # so too; and all but the first order want one before them
        if "ranking" in case.body:
            case.body["ranking"] = [MONDAY.isoformat()]
        case.body["lines"] = case.body.get("lines", [])[:1]
        if "PUT" in case.operation.label:
            case.body["auto"] = "off"
        elif "hold" in case.operation.label or "change" in case.operation.label:
            case.body["lines"][0] |= {"doses": 100, "day": MONDAY.isoformat()}
        else:
            case.body.pop("lines")


def play(operation: Any, mode: GenerationMode, desk: Any, token: str, statuses: set[tuple[str, int]]) -> None:
    @OFTEN
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.headers["authorization"] = f"Bearer {token}"
        if mode is GenerationMode.POSITIVE:
            fill_in(case, desk)
        # It makes the token up, and would have it refused.
        statuses.add((operation.label, case.call_and_validate(excluded_checks=[ignored_auth]).status_code))

    ask()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_answer_is_as_the_document_says(app, desk):
    token = make_token(desk.linde.practice)
    schema = openapi.from_asgi(ADDRESS, app)
    schema.config.generation.update(with_security_parameters=False)  # else most of what is wrong is the token
    statuses: set[tuple[str, int]] = set()
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == len(OPERATIONS)
    for operation in operations:
        takes_nothing = operation.label == "GET /api/v1/practice"
        for mode in [GenerationMode.POSITIVE] if takes_nothing else GenerationMode:
            play(operation, mode, desk, token, statuses)
    answered = {label for label, status in statuses if status == 200}
    unanswered = {operation.label for operation in operations} - answered
    # These need what chance may not hit on: a key that holds, a number that was given, a hold that is no order yet.
    assert unanswered <= {
        "POST /live/api/v1/campaigns/{campaign}/hold/{key}/confirm",
        "POST /live/api/v1/campaigns/{campaign}/hold/{key}/release",
        "GET /api/v1/orders/{number}",
        "POST /api/v1/orders/{number}/change",
        "POST /api/v1/orders/{number}/cancel",
    }
    assert {status for _label, status in statuses} >= {200, 400, 404}


def test_the_document_is_sound_and_says_all():
    document = describe()
    assert all(jsonschema_rs.meta.is_valid(schema) for schema in document["components"]["schemas"].values())
    described = [(path, method.upper()) for path, methods in document["paths"].items() for method in methods]
    assert sorted(described) == sorted((each.path, each.method) for each in OPERATIONS)
    assert all(each.codes <= PROBLEMS.keys() for each in OPERATIONS)


def test_it_is_there_for_everybody(client, db):
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.json()) == (200, describe())
