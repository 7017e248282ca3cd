"""Mail before three months are over since a patient asked to destroy a conversation: once, to who may decide, by
`balie work`. Nothing of the conversation is in it.
"""

from typing import Final

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.consult.models import Erasure
from balie.consult.record.erasing import decide_by
from balie.lib.sqlfiles import read_sql
from balie.mail.rendering import Rendered
from balie.practices.models import Person
from balie.runtime.hot import Connection

log = structlog.get_logger()

ERASURE_SOON: Final = "erasure_soon"
INTERVAL_S: Final = 300.0
DAYS_BEFORE: Final = 14
BATCH_MOST: Final = 200


async def tell_erasures(conn: Connection) -> None:
    """Mail about every request that is open two weeks before it must be decided. Any number of us may do this."""
    wanted = {"kind": ERASURE_SOON, "days": DAYS_BEFORE, "most": BATCH_MOST, "mail_domain": settings.MAIL_DOMAIN}
    row = await (await conn.execute(read_sql("consult", "tell_erasures").encode(), wanted)).fetchone()
    if row and row[0]:
        log.info("erasures_told", mails=row[0])


def render_erasure_soon(reference: str) -> Rendered:
    """To one who may decide; `reference` is the request and the person. Raises DoesNotExist."""
    erasure, person_pk = reference.split(":")
    found = Erasure.objects.select_related("practice").get(pk=erasure)
    person = Person.objects.get(pk=person_pk)
    with override(person.language or settings.LANGUAGE_CODE):
        context = {
            "subject": _("Beslis over een verzoek om een gesprek te vernietigen"),
            "practice": found.practice.name,
            "due": date_format(decide_by(found.received_on), "l j F Y"),
            "address": settings.ORIGINS[0] + reverse("record"),
        }
        return Rendered(
            subject=context["subject"],
            text=render_to_string("consult/mail/erasure.txt", context),
            html=render_to_string("consult/mail/erasure.html", context),
            language=person.language or settings.LANGUAGE_CODE,
        )
