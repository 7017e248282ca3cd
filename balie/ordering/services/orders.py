"""What is done to an order that stands. The SQL does it (`sql/cancel_order_v1.sql`), under the locks of holding."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign
from balie.ordering.rules import Finding, RulesError
from balie.practices.models import Person, Practice
from balie.practices.services import tell_origin
from balie.runtime.services import notify_after_commit

CANCEL = "select outcome, cancelled_at from ordering_cancel_order_v1(%s, %s, %s, %s, %s, %s, %s, %s, %s)"


class NoOrderError(Exception):
    """The practice has, and had, no order with this number in the campaign."""


@transaction.atomic
def cancel_order(
    *,
    campaign: Campaign,
    practice: Practice,
    number: str,
    actor: Person,
    at: datetime,
    granted: bool = False,
    fee_cents: int = 0,
    reason: str = "",
) -> datetime:
    """Cancel the whole order, give back what it took, and mail that; when that was. Once: a repeat answers the same.

    `at` is when the request reached us; it decides whether the free limit is past, unless the organiser has `granted`
    it. Raises NoOrderError, and RulesError where it is too late.
    """
    order = (campaign.pk, practice.pk, number)
    tell_origin()
    with connection.cursor() as cursor:
        cursor.execute(CANCEL, [*order, actor.pk, at, granted, fee_cents, reason, settings.MAIL_DOMAIN])
        outcome, cancelled_at = cursor.fetchone()
    if outcome == "no_order":
        raise NoOrderError(number)
    refusals = {
        "late": _("Gratis annuleren kan niet meer. U kunt het nog aan de organisatie vragen."),
        "delivered": _("Annuleren kan niet meer: de bezorging is vandaag of was al."),
    }
    if outcome in refusals:
        raise RulesError([Finding(at="cancel", code=outcome, say=refusals[outcome])])
    notify_after_commit(f"days:{campaign.pk}")
    answered: datetime = cancelled_at
    return answered
