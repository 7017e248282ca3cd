"""Serving standing swaps: whoever stands first in line and fits, one transaction each; by `sql/swaps_v1.sql`.

Any number of us may do this. A swap that another is first for by now, or that no longer fits, is looked for anew.
"""

from contextlib import suppress

import psycopg
import structlog
from django.conf import settings

from balie.ordering.placing import LOST_A_RACE
from balie.runtime.hot import Connection, fetch_one, notify

INTERVAL_S = 1.0
TIDY_INTERVAL_S = 10.0
# So many in one turn: others want to be served too, and the rest is there in a second.
MOST_A_TURN = 100
TIDY_MOST = 100

CAMPAIGNS = "select coalesce(array_agg(distinct campaign_id), '{}') from ordering_swap where state = 'open'"
FITTING = "select ordering_fitting_swap_v1(%s)"
SERVE = "select ordering_serve_swap_v1(%s, %s)"
SETTLE = "select ordering_settle_swap_v1(%s, 'lapsed', %s)"
TIDY = "select ordering_tidy_swaps_v1(%s, %s)"

log = structlog.get_logger()


async def serve_swaps(conn: Connection) -> None:
    """All that fit now, in all campaigns."""
    (campaigns,) = await fetch_one(conn, CAMPAIGNS)
    for campaign in campaigns:
        with suppress(*LOST_A_RACE):  # somebody has a row for a moment; the next turn tries again
            if await _serve(conn, campaign):
                await notify(conn, f"days:{campaign}")


async def _serve(conn: Connection, campaign: int) -> int:
    """How many were served."""
    served = 0
    for _ in range(MOST_A_TURN):
        (swap,) = await fetch_one(conn, FITTING, (campaign,))
        if swap is None:
            break
        outcome = await serve_swap(conn, swap)
        served += outcome == "served"
    return served


async def serve_swap(conn: Connection, swap: int) -> str:
    """Where it is still the first that fits; the outcome."""
    try:
        async with conn.transaction():
            (outcome,) = await fetch_one(conn, SERVE, (swap, settings.MAIL_DOMAIN))
    except LOST_A_RACE:
        raise
    except psycopg.OperationalError:
        raise
    except psycopg.Error:  # a fault of this one: the line behind it must not wait for it
        log.exception("swap_not_served", swap=swap)
        await conn.execute(SETTLE.encode(), (swap, settings.MAIL_DOMAIN))
        return "lapsed"
    log.info("swap_settled", swap=swap, outcome=outcome)
    return str(outcome)


async def tidy_swaps(conn: Connection) -> None:
    """Those that nobody needs to wait for any more."""
    await fetch_one(conn, TIDY, (TIDY_MOST, settings.MAIL_DOMAIN))
