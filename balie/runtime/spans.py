"""What opens a span of `balie.runtime.tracing`, for whoever works without a request; nothing of OpenTelemetry is loaded
where nothing is traced.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

OpenSpan = Callable[..., AbstractContextManager[Any]]


def no_span(*_args: object, **_more: object) -> AbstractContextManager[None]:
    """Where nothing is traced."""
    return nullcontext()


def place_of(span: Any) -> str:
    """Where it stands in its trace, as a mail remembers it; empty for the span of `no_span`."""
    if span is None:
        return ""
    from balie.runtime.tracing import traceparent  # noqa: PLC0415 - only where something is traced

    return traceparent(span)
