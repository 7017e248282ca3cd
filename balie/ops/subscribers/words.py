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

from balie.ops.board import said
from balie.ops.graph import Graph
from balie.ops.incidents.models import Update
from balie.ops.incidents.planning import until
from balie.ops.incidents.status import in_this_language
from balie.ops.incidents.touching import touched_by
from balie.ops.maintenance.models import MaintenanceAct
from balie.ops.subscribers.ledger import functions_of
from balie.ops.subscribers.models import Sending, Subscriber
from balie.ops.subscribers.signatures import make_link
from balie.practices.templatetags.balie import moment


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


def write_mail(sending: Sending, graph: Graph) -> bytes:
    """With the headers by which mail programs show a button to leave (RFC 8058)."""
    subscriber = sending.subscriber
    with override(subscriber.language):
        subject, text = _asked(subscriber) if sending.asks else _told(sending, graph)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = settings.MAIL_FROM, subscriber.address, subject
    mail["Date"] = format_datetime(timezone.localtime(sending.of_at))
    mail["Message-ID"] = f"<{message_of(sending)}@{settings.MAIL_DOMAIN}>"
    mail["Auto-Submitted"] = "auto-generated"
    if not sending.asks:
        mail["List-Id"] = f"Balie <status.{settings.MAIL_DOMAIN}>"
        mail["List-Unsubscribe"] = f"<{make_link(subscriber)}leave>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    return mail.as_bytes()


def write_post(sending: Sending, graph: Graph) -> dict[str, str]:
    """Subject and text of a mail that Balie itself sends to a practice."""
    assert not sending.asks, "a practice is asked nothing"
    with override(sending.subscriber.language):
        subject, text = _told(sending, graph)
    return {"subject": subject, "text": text}


def _asked(subscriber: Subscriber) -> tuple[str, str]:
    lines = [
        _("Iemand vroeg om op dit adres bericht te krijgen van storingen van Balie. Was u dat? Zeg hier dan ja:"),
        make_link(subscriber),
        _("Was u dat niet? Doe dan niets: zonder uw ja krijgt u geen bericht, en na een dag vergeten wij dit adres."),
    ]
    return _("Wilt u bericht van storingen van Balie?"), "\n\n".join(lines)


def _told(sending: Sending, graph: Graph) -> tuple[str, str]:
    title, lines = _of_update(sending.update_told) if sending.update_told else _of_maintenance(_act(sending), graph)
    ending = "-en" if sending.subscriber.language == "en" else ""
    lines += [
        f"{settings.STATUS_URL}/index{ending}.html",
        _("Geen bericht meer? Meld u af:") + "\n" + make_link(sending.subscriber),
    ]
    return f"Balie {title}", "\n\n".join(lines)


def _of_update(update: Update) -> tuple[str, list[str]]:
    incident = update.incident
    promise = getattr(update, "promise", None)
    lines = [in_this_language(update.text_nl, update.text_en)]
    if promise:
        lines.append(_("Volgende update uiterlijk %(time)s.") % {"time": _clock(promise.due_at)})
    if update.closes:
        lines.append(_("Hiermee is deze storing voorbij."))
    return f"{incident.number}: {in_this_language(incident.title_nl, incident.title_en)}", lines


def _of_maintenance(act: MaintenanceAct, graph: Graph) -> tuple[str, list[str]]:
    """Its title and what there is to say, in the language of the moment."""
    planned = act.maintenance
    text = in_this_language(planned.text_nl, planned.text_en)
    span = {"begin": moment(planned.begins_at), "end": until(planned.begins_at, act.ends_at)}
    names = ", ".join(said(each.title) for key, each in graph.public.items() if key in functions_of(graph, act))
    hit = [_("Kan er last van hebben: %(functions)s.") % {"functions": names}] if names else []
    match act.news:
        case MaintenanceAct.What.ANNOUNCED:
            title, lines = _("onderhoud aangekondigd"), [_("Van %(begin)s tot %(end)s.") % span, text, *hit]
        case MaintenanceAct.What.EXTENDED:
            title, lines = _("onderhoud duurt langer"), [_("Van %(begin)s tot %(end)s.") % span, text, *hit]
        case MaintenanceAct.What.CANCELLED:
            gone = _("Het onderhoud van %(begin)s tot %(end)s gaat niet door.") % span
            title, lines = _("onderhoud gaat niet door"), [gone]
        case MaintenanceAct.What.ENDED:
            report = _("Werkt er toch iets niet? Meld het:") + f"\n{settings.WATCH_URL}/report/"
            ready = _("Het onderhoud is klaar sinds %(time)s.") % {"time": moment(act.at)}
            title, lines = _("onderhoud is klaar"), [ready, report]
    return f"{planned.number}: {title}", lines


def write_json(sending: Sending, graph: Graph) -> dict[str, Any]:
    """docs/on-call.md has examples."""
    subscriber = sending.subscriber
    both = {"id": message_of(sending), "leave": f"{make_link(subscriber)}leave"}
    if sending.asks:
        return {"type": "subscription.asked", "challenge": message_of(sending), "secret": subscriber.secret, **both}
    told = _update_json(sending.update_told) if sending.update_told else _maintenance_json(_act(sending), graph)
    return {**told, "page": f"{settings.STATUS_URL}/index.html", **both}


def _update_json(update: Update) -> dict[str, Any]:
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
    }


def _maintenance_json(act: MaintenanceAct, graph: Graph) -> dict[str, Any]:
    planned = act.maintenance
    return {
        "type": f"maintenance.{act.news}",
        "maintenance": planned.number,
        "at": act.at.isoformat(),
        "begins_at": planned.begins_at.isoformat(),
        "ends_at": act.ends_at.isoformat(),
        "text": {"nl": planned.text_nl, "en": planned.text_en},
        "components": sorted(functions_of(graph, act)),
    }


def _act(sending: Sending) -> MaintenanceAct:
    assert sending.act_told is not None, "it tells an update or an act"
    return sending.act_told


def _clock(at: datetime) -> str:
    return timezone.localtime(at).strftime(_("%H.%M uur"))
