"""The mails of an order in words: when, to whom, how it stands, and what one can do about it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from balie.mail.services import MailState, MailStatus
from balie.practices.contact import recipients
from balie.practices.models import Practice
from balie.practices.templatetags.balie import clock, clock_seconds
from balie.sms.services import TextState, TextStatus

# A mail that is on its way for longer than this is said to be late.
LATE_AFTER = timedelta(seconds=20)
# What comes back usually does so at once; after this long nobody needs to wait for it before the screen.
SETTLES_AFTER = timedelta(minutes=3)
SOON_S, LATER_S = 2, 15


def describe(mails: Sequence[MailStatus], practice: Practice) -> list[dict[str, Any]]:
    """Those that matter: to the addresses in use, and what still goes or went to others."""
    used = recipients(practice)
    return [_describe(mail) if mail.recipient in used else _former(mail) for mail in mails]


def poll_after_s(mails: Sequence[MailStatus], texts: Sequence[TextStatus]) -> int | None:
    """When a page should ask again; None when nothing more will happen soon."""
    if any(mail.state is MailState.QUEUED for mail in mails) or any(text.state is TextState.QUEUED for text in texts):
        return SOON_S
    lately = timezone.now() - SETTLES_AFTER
    return (
        LATER_S if any(mail.sent_at and mail.sent_at > lately and not mail.undelivered_at for mail in mails) else None
    )


def _describe(mail: MailStatus) -> dict[str, Any]:
    words = {
        MailState.SENT: _sent,
        MailState.QUEUED: _queued,
        MailState.BOUNCED: _lost,
        MailState.FAILED: _lost,
    }[mail.state](mail)
    lost = mail.undelivered_at is not None
    return {
        "recipient": mail.recipient,
        "state": mail.state.value,
        "again": mail.state is not MailState.QUEUED,
        "lost": lost,
        **words,
    }


def _former(mail: MailStatus) -> dict[str, Any]:
    return {**_describe(mail), "again": False, "lost": False} | {
        "say": _("Dit adres gebruikt u niet meer."),
        "icon": "mail",
        "mark": "todo",
    }


def _sent(mail: MailStatus) -> dict[str, str]:
    if mail.delayed:
        say = _("Uw mailserver heeft de mail, maar kon hem nog niet bezorgen. Hij probeert het nog.")
        return {"time": _at(mail.sent_at), "say": say, "icon": "hourglass", "mark": "wait"}
    return {"time": _at(mail.sent_at), "say": _("Aangenomen door uw mailserver"), "icon": "mail-check", "mark": ""}


def _queued(mail: MailStatus) -> dict[str, str]:
    if not mail.answer:
        late = timezone.now() - mail.requested_at > LATE_AFTER
        say = _("De mail komt later. Uw bestelling staat vast. U hoeft niets te doen.") if late else _("Onderweg")
        return {"time": "", "say": say, "icon": "hourglass", "mark": "wait"}
    say = _("Nog onderweg: de mailserver neemt hem nog niet aan. Wij proberen het tot het lukt. U hoeft niets te doen.")
    time = _("volgende poging om %(time)s") % {"time": clock(mail.next_attempt_at)}
    return {"time": time, "say": say, "icon": "hourglass", "mark": "wait"}


def _lost(mail: MailStatus) -> dict[str, str]:
    trouble = mail.trouble
    assert trouble is not None
    todo = _("Klopt het adres?") if trouble.lasting else _("Vraag de mail later opnieuw, of geef een ander adres.")
    say = f"{trouble.words} {_('Uw bestelling staat vast.')} {todo}"
    return {"time": _at(mail.undelivered_at), "say": say, "icon": "mail-warning", "mark": "wait"}


def _at(moment: datetime | None) -> str:
    return clock_seconds(moment) if moment else ""
