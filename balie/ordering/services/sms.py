"""The words of text messages to who slept: one message long, and nothing that a lock screen may not show.

They tell what became of "Bestel voor mij"; whoever orders by itself sees it.
"""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.ordering.models import Order, PreparedOrder
from balie.ordering.queries.orders import read_deliveries
from balie.ordering.services.receipts import language_of, who_left_it_to_balie

_LONGEST_NAME = 40


def text_placed(reference: str) -> str:
    """Balie placed the order with this number. Raises Order.DoesNotExist."""
    order = Order.objects.select_related("campaign", "practice").get(number=reference)
    with override(language_of(who_left_it_to_balie(order))):
        days = sorted({delivery.day for delivery in read_deliveries(order)})
        return _("Balie: uw bestelling %(number)s staat vast. Bezorging %(days)s. U hoeft niets te doen.") % {
            "number": order.number,
            "days": _days(days),
        }


def text_not_placed(reference: str) -> str:
    """Balie could not place this prepared order; its number stays valid. Raises PreparedOrder.DoesNotExist."""
    prepared = _prepared(reference)
    with override(language_of(prepared.auto_set_by)):
        say = _("Balie: voor %(practice)s is nog niets besteld. U bent aan de beurt. Kies zelf een datum op %(site)s.")
        return say % {"practice": prepared.practice.name[:_LONGEST_NAME], "site": _site()}


def text_missed(reference: str) -> str:
    """Ordering closed and nothing was ordered for it. Raises PreparedOrder.DoesNotExist."""
    prepared = _prepared(reference)
    phone = prepared.campaign.help_phone or settings.HELP_PHONE
    with override(language_of(prepared.auto_set_by)):
        words = _("Balie: bestellen is gesloten. Voor %(practice)s is niets besteld.") % {
            "practice": prepared.practice.name[:_LONGEST_NAME]
        }
        return f"{words} {_('Bel %(phone)s.') % {'phone': phone}}" if phone else words


def _prepared(reference: str) -> PreparedOrder:
    return PreparedOrder.objects.select_related("campaign", "practice", "auto_set_by").get(pk=reference)


def _days(days: Sequence[date]) -> str:
    """`op 12 oktober 2027`, `vanaf 28 september 2027, op 3 dagen`."""
    first = format_date(days[0], _("j F Y"))
    if len(days) == 1:
        return _("op %(day)s") % {"day": first}
    return _("vanaf %(day)s, op %(count)s dagen") % {"day": first, "count": len(days)}


def _site() -> str:
    """Without https://, as people type it."""
    return urlsplit(settings.ORIGINS[0]).netloc
