"""Mail before the time of a consultatie is over, and after: written by `balie work`, once each, without its words.

Whom it goes to is in `sql/tell_consultations.sql`. Whoever wants no mail about messages gets these all the same: they
are about an agreement.
"""

from typing import Final

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.consult.models import Agreement, Consultation, Identity
from balie.lib.sqlfiles import read_sql
from balie.mail.rendering import Rendered
from balie.runtime.hot import Connection

log = structlog.get_logger()

CONSULTATION_SOON: Final = "consultation_soon"
CONSULTATION_LATE: Final = "consultation_late"
INTERVAL_S: Final = 10.0
BATCH_MOST: Final = 200


async def tell_consultations(conn: Connection) -> None:
    """Mail about every open one whose time to warn or to answer has come. Any number of us may do this."""
    kinds = {"soon": CONSULTATION_SOON, "late": CONSULTATION_LATE}
    wanted = kinds | {"most": BATCH_MOST, "mail_domain": settings.MAIL_DOMAIN}
    row = await (await conn.execute(read_sql("consult", "tell_consultations").encode(), wanted)).fetchone()
    if row and any(row):
        log.info("consultations_told", soon=row[0], late=row[1])


def render_consultation_soon(reference: str) -> Rendered:
    """To one of those who must answer; `reference` is the consultatie and the identity. Raises DoesNotExist."""
    return _render(reference, late=False)


def render_consultation_late(reference: str) -> Rendered:
    """To the team, who has it, and who asked. Raises DoesNotExist."""
    return _render(reference, late=True)


def _render(reference: str, *, late: bool) -> Rendered:
    consultation, identity = reference.split(":")
    found = Consultation.objects.select_related("agreement").get(pk=consultation)
    person = Identity.objects.select_related("person").get(pk=identity).person
    with override(person.language or settings.LANGUAGE_CODE):
        advice = found.agreement.kind == Agreement.Kind.ADVICE_CONSULT
        subject = {
            (False, False): _("Een consultatie wacht op uw antwoord"),
            (False, True): _("Een consultatie is over tijd"),
            (True, False): _("Een meekijkconsult wacht op uw antwoord"),
            (True, True): _("Een meekijkconsult is over tijd"),
        }[advice, late]
        context = {
            "subject": subject,
            "due": date_format(timezone.localtime(found.due_at), "l j F, H:i"),
            "late": late,
            "asked": found.asked_by_id == identity,
            "address": f"{settings.ORIGINS[0]}{reverse('conversations')}#consultaties",
        }
        return Rendered(
            subject=subject,
            text=render_to_string("consult/mail/consultation.txt", context),
            html=render_to_string("consult/mail/consultation.html", context),
            language=person.language or settings.LANGUAGE_CODE,
        )
