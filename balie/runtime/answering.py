"""Answers of the hot paths, whatever happens while they are made."""

import time
from collections.abc import Awaitable, Callable

import structlog

from balie.lib.asgi import DisconnectedError, Reply, Scope, TooLargeError, find_language
from balie.lib.problems import Problem
from balie.lib.references import make_reference
from balie.runtime.batcher import FaultError
from balie.runtime.link import AwayError
from balie.runtime.metrics import ANSWERS

log = structlog.get_logger()

CODES = {
    AwayError: "try_again",
    DisconnectedError: "bad_request",
    TimeoutError: "try_again",
    TooLargeError: "too_large",
}


async def answered(scope: Scope, make: Callable[[], Awaitable[Reply]]) -> Reply:
    """What `make` makes, or the problem it ran into; what nobody foresaw is logged under a reference that the caller
    hears too.
    """
    began = time.perf_counter()
    reply = await _answered(scope, make)
    status = str(reply.start["status"])
    # What strangers make up would be a new series each.
    what = scope["path"].rpartition("/")[2] if status != "404" else "unknown"
    ANSWERS.labels(what, status).observe(time.perf_counter() - began)
    return reply


async def _answered(scope: Scope, make: Callable[[], Awaitable[Reply]]) -> Reply:
    try:
        return await make()
    except Problem as found:
        problem = found
    except FaultError as fault:
        problem = Problem("fault", reference=fault.reference)
    except (AwayError, DisconnectedError, TimeoutError, TooLargeError) as fault:
        problem = Problem(CODES[type(fault)])
    except Exception:
        reference = make_reference()
        log.exception("request_failed", reference=reference, method=scope["method"], path=scope["path"])
        problem = Problem("fault", reference=reference)
    return problem.reply(find_language(scope))
