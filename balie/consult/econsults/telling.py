"""Mail to a team that the time of an e-consult is over: by `balie work`, once, without a word of the question."""

from typing import Final

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.consult.models import Econsult, Identity
from balie.lib.sqlfiles import read_sql
from balie.mail.rendering import Rendered
from balie.runtime.hot import Connection

log = structlog.get_logger()

ECONSULT_LATE: Final = "econsult_late"
INTERVAL_S: Final = 10.0
BATCH_MOST: Final = 200


async def tell_econsults(conn: Connection) -> None:
    """Mail about every open one whose time is over. Any number of us may do this."""
    wanted = {"late": ECONSULT_LATE, "most": BATCH_MOST, "mail_domain": settings.MAIL_DOMAIN}
    row = await (await conn.execute(read_sql("consult", "tell_econsults").encode(), wanted)).fetchone()
    if row and row[0]:
        log.info("econsults_told", late=row[0])


def render_econsult_late(reference: str) -> Rendered:
    """To one of the team; `reference` is the e-consult and the identity. Raises DoesNotExist."""
    econsult, identity = reference.split(":")
    found = Econsult.objects.get(pk=econsult)
    person = Identity.objects.select_related("person").get(pk=identity).person
    with override(person.language or settings.LANGUAGE_CODE):
        subject = _("Een e-consult is over tijd")
        context = {
            "subject": subject,
            "due": date_format(timezone.localtime(found.due_at), "l j F, H:i"),
            "waits": found.holder_id is None,
            "address": f"{settings.ORIGINS[0]}{reverse('conversations')}#e-consulten",
        }
        return Rendered(
            subject=subject,
            text=render_to_string("consult/mail/econsult.txt", context),
            html=render_to_string("consult/mail/econsult.html", context),
            language=person.language or settings.LANGUAGE_CODE,
        )
