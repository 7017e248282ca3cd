"""Logs: one JSON object a line on standard error, for whatever collects it. Never a body, a pass or a secret."""

import logging
import logging.config
import sys
from typing import Any

import structlog
from prometheus_client import Counter
from structlog.typing import EventDict, Processor, WrappedLogger

from balie.lib.numbers import ASKED

FAULTS = Counter("balie_faults", "What was logged as an error, by its name", ["event"])
_SECRETS = frozenset({"authorization", "body", "cookie", "dsn", "password", "secret", "set-cookie", "token"})


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The last defence: what carries the name of a secret does not reach the log."""
    for name in event:
        if name.lower() in _SECRETS:
            event[name] = "(hidden)"
    return event


def count_faults(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Ours alone: the words of libraries are not a list that ends."""
    if method in {"error", "critical"}:
        FAULTS.labels(event["event"]).inc()
    return event


def name_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The number that people read out, and the trace where there is one."""
    asked = ASKED.get()
    if asked.number:
        event.setdefault("request", asked.number)
    if asked.trace:
        event.setdefault("trace", asked.trace.split("-")[1])
    return event


_SHARED: tuple[Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.format_exc_info,
    name_request,
    hide_secrets,
)


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *_SHARED],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )


# For libraries that log by the standard library, and for granian, which wants to set up its own.
STANDARD_LIBRARY: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": _formatter}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "json"},
        "none": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "_granian": {"level": "INFO"},
        # Django's own words about requests hold their paths, and those may be secrets; `page_failed` tells what failed.
        "django.request": {"handlers": ["none"], "propagate": False},
        # aiosmtpd would write down every line of every dialogue, addresses and all.
        "mail.log": {"level": "WARNING"},
        # Apprise names the number that did not get its text; `sms_failed` tells which text it was.
        "apprise": {"handlers": ["none"], "propagate": False},
    },
}


def set_up_logging() -> None:
    """Once per process, before anything logs."""
    logging.config.dictConfig(STANDARD_LIBRARY)
    structlog.configure(
        processors=[count_faults, *_SHARED, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
