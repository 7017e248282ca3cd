"""The words of mails about orders, and what goes with a confirmation: the receipt and a calendar file.

The order itself is on screen at once; all of these are copies.
"""

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from balie.mail.rendering import Attachment, Rendered
from balie.ordering.models import Order, PreparedOrder
from balie.ordering.queries.orders import Delivery, read_deliveries
from balie.ordering.services.receipt_ics import make_calendar_file
from balie.ordering.services.receipt_pdf import make_receipt
from balie.ordering.services.typesetting import NoPaperError
from balie.practices.models import Person

log = structlog.get_logger()


def confirmation_message_id(order: Order) -> str:
    """Of the mail that says what the order is now. Every copy has it, whoever it goes to and however often; the SQL
    that confirms and changes writes the same.
    """
    changed = f".changed.{order.revision}" if order.revision else ""
    return f"{order.number.lower()}{changed}.{order.campaign.slug}@{settings.MAIL_DOMAIN}"


def file_name(order: Order, ending: str) -> str:
    """How a file about the order is called where people keep it, e.g. `bestelling-B27-01198.pdf`."""
    return _("bestelling-%(number)s.%(ending)s") % {"number": order.number, "ending": ending}


def render_order_confirmation(reference: str) -> Rendered:
    """The confirmation of the order with this number, as whoever placed it, or left it to Balie, reads.

    Raises Order.DoesNotExist.
    """
    order = Order.objects.select_related("campaign", "practice", "placed_by").get(number=reference)
    deliveries = read_deliveries(order)
    total = sum(line.doses for delivery in deliveries for line in delivery.lines)
    page = settings.ORIGINS[0] + reverse("placed", args=[order.campaign.slug, order.slot])
    context = {"order": order, "deliveries": deliveries, "total": total, "page": page}
    language = language_of(order.placed_by or who_left_it_to_balie(order))
    with override(language):
        return Rendered(
            subject=_subject(order),
            text=render_to_string("ordering/mail/order_confirmation.txt", context),
            html=render_to_string("ordering/mail/order_confirmation.html", context),
            language=language,
            attachments=attachments_of(order, deliveries),
        )


def _subject(order: Order) -> str:
    if order.campaign.trial_of_id:
        return _("Oefening %(number)s: zo ziet uw bevestiging eruit") % {"number": order.number}
    return _("%(number)s: uw bestelling staat vast") % {"number": order.number}


def render_prepared_not_placed(reference: str) -> Rendered:
    """To the practice of this prepared order: Balie could not place it, come and choose. Raises DoesNotExist."""
    prepared = _prepared(reference)
    with override(language_of(prepared.auto_set_by)):
        return _about_prepared(prepared, "prepared_not_placed", _("U bent aan de beurt: kies zelf een bezorgdatum"))


def render_prepared_missed(reference: str) -> Rendered:
    """To the practice of this prepared order: ordering has closed, and nothing was ordered. Raises DoesNotExist."""
    prepared = _prepared(reference)
    with override(language_of(prepared.auto_set_by)):
        return _about_prepared(prepared, "prepared_missed", _("Bestellen is gesloten: er is niets voor u besteld"))


def _prepared(reference: str) -> PreparedOrder:
    return PreparedOrder.objects.select_related("campaign", "practice", "auto_set_by").get(pk=reference)


def _about_prepared(prepared: PreparedOrder, template: str, subject: str) -> Rendered:
    context = {
        "campaign": prepared.campaign,
        "practice": prepared.practice,
        "was_called": prepared.failed_at is not None,
        "breaks_rules": prepared.failure == "bad_lines",
        "by_fault": prepared.failure == "fault",
        "address": settings.ORIGINS[0] + reverse("waiting", args=[prepared.campaign.slug]),
    }
    return Rendered(
        subject=subject,
        text=render_to_string(f"ordering/mail/{template}.txt", context),
        html=render_to_string(f"ordering/mail/{template}.html", context),
        language=get_language() or settings.LANGUAGE_CODE,
    )


def who_left_it_to_balie(order: Order) -> Person | None:
    """The person who asked Balie to place this order."""
    prepared = PreparedOrder.objects.filter(campaign=order.campaign, practice=order.practice)
    found = prepared.select_related("auto_set_by").first()
    return found.auto_set_by if found else None


def language_of(person: Person | None) -> str:
    """In which we write to them."""
    return (person and person.language) or settings.LANGUAGE_CODE


def attachments_of(order: Order, deliveries: list[Delivery]) -> list[Attachment]:
    """The receipt, unless it cannot be made: the mail goes without it rather than not at all; and the calendar file."""
    files = []
    try:
        files.append(Attachment(file_name(order, "pdf"), "application/pdf", make_receipt(order, deliveries)))
    except NoPaperError:
        log.exception("receipt_not_made", order=order.number)
    if not order.campaign.trial_of_id:
        calendar, details = make_calendar_file(order, deliveries), {"charset": "utf-8", "method": "PUBLISH"}
        files.append(Attachment(file_name(order, "ics"), "text/calendar", calendar, details))
    return files
