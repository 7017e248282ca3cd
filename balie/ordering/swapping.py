"""Serving the line of all who wait for room: whoever stands first and fits, one transaction each (`sql/swaps_v2.sql`).

Who has an order gets it changed; who has none gets an offer, which ends after some time. Any number of us may do this.
One that another is first for by now, or that no longer fits, is looked for anew.
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
# Longer than a request may take: a click that was in time is settled before its offer ends.
OFFER_GRACE_S = 60

CAMPAIGNS = """
select coalesce(array_agg(c.id), '{}') from ordering_campaign c
 where exists (select from ordering_swap s where s.campaign_id = c.id and s.state = 'open')
"""
FITTING = "select ordering_fitting_swap_v2(%s)"
SERVE = "select ordering_serve_swap_v2(%s, %s)"
SETTLE = "select ordering_settle_swap_v2(%s, 'lapsed', %s)"
TIDY = "select ordering_tidy_swaps_v2(%s, %s)"
# Offers that were not taken in time, or are of somebody who has ordered meanwhile.
OVER = """
select s.id, s.campaign_id, case when o.id is null then 'lapsed' else 'overtaken' end
  from ordering_swap s
  left join lateral (
    select x.id from ordering_order x
     where x.campaign_id = s.campaign_id and x.practice_id = s.practice_id and x.slot = 0) o on true
 where s.state = 'offered'
   and (o.id is not null or s.offer_ends_at < clock_timestamp() - make_interval(secs => %s))
 order by s.id limit %s
"""
END_OFFER = "select ordering_end_offer_v1(%s, %s, %s)"

log = structlog.get_logger()


async def serve_swaps(conn: Connection) -> None:
    """All that fit now, in all campaigns; first come back what offers took that are over."""
    await end_offers(conn)
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
        served += outcome in {"served", "offered"}
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


async def end_offers(conn: Connection) -> None:
    """Those that nobody took in time, each in a transaction of its own."""
    over = await (await conn.execute(OVER.encode(), (OFFER_GRACE_S, MOST_A_TURN))).fetchall()
    for swap, campaign, state in over:
        with suppress(*LOST_A_RACE):
            async with conn.transaction():
                (ended,) = await fetch_one(conn, END_OFFER, (swap, state, settings.MAIL_DOMAIN))
            if ended:
                log.info("offer_ended", swap=swap, state=state)
                await notify(conn, f"days:{campaign}")


async def tidy_swaps(conn: Connection) -> None:
    """Those that nobody needs to wait for any more."""
    await fetch_one(conn, TIDY, (TIDY_MOST, settings.MAIL_DOMAIN))
