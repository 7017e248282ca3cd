"""What the organiser's control room shows: the night now, and its minutes so far.

The queries run once a second and process, and only while somebody watches.
"""

import time
from datetime import timedelta
from typing import Any

from psycopg.rows import dict_row

from balie.lib.asgi import moment
from balie.lib.sqlfiles import read_sql
from balie.ordering.picture import CampaignPicture
from balie.runtime.hot import Connection

LONGEST_HISTORY = timedelta(hours=3)


async def read_night(conn: Connection, campaign: CampaignPicture) -> dict[str, Any]:
    """The event `night` of docs/spec/live.md."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(read_sql("ordering", "night_now").encode(), {"campaign": campaign.row.id})
        counted = await cursor.fetchone()
    assert counted is not None
    room, at = campaign.room, time.monotonic()
    return {
        "now": moment(room.service_now(at)),
        "wall": moment(room.wall_now(at)),
        "still": room.still(at),
        **counted,
        "called": room.row.called,
        "last": room.row.last,
        "pace": room.row.pace,
        "paused": room.row.paused,
        "closed": room.wall_now(at) >= room.row.closes_at,
    }


async def read_history(conn: Connection, campaign: CampaignPicture) -> dict[str, Any]:
    """The event `history` of docs/spec/live.md."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        since = campaign.room.wall_now(time.monotonic()) - LONGEST_HISTORY
        asked = {"campaign": campaign.row.id, "since": since, "until": None}
        await cursor.execute(read_sql("ordering", "night_history").encode(), asked)
        minutes = await cursor.fetchall()
    return {"minutes": [{**minute, "at": moment(minute["at"])} for minute in minutes]}
