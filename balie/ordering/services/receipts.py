"""The words of mails about orders. The order itself is on screen at once; the mail is a copy."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.mail.rendering import Rendered
from balie.ordering.models import Order, PreparedOrder
from balie.ordering.queries.orders import read_deliveries
from balie.practices.models import Person


def render_order_confirmation(reference: str) -> Rendered:
    """The confirmation of the order with this number, as whoever placed it, or left it to Balie, reads.

    Raises Order.DoesNotExist.
    """
    order = Order.objects.select_related("campaign", "practice", "placed_by").get(number=reference)
    deliveries = read_deliveries(order)
    total = sum(line.doses for delivery in deliveries for line in delivery.lines)
    context = {"order": order, "deliveries": deliveries, "total": total}
    language = _language_of(order.placed_by or _who_left_it_to_balie(order))
    with override(language):
        return Rendered(
            subject=_subject(order),
            text=render_to_string("ordering/mail/order_confirmation.txt", context),
            html=render_to_string("ordering/mail/order_confirmation.html", context),
            language=language,
        )


def _subject(order: Order) -> str:
    if order.campaign.trial_of_id:
        return _("Oefening %(number)s: zo ziet uw bevestiging eruit") % {"number": order.number}
    return _("%(number)s: uw bestelling staat vast") % {"number": order.number}


def render_prepared_not_placed(reference: str) -> Rendered:
    """To the practice of this prepared order: Balie could not place it, come and choose. Raises DoesNotExist."""
    prepared = PreparedOrder.objects.select_related("campaign", "practice", "auto_set_by").get(pk=reference)
    language = _language_of(prepared.auto_set_by)
    with override(language):
        context = {
            "campaign": prepared.campaign,
            "practice": prepared.practice,
            "breaks_rules": prepared.failure == "bad_lines",
            "address": settings.ORIGINS[0] + reverse("waiting", args=[prepared.campaign.slug]),
        }
        return Rendered(
            subject=_("U bent aan de beurt: kies zelf een bezorgdatum"),
            text=render_to_string("ordering/mail/prepared_not_placed.txt", context),
            html=render_to_string("ordering/mail/prepared_not_placed.html", context),
            language=language,
        )


def _who_left_it_to_balie(order: Order) -> Person | None:
    prepared = PreparedOrder.objects.filter(campaign=order.campaign, practice=order.practice)
    found = prepared.select_related("auto_set_by").first()
    return found.auto_set_by if found else None


def _language_of(person: Person | None) -> str:
    return (person and person.language) or settings.LANGUAGE_CODE
