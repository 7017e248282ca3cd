"""What leaves this process about a request: that it was there and how long it took, and nothing of whom or what."""

import os
import subprocess
import sys

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from opentelemetry.instrumentation.django.middleware.otel_middleware import _DjangoMiddleware
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.trace import SpanKind

from balie.lib.numbers import ASKED, Numbered
from balie.runtime.tracing import OfRequests, SafeExporter, Tracing

SECRETS = ("een-geheim", "anna@praktijk.example", "999990019", "pillen", "10.1.2.3", "Firefox")
PATH = "/account/wachtwoord/nieuw/1-een-geheim/?bsn=999990019"


class Collector:
    """What two collectors get: one behind our exporter, and one that gets all."""

    def __init__(self) -> None:
        self.told, self.all = InMemorySpanExporter(), InMemorySpanExporter()
        self.provider = TracerProvider(sampler=ParentBased(OfRequests()))
        self.provider.add_span_processor(SimpleSpanProcessor(SafeExporter(self.told)))
        self.provider.add_span_processor(SimpleSpanProcessor(self.all))
        self.tracing = Tracing(self.provider)

    def spans(self):
        return self.told.get_finished_spans()


@pytest.fixture
def collector():
    return Collector()


def text(exporter) -> str:
    return " ".join(span.to_json() for span in exporter.get_finished_spans())


def answering(status: int):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": ASKED.get().trace.encode()})

    return app


async def ask(app, path: str, *headers) -> bytes:
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"bsn=999990019", "headers": list(headers)}
    await app(scope, None, send)
    return sent[1]["body"]


async def test_a_request_is_a_span_with_its_number_and_in_the_trace_of_who_asked(collector):
    given = (b"traceparent", f"00-{'a' * 32}-{'b' * 16}-01".encode())
    number = (b"x-request-id", b"F8K2-QD7M")
    place = await ask(Numbered(collector.tracing.app(answering(200))), "/live/orders/7/confirm", given, number)
    (span,) = collector.spans()
    assert span.name == "POST /live/orders/{id}/confirm"
    assert dict(span.attributes) == {
        "balie.request": "F8K2-QD7M",
        "http.response.status_code": 200,
        "http.route": "/live/orders/{id}/confirm",
    }
    assert f"{span.context.trace_id:032x}" == "a" * 32
    assert place.decode().split("-")[2] == f"{span.context.span_id:016x}"


@pytest.mark.parametrize(("path", "status"), [("/live/een-geheim", 404), ("/oncall/een-geheim/", 200)])
async def test_a_path_that_may_hold_a_secret_is_not_told(collector, path, status):
    await ask(collector.tracing.app(answering(status)), path)
    assert "een-geheim" not in text(collector.told)


async def test_what_somebody_made_up_as_a_trace_is_not_taken_over(collector):
    await ask(collector.tracing.app(answering(200)), "/live/health", (b"traceparent", b"00-een-geheim-01"))
    (span,) = collector.spans()
    assert span.parent is None


def test_a_query_of_nobodys_request_begins_no_trace(collector):
    with collector.tracing.span("select", kind=SpanKind.CLIENT):
        pass
    assert collector.spans() == ()
    with collector.tracing.span("page", kind=SpanKind.SERVER), collector.tracing.span("select", kind=SpanKind.CLIENT):
        pass
    assert [span.name for span in collector.spans()] == ["select", "page"]


def test_nothing_that_a_library_notes_is_told_but_what_is_known_to_be_safe(collector, monkeypatch):
    """With its control: behind another exporter, most of it would be."""
    monkeypatch.setattr(_DjangoMiddleware, "_tracer", collector.provider.get_tracer("django"))
    monkeypatch.setattr(_DjangoMiddleware, "_active_request_counter", NoMeter())
    monkeypatch.setattr(_DjangoMiddleware, "_duration_histogram_old", NoMeter())

    def page(_request):
        try:
            with collector.tracing.span("inside"):
                raise ValueError("anna@praktijk.example wants pillen")  # noqa: TRY301
        except ValueError:
            return HttpResponse(status=500)

    request = RequestFactory().post(PATH, REMOTE_ADDR="10.1.2.3", headers={"user-agent": "Firefox"})
    _DjangoMiddleware(page)(request)
    noted, told = text(collector.all), text(collector.told)
    assert [secret for secret in SECRETS if secret in noted] == list(SECRETS), "the control has something to hide"
    assert [secret for secret in SECRETS if secret in told] == []
    assert "ValueError" in told


class NoMeter:
    def add(self, *_args, **_more):
        pass

    record = add


OFF = """
import sys, django
django.setup()
import balie.asgi, balie.keyserver.command, balie.serve, balie.watch, balie.work
from balie.serve import ServeRole, _app
_app(ServeRole.LIVE)
assert balie.work.open_span() is balie.work.no_span
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


@pytest.mark.slow
def test_where_nothing_is_traced_nothing_of_it_is_loaded():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "balie.settings", "BALIE_TRACES": ""}
    said = subprocess.run([sys.executable, "-c", OFF], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
