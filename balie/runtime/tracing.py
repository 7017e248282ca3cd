"""Traces for OpenTelemetry, where BALIE_TRACES says who collects them. Where that is empty nothing imports this, and
nothing else of ours imports OpenTelemetry.

A request is a span; what its batch does is another, linked to every request in it. A mail remembers the request that
caused it, so that its sending belongs to the same trace. Only what `SAFE` lists leaves this process about a span.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
)
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes, AttributeValue

from balie.lib.asgi import App, Message, Receive, Scope, Send, find_header
from balie.lib.numbers import ASKED
from balie.runtime.batcher import Job, Kind, Settle
from balie.runtime.duties import process_name
from balie.runtime.hot import Connection

HEADER: Final = "traceparent"
HOT: Final = ("/live/", "/stream/")
_NUMBERS: Final = re.compile(r"\d+")
_PROPAGATOR: Final = TraceContextTextMapPropagator()

# Of a span, no more than this is told: no address of a page, query, header, client, statement or message of a fault.
SAFE: Final = frozenset(
    {
        "balie.batch.size",
        "balie.mail.attempt",
        "balie.mail.kind",
        "balie.mail.verdict",
        "balie.request",
        "balie.role",
        "db.name",
        "db.system",
        "exception.type",
        "http.method",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "http.status_code",
    }
)


class SafeExporter(SpanExporter):
    """Passes on what is safe of each span: libraries note much that is nobody's business, each version more."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([safe(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def safe(span: ReadableSpan) -> ReadableSpan:
    """The same span with only what `SAFE` lists, and its status without words."""
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=_safe(span.attributes),
        events=[Event(each.name, _safe(each.attributes), each.timestamp) for each in span.events],
        links=[Link(each.context) for each in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _safe(attributes: Attributes) -> dict[str, AttributeValue]:
    return {name: value for name, value in (attributes or {}).items() if name in SAFE}


class OfRequests(Sampler):
    """A query that nobody's request caused begins no trace: every process looks at the database twice a second."""

    def should_sample(  # noqa: PLR0917 - as the library calls it
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: trace.TraceState | None = None,
    ) -> SamplingResult:
        sampler = ALWAYS_OFF if kind is SpanKind.CLIENT else ALWAYS_ON
        return sampler.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        return "OfRequests"


class Tracing:
    """One per process."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("balie")

    @contextmanager
    def span(
        self,
        name: str,
        *,
        parent: str = "",
        links: Iterable[str] = (),
        kind: SpanKind = SpanKind.INTERNAL,
        **attributes: str | int,
    ) -> Iterator[Span]:
        """What happens inside. `parent` and `links` are traceparents; without one it belongs to what is under way."""
        told = {f"balie.{key.replace('_', '.')}": value for key, value in attributes.items()}
        linked = [Link(trace.get_current_span(_context(each)).get_span_context()) for each in links if each]
        context = _context(parent) if parent else None
        with self._tracer.start_as_current_span(name, context, kind, told, linked) as span:
            yield span

    def app(self, inner: App) -> App:
        """The same app, each request of it a span. Who asks may say what it is part of, as proxies do."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            method = scope["method"]
            given = (find_header(scope, HEADER.encode()) or b"").decode("latin-1")
            number = ASKED.get().number
            with self.span(f"{method} page", parent=given, kind=SpanKind.SERVER, request=number) as span:
                ASKED.set(replace(ASKED.get(), trace=traceparent(span)))

                async def noting(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        _note(span, scope, message["status"])
                    await send(message)

                await inner(scope, receive, noting)

        return traced

    def kinds(self, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
        """The same kinds of requests, each batch of them a span in the trace of its first request."""
        return {name: replace(kind, settle=self._settle(name, kind.settle)) for name, kind in kinds.items()}

    def _settle(self, name: str, settle: Settle) -> Settle:
        async def settled(conn: Connection, about: int, jobs: Sequence[Job]) -> Sequence[object]:
            first, *others = [job.asked.trace for job in jobs]
            with self.span(f"batch {name}", parent=first, links=others, batch_size=len(jobs)):
                return await settle(conn, about, jobs)

        return settled


def start(role: str, url: str) -> Tracing:
    """For this process, in which nothing was traced so far; spans go to `url` by OTLP over HTTP. The variables that
    OpenTelemetry knows (OTEL_…) hold too, save those that would let it tell more.
    """
    tracing = Tracing(provide(role, SafeExporter(OTLPSpanExporter(endpoint=url))))
    DjangoInstrumentor().instrument()
    PsycopgInstrumentor().instrument()
    return tracing


def provide(role: str, exporter: SpanExporter) -> TracerProvider:
    """Where all spans of this process go."""
    resource = Resource.create({"service.name": f"balie-{role}", "service.instance.id": process_name(role)})
    provider = TracerProvider(sampler=ParentBased(OfRequests()), resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider


def traceparent(span: Span) -> str:
    """Its place in its trace, as W3C writes it."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, trace.set_span_in_context(span, Context()))
    return carrier.get(HEADER, "")


def _context(parent: str) -> Context:
    return _PROPAGATOR.extract({HEADER: parent}, Context())


def _note(span: Span, scope: Scope, status: int) -> None:
    """A path is told where it holds no secret: that of a hot path that exists."""
    span.set_attribute("http.response.status_code", status)
    path: str = scope["path"]
    if path.startswith(HOT) and status != 404:
        route = _NUMBERS.sub("{id}", path)
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
    if status >= 500:
        span.set_status(StatusCode.ERROR)
