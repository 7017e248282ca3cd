"""The receipt of an order as a PDF; the layout is `balie/ordering/typst/receipt.typ`."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from balie.ordering.models import Order
from balie.ordering.queries.orders import Delivery
from balie.ordering.services.typesetting import typeset
from balie.practices.mandates import was_mandated
from balie.practices.templatetags.balie import clock_seconds, day_and_year, number


def make_receipt(order: Order, deliveries: list[Delivery]) -> bytes:
    """In the language of now; takes a hundredth of a second. Raises NoPaperError."""
    return typeset("receipt", _words(order, deliveries))


def _words(order: Order, deliveries: list[Delivery]) -> dict[str, Any]:
    doses = sum(line.doses for delivery in deliveries for line in delivery.lines)
    several = sum(len(delivery.lines) for delivery in deliveries) > 1
    about = {"number": order.number}
    title = _("Oefening %(number)s") % about if _is_trial(order) else _("Bestelling %(number)s") % about
    return {
        "language": (get_language() or settings.LANGUAGE_CODE)[:2],
        "title": title,
        "campaign": order.campaign.name,
        "label": _("Bestelnummer"),
        "number": order.number,
        "stub": [order.practice.name, f"AGB {order.practice.agb_code}", *([order.slot_name] if order.slot else [])],
        "notice": _("Dit is een oefening. Er wordt niets echt besteld en niets bezorgd.") if _is_trial(order) else None,
        "watermark": _("OEFENING") if _is_trial(order) else None,
        "headline": _("Zo ziet uw bewijs er straks uit") if _is_trial(order) else _("Uw bestelling staat vast"),
        "lead": [_placed(order), *_changed(order), _("De mail is alleen een kopie.")],
        "columns": [_("Vaccin"), _("Doses")],
        "deliveries": [_delivery(each) for each in deliveries],
        "total": [_("Samen"), _doses(doses)] if several else None,
        "rules_title": _("Goed om te weten"),
        "rules": _rules(order),
        "foot": title,
        "page": _("bladzijde {page} van {pages}"),
    }


def _is_trial(order: Order) -> bool:
    return order.campaign.trial_of_id is not None


def _placed(order: Order) -> str:
    when = {"day": day_and_year(timezone.localtime(order.placed_at)), "time": clock_seconds(order.placed_at)}
    if order.placed_by is None:
        return _("Vastgelegd op %(day)s om %(time)s door Balie, uit wat u had klaargezet.") % when
    if was_mandated(person=order.placed_by, practice=order.practice, at=order.placed_at):
        say = _("Vastgelegd op %(day)s om %(time)s, telefonisch, door %(name)s van de organisatie.")
    else:
        say = _("Vastgelegd op %(day)s om %(time)s door %(name)s.")
    return say % {**when, "name": order.placed_by.name}


def _changed(order: Order) -> list[str]:
    if order.changed_at is None:
        return []
    when = {"day": day_and_year(timezone.localtime(order.changed_at)), "time": clock_seconds(order.changed_at)}
    return [_("Gewijzigd op %(day)s om %(time)s.") % when]


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "title": _("Bezorging op %(day)s") % {"day": day_and_year(delivery.day)},
        "address": delivery.address,
        "lines": [[line.product.name, _doses(line.doses)] for line in delivery.lines],
    }


def _doses(count: int) -> str:
    return _("%(count)s doses") % {"count": number(count)}


def _rules(order: Order) -> list[str]:
    """What this campaign's year says that still matters after ordering."""
    campaign = order.campaign
    about = {"campaign": campaign.name, "version": order.campaign_version}
    rules = [_("Deze bestelling volgt de regels van %(campaign)s, versie %(version)s.") % about]
    if campaign.help_phone:
        about = {"phone": campaign.help_phone, "number": order.number}
        rules.append(_("Klopt er iets niet? Bel %(phone)s en noem %(number)s.") % about)
    return rules
