"""What one practice went through in a campaign, to the second: what answers a complaint.

Two clocks: moments are told in wall time, as people had it; where the service clock judged, that one is told too.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from balie.lib.sqlfiles import read_sql
from balie.mail.services import MailState, MailStatus, mail_states
from balie.ordering.models import (
    MISSED,
    NOT_PLACED,
    ORDER_CANCELLED,
    ORDER_PLACED,
    Campaign,
    CancelledOrder,
    HoldLog,
    Order,
    PreparedOrder,
)
from balie.ordering.queries.acts import has_words, name_days, say_act
from balie.practices.mandates import was_mandated
from balie.practices.models import AuditEvent, Practice
from balie.practices.templatetags.balie import clock_seconds, number
from balie.sms.numbers import show_mobile
from balie.sms.services import TextState, TextStatus, text_states
from balie.waitingroom.models import Ticket


@dataclass(frozen=True)
class Moment:
    """One line: what happened; who did it and why, where somebody did; what the service clock said, where it judged."""

    at: datetime
    say: str
    by: str = ""
    reason: str = ""
    judged_at: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """One line of the hold log, about one practice."""

    act: HoldLog.Act
    at: datetime
    service_at: datetime
    key: str
    by: str
    auto: bool
    elapsed: timedelta
    outcome: str
    ends: datetime | None
    detail: Any


def read_practice_log(campaign: Campaign, practice: Practice) -> list[Moment]:
    """Everything, oldest first."""
    moments = [
        *_preparing(campaign, practice),
        *_waiting(campaign, practice),
        *_holding(campaign, practice),
        *_ordering(campaign, practice),
        *_cancelled(campaign, practice),
        *_acts(campaign, practice),
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _preparing(campaign: Campaign, practice: Practice) -> Iterable[Moment]:
    for prepared in PreparedOrder.objects.filter(campaign=campaign, practice=practice).select_related("saved_by"):
        by = prepared.saved_by.name if prepared.saved_by else ""
        yield Moment(prepared.saved_at, _("Bestelling klaargezet; dit is de laatste keer dat zij werd bewaard"), by)
        for mail in mail_states(reference=str(prepared.pk)):
            if mail.kind in {NOT_PLACED, MISSED}:
                yield from _mailed(mail, _("Mail dat er niets besteld is"))
        for text in text_states(kinds=(NOT_PLACED, MISSED), reference=str(prepared.pk)):
            yield from _texted(text)


def _waiting(campaign: Campaign, practice: Practice) -> Iterable[Moment]:
    for ticket in Ticket.objects.filter(room=campaign.room_id, holder=practice.pk):
        yield Moment(ticket.arrived_at, _("In de wachtkamer gekomen"))
        if ticket.number is not None:
            drawn_at = campaign.room.rounds.get(position=ticket.round).drew_at(ticket.number)
            say = _("Nummer %(number)s geloot") if drawn_at else _("Nummer %(number)s, op volgorde van binnenkomst")
            yield Moment(drawn_at or ticket.arrived_at, say % {"number": number(ticket.number)})
        if ticket.called_at is not None:
            yield Moment(ticket.called_at, _("Aan de beurt: het nummer werd opgeroepen"))


def _holding(campaign: Campaign, practice: Practice) -> Iterable[Moment]:
    """A request that was repeated, and heard the same, is one line."""
    before: tuple[object, ...] = ()
    for asked in _read_hold_log(campaign, practice):
        same = (asked.act, asked.key, asked.outcome)
        if not asked.key or same != before:
            yield _moment(asked)
        before = same


def _read_hold_log(campaign: Campaign, practice: Practice) -> Iterable[Asked]:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("ordering", "night_practice_log"), {"campaign": campaign.pk, "practice": practice.pk})
        rows = cursor.fetchall()
    for act, at, service_at, key, actor, by_organiser, elapsed_ms, outcome, ends, detail in rows:
        yield Asked(
            act=HoldLog.Act(act),
            at=at,
            service_at=service_at,
            key=str(key or ""),
            by=_asker(HoldLog.Act(act), actor, by_organiser=by_organiser),
            auto=actor is None,
            elapsed=timedelta(milliseconds=max(elapsed_ms, 0)),
            outcome=outcome or "",
            ends=ends,
            detail=json.loads(detail) if detail else None,
        )


def _asker(act: HoldLog.Act, name: str | None, *, by_organiser: bool) -> str:
    """Who asked: somebody of the practice, staff for it, or Balie, to whom it left the ordering."""
    if act not in {HoldLog.Act.HOLD, HoldLog.Act.CONFIRM}:
        return ""
    if name is None:
        return _("Balie, omdat de praktijk dat vroeg")
    return _("%(name)s, namens de praktijk") % {"name": name} if by_organiser else name


def _moment(asked: Asked) -> Moment:
    return Moment(
        at=asked.at - asked.elapsed,
        say=_SAY[asked.act](asked),
        by=asked.by,
        judged_at=asked.service_at - asked.elapsed,
    )


def _held(asked: Asked) -> str:
    if asked.outcome == "held" and asked.detail:
        words = {"days": name_days(asked.detail), "end": _end(asked)}
        return _("Om een datum gevraagd: %(days)s vastgehouden, tot %(end)s") % words
    if asked.outcome == "full":
        return _("Om een datum gevraagd: geen plaats meer op %(days)s") % {"days": name_days(asked.detail)}
    if asked.outcome == "bad_lines":
        return _("Om een datum gevraagd: de bestelling past niet bij de regels (%(rules)s)") % {
            "rules": ", ".join(dict.fromkeys(_rule(error["code"]) for error in asked.detail))
        }
    refusals = {
        "held": _("nog eens hetzelfde, met hetzelfde antwoord"),
        "not_called": _("het nummer was nog niet aan de beurt"),
        "no_ticket": _("de praktijk was niet in de wachtkamer"),
        "not_open": _("bestellen was nog niet open"),
        "closed": _("bestellen was al gesloten"),
        "already_ordered": _("de bestelling stond al vast"),
        "blocked": _("de praktijk was geblokkeerd"),
    }
    return _("Om een datum gevraagd: %(answer)s") % {"answer": refusals.get(asked.outcome, asked.outcome)}


def _confirmed(asked: Asked) -> str:
    answers = {
        "ordered": _("de bestelling staat vast"),
        "lapsed": _("de tijd was voorbij, er is niets besteld"),
        "no_hold": _("er werd niets vastgehouden, er is niets besteld"),
        "replaced": _("op een ander scherm was iets anders gekozen, er is niets besteld"),
        "full": _("de datum was intussen vol, er is niets besteld"),
        "blocked": _("de praktijk was geblokkeerd, er is niets besteld"),
    }
    did = _("Definitief besteld: %(answer)s") if asked.auto else _("Op ‘Bestel definitief’ gedrukt: %(answer)s")
    return did % {"answer": answers.get(asked.outcome, asked.outcome)}


def _rule(code: str) -> str:
    rules = {
        "minimum": _("minder dan het minimum"),
        "step": _("geen veelvoud van de stap"),
        "cap": _("meer dan het maximum"),
        "product": _("een vaccin dat er niet bij hoort"),
        "location": _("een adres dat niet van de praktijk is"),
        "day": _("een dag waarop niet wordt bezorgd"),
        "repeated": _("twee keer dezelfde regel"),
        "empty": _("geen enkele regel"),
    }
    return rules.get(code, code)


def _released(_asked: Asked) -> str:
    return _("De datum teruggegeven")


def _lapsed(asked: Asked) -> str:
    return _("De tijd was voorbij om %(end)s; de datum is vrijgegeven") % {"end": _end(asked)}


def _extended(asked: Asked) -> str:
    return _("Extra tijd van de organisatie: tot %(end)s") % {"end": _end(asked)}


def _end(asked: Asked) -> str:
    return clock_seconds(asked.ends) if asked.ends else ""


_SAY: dict[HoldLog.Act, Callable[[Asked], str]] = {
    HoldLog.Act.HOLD: _held,
    HoldLog.Act.CONFIRM: _confirmed,
    HoldLog.Act.RELEASE: _released,
    HoldLog.Act.LAPSE: _lapsed,
    HoldLog.Act.EXTEND: _extended,
}


def _ordering(campaign: Campaign, practice: Practice) -> Iterable[Moment]:
    for order in Order.objects.filter(campaign=campaign, practice=practice).select_related("placed_by"):
        by = order.placed_by.name if order.placed_by else _("Balie, omdat de praktijk dat vroeg")
        if was_mandated(person=order.placed_by, practice=practice, at=order.placed_at):
            by = _("%(name)s, telefonisch namens de praktijk") % {"name": by}
        yield Moment(order.placed_at, _("Bestelling %(number)s vastgelegd") % {"number": order.number}, by)
        for mail in mail_states(reference=order.number):
            yield from _mailed(mail, _("Bevestiging"))
        for revision in range(1, order.revision + 1):
            for mail in mail_states(reference=f"{order.number}:{revision}"):
                yield from _mailed(mail, _("Mail over de wijziging"))
        for text in text_states(kinds=(ORDER_PLACED,), reference=order.number):
            yield from _texted(text)


def _cancelled(campaign: Campaign, practice: Practice) -> Iterable[Moment]:
    """What became of the mails; the cancelling itself is an act."""
    for order in CancelledOrder.objects.filter(campaign=campaign, practice=practice).select_related("placed_by"):
        by = order.placed_by.name if order.placed_by else _("Balie, omdat de praktijk dat vroeg")
        yield Moment(order.placed_at, _("Bestelling %(number)s vastgelegd") % {"number": order.number}, by)
        for mail in mail_states(reference=order.number):
            is_cancelled = mail.kind == ORDER_CANCELLED
            yield from _mailed(mail, _("Mail dat er geannuleerd is") if is_cancelled else _("Bevestiging"))


def _mailed(mail: MailStatus, name: str) -> Iterable[Moment]:
    """`name` is what the mail is: the confirmation, say."""
    words = {"mail": name, "to": mail.recipient}
    yield Moment(mail.created_at, _("%(mail)s aan %(to)s klaar om te versturen") % words)
    said = Moment(mail.sent_at or mail.next_attempt_at, "", reason=mail.answer)
    if mail.state == MailState.SENT:
        yield replace(said, say=_("%(mail)s aangenomen door de mailserver van %(to)s") % words)
    elif mail.state == MailState.BOUNCED:
        yield replace(said, say=_("%(mail)s aan %(to)s kwam terug: de mailserver weigert dit adres") % words)
    elif mail.state == MailState.FAILED:
        yield replace(said, say=_("%(mail)s aan %(to)s kon niet worden verstuurd") % words)
    elif mail.attempts:
        tries = _("%(mail)s aan %(to)s nog onderweg, %(attempts)s keer geprobeerd; dan opnieuw")
        yield replace(said, say=tries % {**words, "attempts": number(mail.attempts)})


def _texted(text: TextStatus) -> Iterable[Moment]:
    words = {"to": show_mobile(text.recipient), "attempts": number(text.attempts)}
    yield Moment(text.created_at, _("Sms aan %(to)s klaar om te versturen") % words)
    said = Moment(text.settled_at or text.next_attempt_at, "", reason=text.answer)
    if text.state == TextState.SENT:
        yield replace(said, say=_("Sms aan %(to)s aangenomen door de sms-dienst") % words)
    elif text.state == TextState.FAILED:
        yield replace(said, say=_("Sms aan %(to)s kon niet worden verstuurd, %(attempts)s keer geprobeerd") % words)
    elif text.attempts:
        yield replace(said, say=_("Sms aan %(to)s nog onderweg, %(attempts)s keer geprobeerd; dan opnieuw") % words)


def _acts(campaign: Campaign, practice: Practice) -> Iterable[Moment]:
    """What was done to the practice since the campaign was made; its order and its holds are told above."""
    first = campaign.versions.order_by("version").values_list("since", flat=True).first()
    events = AuditEvent.objects.filter(practice=practice).select_related("actor").order_by("at", "pk")
    for event in events.filter(at__gte=first) if first else events:
        if has_words(event):
            yield Moment(event.at, say_act(event), event.actor.name if event.actor else "", event.reason)
