"""Telling practices when a delivery comes: `balie work` mails it, once, so many working days before."""

import structlog
from django.conf import settings

from balie.lib.sqlfiles import read_sql
from balie.runtime.hot import Connection

INTERVAL_S = 20.0
BATCH_MOST = 500

log = structlog.get_logger()


async def tell_alerts(conn: Connection) -> None:
    """Whoever may hear a time now and has not. Any number of us may do this."""
    wanted = {"most": BATCH_MOST, "mail_domain": settings.MAIL_DOMAIN}
    row = await (await conn.execute(read_sql("ordering", "tell_alerts").encode(), wanted)).fetchone()
    if row and row[0]:
        log.info("alerts_told", deliveries=row[0])
