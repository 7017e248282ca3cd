"""Answers of the hot paths, whatever happens while they are made."""

import time
from collections.abc import Awaitable, Callable

import structlog

from balie.lib.asgi import Allowance, DisconnectedError, Reply, Scope, TooLargeError, find_language
from balie.lib.problems import Problem
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
LOGGED = frozenset({400, 403, 404, 413, 429})
_lines = Allowance(rate=20, most=200)


async def answered(scope: Scope, make: Callable[[], Awaitable[Reply]]) -> Reply:
    """What `make` makes, or the problem it ran into; what nobody foresaw is logged with all that is known of it."""
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
    except FaultError:
        problem = Problem("fault")
    except (AwayError, DisconnectedError, TimeoutError, TooLargeError) as fault:
        problem = Problem(CODES[type(fault)])
    except Exception:
        log.exception("request_failed", method=scope["method"], path=scope["path"])
        problem = Problem("fault")
    return refused(scope, problem)


def refused(scope: Scope, problem: Problem) -> Reply:
    """The answer that tells this problem. That a practice came too late, or must log in, is the day's business; the
    rest is logged, so that the number which somebody reads out is found. Floods are not: so many lines a second.
    """
    reply = problem.reply(find_language(scope))
    status = reply.start["status"]
    if (status in LOGGED or status >= 500) and _lines.take():
        log.info("refused", status=status, code=problem.code, method=scope["method"], path=scope["path"][:100])
    return reply
