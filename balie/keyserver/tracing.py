"""Traces of a key server for OpenTelemetry, where its settings say who collects them; else nothing imports this. A span
says which request, how it ended and how long it took: never who, what or from where.
"""

from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from balie.keyserver.numbers import NUMBER

HEADER: Final = "traceparent"


class Traced:
    """Each request of an app a span. Software may say what it is part of; browsers are not asked to."""

    def __init__(self, app: ASGIApp, provider: TracerProvider) -> None:
        self._app, self._tracer = app, provider.get_tracer("balie.keyserver")
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == HEADER.encode()), "")
        method, noted = scope["method"], {"balie.request": scope[NUMBER]}
        context = self._propagator.extract({HEADER: given})
        with self._tracer.start_as_current_span(
            method, context, SpanKind.SERVER, noted, record_exception=False, set_status_on_exception=False
        ) as span:

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] != 404:  # else a stranger may have thought the path up
                        span.update_name(f"{method} {scope['path']}")
                await send(message)

            await self._app(scope, receive, noting)


def provide(server: str, url: str) -> TracerProvider:
    """Where spans go: to `url`, by OTLP over HTTP."""
    provider = TracerProvider(resource=Resource.create({"service.name": f"balie-keyserver-{server}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    trace.set_tracer_provider(provider)
    return provider
