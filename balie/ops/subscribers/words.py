"""What subscribers are sent: a mail in their language, or JSON in both."""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.ops.incidents.models import Update
from balie.ops.incidents.status import in_this_language
from balie.ops.incidents.touching import touched_by
from balie.ops.subscribers.models import Sending, Subscriber
from balie.ops.subscribers.signatures import make_link


@dataclass(frozen=True, slots=True)
class Letter:
    """For one subscriber. `message` is the same however often it is sent; `content` is what goes over the wire."""

    notification: int
    claim: int
    channel: str
    message: str
    asks: bool
    address: str = field(repr=False)
    secret: str = field(repr=False)
    content: bytes = field(repr=False)


def message_of(sending: Sending) -> str:
    """What its copies have in common; with a time, because a ledger that was begun anew counts from one again."""
    return f"status-{int(sending.subscriber.asked_at.timestamp())}-{sending.pk}"


def write_mail(sending: Sending) -> bytes:
    """With the headers by which mail programs show a button to leave (RFC 8058)."""
    subscriber, update = sending.subscriber, sending.update_told
    with override(subscriber.language):
        subject, text = _told(update, subscriber) if update else _asked(subscriber)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = settings.MAIL_FROM, subscriber.address, subject
    mail["Date"] = format_datetime(timezone.localtime(update.at if update else subscriber.asked_at))
    mail["Message-ID"] = f"<{message_of(sending)}@{settings.MAIL_DOMAIN}>"
    mail["Auto-Submitted"] = "auto-generated"
    if update:
        mail["List-Id"] = f"Balie <status.{settings.MAIL_DOMAIN}>"
        mail["List-Unsubscribe"] = f"<{make_link(subscriber)}leave>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    return mail.as_bytes()


def write_post(sending: Sending) -> dict[str, str]:
    """Subject and text of a mail that Balie itself sends to a practice."""
    assert sending.update_told is not None, "a practice is asked nothing"
    with override(sending.subscriber.language):
        subject, text = _told(sending.update_told, sending.subscriber)
    return {"subject": subject, "text": text}


def _asked(subscriber: Subscriber) -> tuple[str, str]:
    lines = [
        _("Iemand vroeg om op dit adres bericht te krijgen van storingen van Balie. Was u dat? Zeg hier dan ja:"),
        make_link(subscriber),
        _("Was u dat niet? Doe dan niets: zonder uw ja krijgt u geen bericht, en na een dag vergeten wij dit adres."),
    ]
    return _("Wilt u bericht van storingen van Balie?"), "\n\n".join(lines)


def _told(update: Update, subscriber: Subscriber) -> tuple[str, str]:
    incident = update.incident
    title = in_this_language(incident.title_nl, incident.title_en)
    promise = getattr(update, "promise", None)
    lines = [in_this_language(update.text_nl, update.text_en)]
    if promise:
        lines.append(_("Volgende update uiterlijk %(time)s.") % {"time": _clock(promise.due_at)})
    if update.closes:
        lines.append(_("Hiermee is deze storing voorbij."))
    lines += [
        f"{settings.STATUS_URL}/index{'-en' if subscriber.language == 'en' else ''}.html",
        _("Geen bericht meer? Meld u af:") + "\n" + make_link(subscriber),
    ]
    return f"Balie {incident.number}: {title}", "\n\n".join(lines)


def write_json(sending: Sending) -> dict[str, Any]:
    """docs/on-call.md has an example."""
    subscriber, update = sending.subscriber, sending.update_told
    both = {"id": message_of(sending), "leave": f"{make_link(subscriber)}leave"}
    if update is None:
        return {"type": "subscription.asked", "challenge": message_of(sending), "secret": subscriber.secret, **both}
    incident, promise = update.incident, getattr(update, "promise", None)
    return {
        "type": "incident.update",
        "incident": incident.number,
        "update": update.number,
        "at": update.at.isoformat(),
        "title": {"nl": incident.title_nl, "en": incident.title_en},
        "text": {"nl": update.text_nl, "en": update.text_en},
        "components": sorted(touched_by(incident)),
        "severity": incident.severity,
        "closed": update.closes,
        "next_update_by": promise.due_at.isoformat() if promise else None,
        "page": f"{settings.STATUS_URL}/index.html",
        **both,
    }


def _clock(at: datetime) -> str:
    return timezone.localtime(at).strftime(_("%H.%M uur"))
