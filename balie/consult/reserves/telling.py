"""A mail to who runs a practice: the yearly drill of a reserve is due, or a reserve was used and must be made anew.

Each month again, until it is done; whom it goes to is in `sql/tell_reserves.sql`.
"""

from typing import Final

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.consult.reserves.models import Reserve
from balie.lib.sqlfiles import read_sql
from balie.mail.rendering import Rendered
from balie.practices.models import Person
from balie.practices.staff import DECIDES
from balie.runtime.hot import Connection

log = structlog.get_logger()

RESERVE_DUE: Final = "reserve_due"
INTERVAL_S: Final = 60.0
BATCH_MOST: Final = 200


async def tell_reserves(conn: Connection) -> None:
    """Mail about every reserve of which something is due. Any number of us may do this."""
    wanted = {"kind": RESERVE_DUE, "roles": sorted(DECIDES), "most": BATCH_MOST, "mail_domain": settings.MAIL_DOMAIN}
    row = await (await conn.execute(read_sql("consult", "tell_reserves").encode(), wanted)).fetchone()
    if row and row[0]:
        log.info("reserves_told", people=row[0])


def render_reserve_due(reference: str) -> Rendered:
    """`reference` is the reserve and the person. Raises DoesNotExist."""
    number, person = reference.split(":")
    reserve = Reserve.objects.select_related("group__public_name").get(pk=number)
    reader = Person.objects.get(pk=person)
    with override(reader.language or settings.LANGUAGE_CODE):
        used = reserve.used_at is not None
        subject = _("Maak een nieuwe reserve") if used else _("Oefen met de reserve van uw gesprekken")
        called = getattr(reserve.group, "public_name", None)
        context = {
            "subject": subject,
            "used": used,
            "team": called.name if called else "",
            "address": settings.ORIGINS[0] + reverse("reserve"),
        }
        return Rendered(
            subject=subject,
            text=render_to_string("consult/mail/reserve.txt", context),
            html=render_to_string("consult/mail/reserve.html", context),
            language=reader.language or settings.LANGUAGE_CODE,
        )
