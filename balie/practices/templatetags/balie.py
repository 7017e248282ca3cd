"""How our templates write icons, numbers, days and times: `1.284`, `dinsdag 12 oktober`, `00.31 uur`, in Dutch."""

import datetime as dt

from django import template
from django.template import Context
from django.utils import dateformat, formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from balie.lib.numbers import asked_number

register = template.Library()


@register.simple_tag(takes_context=True)
def request_number(context: Context) -> str:
    """What this request is called; where a page is written beforehand, what its context says."""
    return str(context.get("number") or asked_number())


@register.simple_tag
def icon(name: str) -> SafeString:
    """A lucide icon in the colour of its text, hidden from screen readers because words stand beside it."""
    return format_html('<span class="utrecht-icon balie-icon balie-icon--{}" aria-hidden="true"></span>', name)


@register.filter
def number(value: int) -> str:
    """With a dot between thousands."""
    return formats.number_format(value, decimal_pos=0, use_l10n=True, force_grouping=True)


@register.filter
def euros(cents: int) -> str:
    """An amount, without the cents where there are none: `€ 40`, `€ 6,90`."""
    amount = formats.number_format(cents / 100, decimal_pos=2 if cents % 100 else 0, force_grouping=True)
    return on_one_line(_("€ %(amount)s") % {"amount": amount})


@register.filter
def day(value: dt.date) -> str:
    """A day with its weekday, without the year."""
    return dateformat.format(value, _("l j F"))


@register.filter
def day_and_year(value: dt.date) -> str:
    """A day for receipts and lists that outlive the year."""
    return dateformat.format(value, _("l j F Y"))


@register.filter
def clock(value: dt.datetime) -> str:
    """The time of day in the Netherlands, to the minute."""
    return timezone.localtime(value).strftime(_("%H.%M uur"))


@register.filter
def clock_seconds(value: dt.datetime) -> str:
    """The time of day in the Netherlands, to the second."""
    return timezone.localtime(value).strftime(_("%H.%M.%S uur"))


@register.filter
def log_time(value: dt.datetime) -> str:
    """The time of day in the Netherlands at the head of a line of a log: `00.31`."""
    return timezone.localtime(value).strftime(_("%H.%M"))


@register.filter
def log_seconds(value: dt.datetime) -> str:
    """As `log_time`, to the second."""
    return timezone.localtime(value).strftime(_("%H.%M.%S"))


@register.filter
def hours(value: dt.time) -> str:
    """The time of day of somebody's clock on the wall: `8.00`."""
    return _("%(hour)s.%(minute)02d") % {"hour": value.hour, "minute": value.minute}


@register.filter
def on_one_line(value: str) -> str:
    """A telephone number or an amount within a sentence, of which no part moves to the next line."""
    return value.replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def moment(value: dt.datetime) -> str:
    """A day and a time: `dinsdag 1 juni om 00.00 uur`."""
    return _("%(day)s om %(time)s") % {"day": day(timezone.localtime(value)), "time": clock(value)}


@register.filter
def span(seconds: int) -> str:
    """A span in whole words, as rules are told: `5 minuten`, `20 seconden`."""
    if seconds % 60 == 0:
        return ngettext("%(count)s minuut", "%(count)s minuten", seconds // 60) % {"count": seconds // 60}
    return ngettext("%(count)s seconde", "%(count)s seconden", seconds) % {"count": seconds}
