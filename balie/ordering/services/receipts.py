"""The words of the confirmation mail. The order itself is on screen at once; the mail is a copy."""

from datetime import date
from itertools import groupby

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.mail.rendering import Rendered
from balie.ordering.models import Order, OrderLine


def render_order_confirmation(reference: str) -> Rendered:
    """The confirmation of the order with this number, in Dutch. Raises Order.DoesNotExist."""
    order = Order.objects.select_related("campaign", "practice").get(number=reference)
    lines = order.lines.select_related("product")
    with override("nl"):
        context = {
            "order": order,
            "deliveries": [
                {"day": day, "address": address, "lines": list(group)}
                for (day, address), group in groupby(lines.order_by("day", "address", "product__position"), _stop)
            ],
            "total": sum(line.doses for line in lines),
        }
        return Rendered(
            subject=_("%(number)s: uw bestelling staat vast") % {"number": order.number},
            text=render_to_string("ordering/mail/order_confirmation.txt", context),
            html=render_to_string("ordering/mail/order_confirmation.html", context),
        )


def _stop(line: OrderLine) -> tuple[date, str]:
    return line.day, line.address
