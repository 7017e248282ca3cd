"""A duty of `balie work`: forgets what the probes of the watch leave behind when they order."""

from balie.runtime.hot import Connection

INTERVAL_S = 600.0
FORGET = """
delete from ordering_hold_log l using ordering_campaign c
 where c.id = l.campaign_id and c.is_probe and l.at < clock_timestamp() - interval '1 hour'
"""


async def forget_probes(conn: Connection) -> None:
    """Two lines of the log every few seconds, about nobody."""
    await conn.execute(FORGET)
