"""The report of scenario `login`: who got in, and what those inside noticed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.lib import plots
from balie.lib.plots import BLUE, ORANGE, PLUM, Line, Window
from balie.rehearse.logins.scenario import LoginOutcome
from balie.rehearse.logins.verdict import HOT, spans_of
from balie.rehearse.page import Check, Plot, Told, render_told
from balie.rehearse.rehearsal import Wish
from balie.rehearse.report import CONFIRM_LIMIT_MS, latency_names


def render_logins(outcome: LoginOutcome, wish: Wish, *, command: str) -> str:
    """The whole file, in Dutch."""
    with override("nl"):
        told = Told(
            scenario=_("scenario inloggen"),
            headline=_headline(outcome.report),
            zero=_("Gekleurde vlakken: de tijd waarin mensen inloggen. Seconden tellen vanaf de opening."),
            checks=_checks(outcome.report),
            plots=_plots(outcome),
            latencies=_latencies(outcome.report),
        )
        return render_told(told, outcome, arrivals_s=wish.arrivals_s, command=command)


def _headline(report: Mapping[str, Any]) -> str:
    if report["verdict"] == "pass":
        end = _("wie binnen was merkte er niets van")
    elif "hot_paths.p99_ratio" in report["failed"]:
        end = _("wie binnen was merkte het")
    else:
        end = _("niet zoals beloofd")
    return _("%(inside)s keer ingelogd, %(end)s") % {"inside": report["logins"]["inside"], "end": end}


def _checks(report: Mapping[str, Any]) -> list[Check]:
    logins, hot, orders, broken = report["logins"], report["hot_paths"], report["orders"], set(report["failed"])
    quiet, busy = (hot[phase].get("all", {}).get("p99") for phase in ("quiet", "logins"))
    elsewhere = broken - {"logins.failed", "hot_paths.p99_ratio", "hot_paths.count", "orders.lost", "orders.doubled"}
    return [
        Check(
            "logins.failed" not in broken,
            _("Niet binnengekomen: %s") % (logins["wanted"] - logins["inside"]),
            _("%(wanted)s wilden inloggen, %(second_step)s met een tweede stap, %(slipped)s na een tikfout") % logins,
        ),
        Check(
            not broken & {"hot_paths.p99_ratio", "hot_paths.count"},
            _("Trager voor wie binnen is: %s keer") % _number(hot["p99_ratio"]),
            _("p99 van %(quiet)s ms naar %(busy)s ms; hoogstens %(most)s keer beloofd")
            % {"quiet": _number(quiet), "busy": _number(busy), "most": _number(hot["ratio_most"])},
        ),
        Check(
            not broken & {"orders.lost", "orders.doubled"},
            _("Bestellingen verloren of dubbel: %s") % (orders["lost"] + orders["doubled"]),
            _("%(acknowledged)s bevestigd, %(stored)s in de database") % orders,
        ),
        Check(
            not elsewhere,
            _("Alle andere beloften van de nacht"),
            ", ".join(sorted(elsewhere)) or _("gehouden"),
        ),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def _plots(outcome: LoginOutcome) -> list[Plot]:
    zero, logins = outcome.plan.opens_at, outcome.arrived.logins
    windows = [Window(start_s=begin - zero, stop_s=end - zero, label=_("inloggen")) for begin, end in spans_of(logins)]
    span = (0.0, outcome.night.ended_at - zero)
    hot = [(at - zero, ms) for at, kind, ms in outcome.night.measures.timeline if kind in HOT]
    waited = [(login.ended_at - zero, login.waited_s) for login in logins if not login.failed]

    def lines(name: str, *drawn: Line, limit: tuple[float, str] | None = None) -> str:
        return plots.draw_lines(name, drawn, span=span, windows=windows, limit=limit)

    p50, p99 = (plots.percentile_over_time(hot, share) for share in (0.5, 0.99))
    half, most = (plots.percentile_over_time(waited, share) for share in (0.5, 0.99))
    return [
        Plot(
            _("Wachttijd van wie binnen is (ms)"),
            _("Aansluiten, vasthouden en bevestigen: mediaan en 99e percentiel"),
            lines(
                "hot",
                Line(points=p50, label="p50", colour=BLUE),
                Line(points=p99, label="p99", colour=PLUM),
                limit=(CONFIRM_LIMIT_MS, _("grens %s ms") % CONFIRM_LIMIT_MS),
            ),
        ),
        Plot(
            _("Aankomst en binnenkomst per seconde"),
            _("Hoeveel mensen per seconde gaan inloggen, en hoeveel er binnen zijn gekomen"),
            lines(
                "logins",
                Line(
                    points=plots.per_second(login.began_at - zero for login in logins), label=_("komt"), colour=ORANGE
                ),
                Line(points=plots.per_second(at for at, _s in waited), label=_("is binnen"), colour=PLUM),
            ),
        ),
        Plot(
            _("Wachten bij het inloggen (s)"),
            _("Alle bladzijden van een keer inloggen samen, zonder het typen: mediaan en 99e percentiel"),
            lines(
                "waited",
                Line(points=half, label="p50", colour=BLUE),
                Line(points=most, label="p99", colour=PLUM),
            ),
        ),
    ]


def _latencies(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, float]]]:
    phases = {"quiet": _("niemand logt in"), "logins": _("mensen loggen in")}
    rows = [
        (f"{name}, {says}", report["hot_paths"][phase][kind])
        for kind, name in latency_names().items()
        for phase, says in phases.items()
        if report["hot_paths"][phase].get(kind)
    ]
    waited = report["logins"]["waited_ms"]
    return [*rows, (_("Inloggen, alle bladzijden samen"), waited)] if waited else rows
