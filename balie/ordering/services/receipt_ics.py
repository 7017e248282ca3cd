"""The deliveries of an order as a calendar file (RFC 5545): one event of a whole day for each day and address."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from balie.ordering.models import Order
from balie.ordering.queries.orders import Delivery, read_dropped_days
from balie.practices.templatetags.balie import number

if TYPE_CHECKING:
    from icalendar import Event


def make_calendar_file(order: Order, deliveries: list[Delivery]) -> bytes:
    """In the language of now. The same order gives the same events: who opens the file twice has each once."""
    from icalendar import Calendar  # noqa: PLC0415 - takes 0.1 s, in every process that may never make one

    calendar = Calendar.new(
        prodid="-//Balie//Balie//NL",
        uid=f"{order.number.lower()}@{settings.MAIL_DOMAIN}",
        method="PUBLISH",
        name=_("Bezorgingen van bestelling %(number)s") % {"number": order.number},
    )
    calendar.add("X-WR-TIMEZONE", settings.TIME_ZONE)
    for place, delivery in enumerate(deliveries, start=1):
        calendar.add_component(_event(order, delivery, place))
    for place, day in read_dropped_days(order, kept=len(deliveries)):
        calendar.add_component(_dropped(order, day, place))
    file: bytes = calendar.to_ical()
    return file


def _event(order: Order, delivery: Delivery, place: int) -> "Event":
    from icalendar import Event  # noqa: PLC0415 - as above
    from icalendar.enums import STATUS, TRANSP  # noqa: PLC0415 - as above

    lines = [f"{line.product.name}: {number(line.doses)} {_('doses')}" for line in delivery.lines]
    return Event.new(
        uid=f"{order.number.lower()}.{place}@{settings.MAIL_DOMAIN}",
        sequence=order.revision,
        stamp=order.changed_at or order.placed_at,
        start=delivery.day,
        end=delivery.day + timedelta(days=1),
        summary=_("Bezorging vaccins, bestelling %(number)s") % {"number": order.number},
        location=delivery.address,
        description="\n".join([order.practice.name, *lines, *_help(order)]),
        status=STATUS.CONFIRMED,
        transparency=TRANSP.TRANSPARENT,  # somebody must be there, but nobody is occupied all day
    )


def _dropped(order: Order, day: date, place: int) -> "Event":
    """A delivery that there was before a change: calendars that have it take it out."""
    from icalendar import Event  # noqa: PLC0415 - as above
    from icalendar.enums import STATUS  # noqa: PLC0415 - as above

    return Event.new(
        uid=f"{order.number.lower()}.{place}@{settings.MAIL_DOMAIN}",
        sequence=order.revision,
        stamp=order.changed_at or order.placed_at,
        start=day,
        end=day + timedelta(days=1),
        summary=_("Vervallen: bezorging vaccins, bestelling %(number)s") % {"number": order.number},
        status=STATUS.CANCELLED,
    )


def _help(order: Order) -> list[str]:
    about = {"phone": order.campaign.help_phone, "number": order.number}
    return [_("Klopt er iets niet? Bel %(phone)s en noem %(number)s.") % about] if order.campaign.help_phone else []
