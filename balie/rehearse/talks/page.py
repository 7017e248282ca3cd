"""The report of scenario `consult`: what arrived, who could unlock, and what failed on purpose meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.lib import plots
from balie.lib.plots import BLUE, PLUM, Line, Window
from balie.rehearse.page import Check, Plot, Told, checks_of_the_watch, render_told
from balie.rehearse.rehearsal import Wish
from balie.rehearse.talks.scenario import TalkOutcome
from balie.rehearse.talks.verdict import STOPPED_S


def render_talks(outcome: TalkOutcome, wish: Wish, *, command: str) -> str:
    """The whole file, in Dutch."""
    with override("nl"):
        told = Told(
            scenario=_("scenario gesprekken"),
            headline=_headline(outcome.report),
            zero=_("Seconden tellen vanaf het begin van de gesprekken."),
            checks=_checks(outcome.report),
            plots=_plots(outcome),
            latencies=_latencies(outcome.report),
        )
        return render_told(told, outcome, arrivals_s=wish.arrivals_s, command=command)


def _headline(report: Mapping[str, Any]) -> str:
    end = _("alles kwam aan") if report["verdict"] == "pass" else _("niet zoals beloofd")
    return _("%(sent)s berichten, %(end)s") % {"sent": report["messages"]["sent"], "end": end}


def _checks(report: Mapping[str, Any]) -> list[Check]:
    messages, unlocks, shifts, broken = report["messages"], report["unlocks"], report["shifts"], set(report["failed"])
    return [
        Check(
            not broken & {"messages.lost", "messages.doubled", "messages.sent"},
            _("Berichten verloren of dubbel: %s") % (messages["lost"] + messages["doubled"]),
            _("%(sent)s bevestigd, %(stored)s in de database") % messages,
        ),
        Check(
            "messages.out_of_order" not in broken,
            _("Berichten op een verkeerde plaats: %s") % messages["out_of_order"],
            _("wat er al stond, staat ervoor"),
        ),
        Check(
            not broken & {"messages.delivered", "messages.unreadable"},
            _("Niet te lezen voor wie erbij hoort: %s") % messages["unreadable"],
            _("%(delivered)s door iedereen gelezen") % messages,
        ),
        Check(
            "messages.leaked" not in broken,
            _("Aangekomen of geopend door wie er niet bij hoort: %s") % messages["leaked"],
            _("buitenstaanders en wie uit een gesprek is gehaald, met hun echte sleutels en de hele database"),
        ),
        Check(
            "messages.stopped" not in broken,
            _("Mensen met sleutels die niet verder konden: %s") % messages["stopped"],
            _("langer dan %s s gewacht tot een bericht was opgeslagen") % round(STOPPED_S),
        ),
        Check(
            "unlocks.succeeded" not in broken,
            _("Ontgrendeld op een vers apparaat: %(succeeded)s van %(tried)s") % unlocks,
            _("%(with_faults)s met een fout onderweg; %(not_promised)s terwijl twee sleutelservers uit waren")
            % unlocks,
        ),
        Check(
            "shifts.begun" not in broken,
            _("Dienst begonnen op een vers profiel: %(begun)s van %(tried)s") % shifts,
            _("met een beveiligingssleutel; %(without_key_servers)s terwijl er geen sleutelservers waren") % shifts,
        ),
        *_checks_of_saturday(report.get("econsults"), broken),
        Check(
            not broken & {"traces.found", "traces.control"},
            _("Leesbaar teruggevonden buiten de gesprekken: %s") % len(report["traces"]["found"]),
            _("%(sources)s tabellen, logs, mails en metingen doorzocht, %(megabytes)s MB")
            % {"sources": report["traces"]["sources"], "megabytes": round(report["traces"]["bytes"] / 1e6)},
        ),
        *checks_of_the_watch(report),
    ]


def _checks_of_saturday(counted: Mapping[str, Any] | None, broken: set[str]) -> list[Check]:
    if counted is None:
        return []
    return [
        Check(
            not broken & {"econsults.lost", "econsults.doubled", "econsults.started"},
            _("E-consulten verloren of dubbel: %s") % (counted["lost"] + counted["doubled"]),
            _("%(started)s gestuurd, %(answered)s beantwoord, %(phoned)s gevraagd te bellen") % counted,
        ),
        Check(
            "econsults.out_of_order_urgency" not in broken,
            _("Tegen de urgentie in opgepakt: %s") % counted["out_of_order_urgency"],
            _("wie meer haast heeft eerst, daarna wie er het eerst was"),
        ),
        Check(
            not broken & {"econsults.told_late", "econsults.told"},
            _("Te laat gehoord dat hun post dichtging: %s") % counted["told_late"],
            _("%(told)s wachtten toen een post sloot; %(moved)s gingen verder bij een andere") % counted,
        ),
    ]


def _plots(outcome: TalkOutcome) -> list[Plot]:
    zero = outcome.opens_at
    windows = [
        Window(start_s=each["start_s"], stop_s=each["stop_s"], label=each["name"].partition("@")[0])
        for each in outcome.report["faults"]
    ]

    def drawn(kind: str, title: str, says: str) -> Plot:
        points = [(at - zero, ms) for at, name, ms in outcome.measures.timeline if name == kind]
        p50, p99 = (plots.percentile_over_time(points, share) for share in (0.5, 0.99))
        lines = [Line(points=p50, label="p50", colour=BLUE), Line(points=p99, label="p99", colour=PLUM)]
        return Plot(title, says, plots.draw_lines(kind, lines, span=(0.0, outcome.ended_at - zero), windows=windows))

    return [
        drawn("send", _("Versturen (ms)"), _("Van willen versturen tot opgeslagen: mediaan en 99e percentiel")),
        drawn("unlock", _("Ontgrendelen (ms)"), _("Met twee van drie sleutelservers: mediaan en 99e percentiel")),
    ]


def _latencies(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, float]]]:
    names = {"send": _("Versturen"), "deliver": _("Gelezen door de anderen"), "unlock": _("Ontgrendelen")}
    return [(name, report["latency_ms"][kind]) for kind, name in names.items() if report["latency_ms"].get(kind)]
