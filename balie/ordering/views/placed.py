"""The page of an order that stands, and what became of its mail."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.mail.services import MailState, MailStatus, mail_states
from balie.ordering.access import access_campaign, access_order
from balie.ordering.queries.orders import read_deliveries
from balie.practices.access import access_practice
from balie.practices.mandates import was_mandated
from balie.practices.templatetags.balie import clock, clock_seconds

# A mail that is on its way for longer than this is said to be late.
LATE_AFTER_S = 20


@login_required
@require_safe
def placed(request: HttpRequest, slug: str) -> HttpResponse:
    """The order number first; then what was ordered, and the mail, which is only a copy."""
    practice, campaign = access_practice(request), access_campaign(slug)
    order = access_order(campaign, practice)
    context = {
        "campaign": campaign,
        "practice": practice,
        "order": order,
        "deliveries": read_deliveries(order),
        "by_phone": was_mandated(person=order.placed_by, practice=practice, at=order.placed_at),
        "mails": [describe(mail) for mail in mail_states(reference=order.number)],
        "is_night": not 6 <= timezone.localtime(order.placed_at).hour < 22,
    }
    return render(request, "ordering/placed.html", context)


@never_cache
@login_required
@require_safe
def placed_mail(request: HttpRequest, slug: str) -> JsonResponse:
    """The states of the mails, for the page to keep itself fresh with."""
    practice, campaign = access_practice(request), access_campaign(slug)
    order = access_order(campaign, practice)
    return JsonResponse({"mails": [describe(mail) for mail in mail_states(reference=order.number)]})


def describe(mail: MailStatus) -> dict[str, Any]:
    """A mail in words: when, to whom, how it stands. `settled` means that nothing more will happen to it."""
    return {"recipient": mail.recipient, "state": mail.state.value, "settled": mail.state is not MailState.QUEUED} | {
        MailState.SENT: _sent,
        MailState.QUEUED: _queued,
        MailState.BOUNCED: _bounced,
        MailState.FAILED: _failed,
    }[mail.state](mail)


def _sent(mail: MailStatus) -> dict[str, str]:
    return {"time": _at(mail.sent_at), "say": _("Aangenomen door uw mailserver"), "icon": "mail-check", "mark": ""}


def _queued(mail: MailStatus) -> dict[str, str]:
    if not mail.answer:
        late = (timezone.now() - mail.created_at).total_seconds() > LATE_AFTER_S
        say = _("De mail komt later. Uw bestelling staat vast. U hoeft niets te doen.") if late else _("Onderweg")
        return {"time": "", "say": say, "icon": "hourglass", "mark": "wait"}
    say = _("Nog onderweg: de mailserver neemt hem nog niet aan. Wij proberen het tot het lukt. U hoeft niets te doen.")
    time = _("volgende poging om %(time)s") % {"time": clock(mail.next_attempt_at)}
    return {"time": time, "say": say, "icon": "hourglass", "mark": "wait"}


def _bounced(mail: MailStatus) -> dict[str, str]:
    say = _("Uw mailserver weigert dit adres. Uw bestelling staat vast. Klopt het adres?")
    return {"time": _at(mail.sent_at), "say": say, "icon": "mail-warning", "mark": "wait"}


def _failed(_mail: MailStatus) -> dict[str, str]:
    say = _("Het lukt niet om naar dit adres te mailen. Uw bestelling staat vast. Klopt het adres?")
    return {"time": "", "say": say, "icon": "mail-warning", "mark": "wait"}


def _at(moment: datetime | None) -> str:
    return clock_seconds(moment) if moment else ""
