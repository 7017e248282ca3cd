"""A duty of `balie work`: what ends by itself ends, and hours open and close. Any number of us may do it at once."""

import asyncio

from django.conf import settings
from django.db import connections
from django.utils import timezone

from balie.practices.functions.models import Switch
from balie.practices.functions.services import apply_hours, read_spans
from balie.runtime.hot import Connection, fetch_one

INTERVAL_S = 1.0
HOURS_INTERVAL_S = 2.0
FORGET_INTERVAL_S = 3600.0

TICK = "select practices_switch_tick_v1(%s)"
# Names of patients stay no longer than they are of use.
FORGET_CALLS = """
delete from practices_call c using practices_notice n
 where n.id = c.notice_id and n.at < clock_timestamp() - interval '30 days'
"""


async def end_what_is_over(conn: Connection) -> None:
    """Decisions by hand that had an end, and culprits that have been well for long enough."""
    await fetch_one(conn, TICK, (settings.MAIL_DOMAIN,))


async def follow_hours(_conn: Connection) -> None:
    """The ORM is synchronous: in a thread."""
    await asyncio.to_thread(_follow_hours)


def _follow_hours() -> None:
    try:
        for switch in Switch.objects.filter(hours__isnull=False).distinct().prefetch_related("hours"):
            apply_hours(switch, read_spans(switch), timezone.now())
    finally:
        connections.close_all()


async def forget_calls(conn: Connection) -> None:
    await conn.execute(FORGET_CALLS)
