"""What somebody reads out finds its line in the log of the key server that refused."""

import re

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.middleware import Middleware
from structlog.testing import capture_logs

from balie.consult.protocol.tests.vectors.cast import ANNA
from balie.keyserver.asgi import create
from balie.keyserver.releases import Rules
from balie.keyserver.tests.house import ORIGIN, call, config, keys
from balie.keyserver.tracing import Traced

GIVEN = "0b9e3f6c6a7d4f1e8c2a5d7e9f104b3c"


async def test_a_refusal_stands_in_the_log_under_the_number_of_its_answer(servers):
    with capture_logs() as lines:
        answer = await servers.ask("north", "held", b"{}", token="none")
    number = answer.headers["x-request-id"]
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", number)
    assert lines == [
        {"event": "refused", "request": number, "what": "held", "status": 401, "error": "token", "log_level": "info"}
    ]
    assert answer.headers["access-control-expose-headers"] == "x-request-id"


async def test_a_fault_is_told_and_logged_without_the_person(servers, monkeypatch):
    monkeypatch.setattr(Rules, "nonce", lambda *_: 1 // 0)
    with capture_logs() as lines:
        answer = await servers.ask("north", "nonce")
    assert (answer.status, answer.json) == (500, {"error": "fault"})
    assert {line["request"] for line in lines} == {answer.headers["x-request-id"]}
    assert ANNA.id not in str(lines)


async def test_a_number_that_was_given_is_kept_and_a_harmful_one_is_not(servers):
    for given, kept in ((GIVEN, True), ("x" * 37, False), ('"}{', False)):
        answer = await call(
            servers.apps["north"], "GET", "/v1/server", headers={"origin": ORIGIN, "x-request-id": given}
        )
        assert (answer.headers["x-request-id"] == given) is kept


async def test_a_span_tells_the_request_and_nothing_of_who_asked_or_what(tmp_path):
    told = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(told))
    traced = [Middleware(Traced, provider=provider)]
    app = create(config("north", tmp_path), keys("north"), traced=traced)
    given = {"x-request-id": GIVEN, "traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "authorization": "Bearer een-geheim"}
    await call(app, "POST", "/v1/nonce", headers=given)
    await call(app, "GET", "/een-geheim", headers={"authorization": "Bearer een-geheim"})
    span, unknown = told.get_finished_spans()
    assert (span.name, f"{span.context.trace_id:032x}") == ("POST /v1/nonce", "a" * 32)
    assert dict(span.attributes) == {"balie.request": GIVEN, "http.response.status_code": 401}
    assert unknown.name == "GET"
    assert "een-geheim" not in span.to_json() + unknown.to_json()
