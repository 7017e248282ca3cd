"""Acts of the log, in words."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from balie.practices.models import AuditEvent
from balie.practices.templatetags.balie import day, euros, number, span

Words = Callable[[dict[str, Any]], str]


def say_act(event: AuditEvent) -> str:
    """What was done; the action's own name where we have no words for it."""
    return _WORDS[event.action](event.detail) if event.action in _WORDS else event.action


def has_words(event: AuditEvent) -> bool:
    """Whether `say_act` can tell it."""
    return event.action in _WORDS


def name_days(days: list[str]) -> str:
    """Days of ISO 8601 as people say them: `maandag 4 oktober en dinsdag 5 oktober`."""
    names = [day(date.fromisoformat(each)) for each in dict.fromkeys(days)]
    return _(" en ").join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _pace(detail: dict[str, Any]) -> str:
    return _("Tempo van %(from)s naar %(to)s per minuut") % {end: number(detail[end]) for end in ("from", "to")}


def _message(detail: dict[str, Any]) -> str:
    if detail["text"]:
        return _("Bericht getoond: “%(text)s”") % detail
    return _("Bericht weggehaald")


def _extended(detail: dict[str, Any]) -> str:
    words = {"span": span(60 * detail["minutes"]), "count": number(detail["practices"])}
    return (
        ngettext(
            "%(span)s extra gegeven aan %(count)s praktijk die een datum vasthield",
            "%(span)s extra gegeven aan %(count)s praktijken die een datum vasthielden",
            detail["practices"],
        )
        % words
    )


def _blocked(detail: dict[str, Any]) -> str:
    if detail["gave_back"]:
        return _("Praktijk geblokkeerd; teruggegeven: %(days)s") % {"days": name_days(detail["gave_back"])}
    return _("Praktijk geblokkeerd")


def _left_to_balie(detail: dict[str, Any]) -> str:
    if detail["to"] == "off":
        return _("De praktijk bestelt zelf: ‘Bestel voor mij’ uitgezet")
    return _("Het bestellen aan Balie overgelaten: ‘Bestel voor mij’ aangezet")


def _cancelled(detail: dict[str, Any]) -> str:
    if detail["granted"]:
        return _("Bestelling geannuleerd na een verzoek, voor %(fee)s") % {"fee": euros(detail["fee_cents"])}
    return _("Bestelling geannuleerd")


def _changed(detail: dict[str, Any]) -> str:
    lines = {end: _lines(detail[end]) for end in ("before", "after")}
    if detail["granted"]:
        words = {**lines, "fee": euros(detail["fee_cents"])}
        return _("Bestelling gewijzigd na een verzoek, voor %(fee)s: van %(before)s in %(after)s") % words
    return _("Bestelling gewijzigd van %(before)s in %(after)s") % lines


def _lines(lines: list[dict[str, Any]]) -> str:
    """`500 op maandag 4 oktober, 100 op dinsdag 5 oktober`."""
    words = _("%(doses)s op %(day)s")
    named = [{"doses": number(line["doses"]), "day": day(date.fromisoformat(line["day"]))} for line in lines]
    return ", ".join(words % line for line in named)


def _taken_in(detail: dict[str, Any]) -> str:
    said = {
        "whole": _("Bezorging van %(day)s: alles is er"),
        "differs": _("Bezorging van %(day)s: te weinig of kapot"),
        "not_come": _("Bezorging van %(day)s: niets gekomen"),
    }[detail["outcome"]] % {"day": name_days([detail["day"]])}
    return _("%(said)s; koude keten onderbroken") % {"said": said} if detail["cold"] == "broken" else said


_WORDS: dict[str, Words] = {
    "order.changed": _changed,
    "order.change_asked": lambda detail: (
        _("Gevraagd om de bestelling te wijzigen, voor %(fee)s") % {"fee": euros(detail["fee_cents"])}
    ),
    "order.cancelled": _cancelled,
    "order.cancel_asked": lambda detail: (
        _("Gevraagd om de bestelling te annuleren, voor %(fee)s") % {"fee": euros(detail["fee_cents"])}
    ),
    "order.swap_asked": lambda _detail: _("Balie gevraagd de bestelling te wijzigen zodra het past"),
    "order.swap_withdrawn": lambda _detail: _("Balie hoeft niet meer te wachten met de wijziging"),
    "order.wish_asked": lambda _detail: _("Op de wachtlijst gezet voor een volle dag"),
    "order.wish_withdrawn": lambda _detail: _("Van de wachtlijst gehaald"),
    "order.offered": lambda detail: (
        _("Balie bood plaats aan op %(days)s") % {"days": name_days(sorted(detail["days"]))}
    ),
    "order.offer_refused": lambda _detail: _("De aangeboden plaats geweigerd"),
    "order.offer_lapsed": lambda detail: (
        _("De aangeboden plaats op %(days)s niet op tijd genomen") % {"days": name_days(sorted(detail["days"]))}
    ),
    "order.request_withdrawn": lambda _detail: _("Het verzoek ingetrokken"),
    "order.request_granted": lambda _detail: _("Het verzoek toegestaan"),
    "order.request_refused": lambda _detail: _("Het verzoek geweigerd"),
    "room.pace_set": _pace,
    "room.paused": lambda _detail: _("Toelaten gepauzeerd"),
    "room.resumed": lambda _detail: _("Toelaten gaat verder"),
    "room.message_posted": _message,
    "campaign.created": lambda _detail: _("Campagne gemaakt"),
    "calendar.generated": lambda _detail: _("Bezorgdagen gemaakt"),
    "calendar.changed": lambda detail: _("Ruimte gewijzigd op %(days)s") % {"days": name_days(sorted(detail))},
    "calendar.days_removed": lambda detail: _("Uit de kalender: %(days)s") % {"days": name_days(detail["days"])},
    "deliveries.handed_over": lambda detail: (
        _("Bezorgdag %(day)s overgedragen aan de distributeur, versie %(version)s")
        % {"day": name_days([detail["day"]]), "version": detail["version"]}
    ),
    "deliveries.timed": lambda detail: (
        _("Tijden gegeven aan %(day)s: %(new)s nieuw, %(changed)s gewijzigd")
        % {**detail, "day": name_days([detail["day"]])}
    ),
    "delivery.reported": _taken_in,
    "delivery.report_changed": lambda detail: _("Verbeterd: %(say)s") % {"say": _taken_in(detail)},
    "delivery.missed": lambda detail: (
        _("Niemand aanwezig bij bezorging %(delivery)s op %(days)s")
        % {"delivery": detail["delivery"], "days": name_days([detail["day"]])}
    ),
    "delivery.missed_taken_back": lambda detail: (
        _("Toch wel iemand aanwezig bij bezorging %(delivery)s op %(days)s")
        % {"delivery": detail["delivery"], "days": name_days([detail["day"]])}
    ),
    "wastage.accounted": lambda detail: _("Doses verantwoord; kosten %(fee)s") % {"fee": euros(detail["cents"])},
    "wastage.corrected": lambda detail: (
        _("Verantwoording van doses verbeterd; kosten %(fee)s") % {"fee": euros(detail["cents"])}
    ),
    "trial.started_over": lambda _detail: _("Oefening opnieuw begonnen"),
    "campaign.rules_changed": lambda _detail: _("Regels van de campagne gewijzigd"),
    "windows.extended": _extended,
    "practice.blocked": _blocked,
    "practice.unblocked": lambda _detail: _("Praktijk mag weer bestellen"),
    "practice.emails_changed": lambda _detail: _("E-mailadressen van de praktijk gewijzigd"),
    "practice.mobile_changed": lambda _detail: _("Mobiel nummer van de praktijk gewijzigd"),
    "prepared.auto_set": _left_to_balie,
    "prepared.not_placed": lambda _detail: _("Balie kon niet voor de praktijk bestellen en mailde haar dat"),
    "prepared.missed": lambda _detail: _("Bestellen sloot zonder bestelling van de praktijk, en Balie mailde haar dat"),
    "mandate.began": lambda _detail: _("Begonnen met bestellen namens de praktijk, telefonisch"),
    "mandate.ended": lambda _detail: _("Gestopt met bestellen namens de praktijk"),
    "location.moved": lambda _detail: _("Afleveradres van de praktijk gewijzigd"),
}
