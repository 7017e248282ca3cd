"""The words of the confirmation mail. The order itself is on screen at once; the mail is a copy."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.mail.rendering import Rendered
from balie.ordering.models import Order
from balie.ordering.queries.orders import read_deliveries


def render_order_confirmation(reference: str) -> Rendered:
    """The confirmation of the order with this number, as whoever placed it reads. Raises Order.DoesNotExist."""
    order = Order.objects.select_related("campaign", "practice", "placed_by").get(number=reference)
    deliveries = read_deliveries(order)
    total = sum(line.doses for delivery in deliveries for line in delivery.lines)
    context = {"order": order, "deliveries": deliveries, "total": total}
    language = (order.placed_by and order.placed_by.language) or settings.LANGUAGE_CODE
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
