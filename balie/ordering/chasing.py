"""Practices that have not accounted for their doses hear so before the last day: `balie work` mails them."""

from typing import Final

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from balie.lib.sqlfiles import read_sql
from balie.mail.rendering import Rendered
from balie.ordering.models import Campaign, Order
from balie.ordering.queries.wastage import read_account
from balie.ordering.services.receipts import language_of
from balie.practices.models import Practice
from balie.practices.templatetags.balie import day
from balie.runtime.hot import Connection

# Its reference is `wastage:`, the keys of campaign and practice, and how many days before: each once.
WASTAGE_DUE: Final = "wastage_due"
INTERVAL_S: Final = 60.0
BATCH_MOST: Final = 500

log = structlog.get_logger()


async def chase_wastage(conn: Connection) -> None:
    """Whoever is due one now. Any number of us may do this."""
    wanted = {"most": BATCH_MOST, "mail_domain": settings.MAIL_DOMAIN}
    row = await (await conn.execute(read_sql("ordering", "chase_wastage").encode(), wanted)).fetchone()
    if row and row[0]:
        log.info("wastage_chased", mails=row[0])


def render_wastage_due(reference: str) -> Rendered:
    """What it costs to say nothing. Raises DoesNotExist."""
    _kind, campaign_key, practice_key, _days = reference.split(":")
    campaign, practice = Campaign.objects.get(pk=int(campaign_key)), Practice.objects.get(pk=int(practice_key))
    account = read_account(campaign, practice)
    order = Order.objects.filter(campaign=campaign, practice=practice).select_related("placed_by").first()
    with override(language_of(order.placed_by if order else None)):
        due = day(campaign.wastage_due) if campaign.wastage_due else ""
        context = {
            "campaign": campaign,
            "practice": practice,
            "received": account.received if account else 0,
            "silence": account.silence if account else 0,
            "page": settings.ORIGINS[0] + reverse("wastage", args=[campaign.slug]),
        }
        return Rendered(
            subject=_("Verantwoord uw doses tot en met %(day)s") % {"day": due},
            text=render_to_string("ordering/mail/wastage_due.txt", context),
            html=render_to_string("ordering/mail/wastage_due.html", context),
            language=get_language() or settings.LANGUAGE_CODE,
        )
