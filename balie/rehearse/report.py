"""The report of a night: verdict, promises, plots, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from balie.lib import plots
from balie.lib.plots import BLUE, ORANGE, PLUM, Line, Window
from balie.rehearse.judge.sampling import Sample
from balie.rehearse.page import Check, Page, Plot, checks_of_the_watch, render_page

CONFIRM_LIMIT_MS = 100
AGE_LIMIT_MS = 1000


@dataclass(frozen=True, kw_only=True)
class Story:
    """What there is to tell. Moments are seconds since 1970; the plots count from `opens_at`."""

    report: Mapping[str, Any]
    command: str
    began_at: datetime
    duration_s: float
    arrivals_s: float
    cores: int
    opens_at: float
    ended_at: float
    arrivals: Sequence[float]
    samples: Sequence[Sample]
    timeline: Sequence[tuple[float, str, float]]
    ages: Sequence[tuple[float, float]]
    windows: Sequence[Window]


def render_report(story: Story) -> str:
    """The whole file, in Dutch."""
    with override("nl"):
        page = Page(
            report=story.report,
            scenario=_("scenario jaar") if story.report["scenario"] == "year" else _("scenario bestellen"),
            headline=_headline(story.report),
            command=story.command,
            began_at=story.began_at,
            duration_s=story.duration_s,
            arrivals_s=story.arrivals_s,
            cores=story.cores,
            zero=_("Seconden tellen vanaf de opening."),
            checks=_checks(story.report),
            plots=[Plot(*each) for each in _plots(story)],
            latencies=_latencies(story.report),
        )
        return render_page(page)


def _headline(report: Mapping[str, Any]) -> str:
    count = len(report["faults"])
    faults = ngettext("%s fout", "%s fouten", count) % count
    if report["verdict"] == "pass":
        end = _("niets verloren")
    elif report["failed"] == ["generator.lag_p99_ms"]:
        end = _("maar de belasting hield het tempo niet bij")
    else:
        end = _("belofte gebroken")
    return _("%(practices)s praktijken, %(faults)s, %(end)s") % {
        "practices": report["practices"],
        "faults": faults if count else _("geen fouten"),
        "end": end,
    }


def _checks(report: Mapping[str, Any]) -> list[Check]:
    orders, mail, notes = report["orders"], report["mail"], report["notes"]
    age, generator = report["calendar_age_ms"]["p99"], report["generator"]
    broken = set(report["failed"])

    def check(keys: Sequence[str], text: str, note: str) -> Check:
        return Check(not broken & set(keys), text, note)

    return [
        check(
            ["orders.lost", "notes.invisible_orders", "orders.acknowledged"],
            _("Bestellingen verloren: %s") % orders["lost"],
            _("%(acknowledged)s bevestigd, %(stored)s in de database") % orders,
        ),
        check(
            ["orders.doubled", "notes.unasked_orders"],
            _("Bestellingen dubbel: %s") % orders["doubled"],
            _("%s onzekere antwoorden, elk hooguit één keer") % orders["indeterminate"],
        ),
        check(
            ["oversold_days", "notes.miscounted_days"],
            _("Dagen te vol: %s") % report["oversold_days"],
            _("doses én adressen, vastgehouden meegeteld"),
        ),
        check(
            ["wrongly_expired"],
            _("Ten onrechte verlopen: %s") % report["wrongly_expired"],
            _("%s met opzet laten verlopen") % notes["lapsed_on_purpose"],
        ),
        check(
            ["queue_inversions", "draw_verified"],
            _("Voorgedrongen in de rij: %s") % report["queue_inversions"],
            _("loting nagerekend: klopt") if report["draw_verified"] else _("loting nagerekend: klopt niet"),
        ),
        check(
            ["mail.missing"],
            _("Mails zoek: %s") % mail["missing"],
            _("%(expected)s verwacht, %(accepted)s aangenomen") % mail,
        ),
        check(
            ["calendar_age_ms.p99"],
            _("Leeftijd van de kalender, p99: %s ms") % ("–" if age is None else round(age)),
            _("hoogstens 1.000 ms beloofd"),
        ),
        check(
            ["notes.unfinished"],
            _("Praktijken zonder bestelling: %s") % len(notes["unfinished"]),
            "; ".join(sorted(set(notes["unfinished"].values()))[:3]),
        ),
        *_checks_of_the_year(report),
        *checks_of_the_watch(report),
        check(
            ["generator.lag_p99_ms"],
            _("Achterstand van de belasting, p99: %s ms") % round(generator.get("lag_p99_ms", 0)),
            _("%s%% van een kern") % round(generator.get("cpu_percent", 0)),
        ),
    ]


def _checks_of_the_year(report: Mapping[str, Any]) -> list[Check]:
    """Where orders changed after they were placed."""
    if "swaps" not in report:
        return []
    swaps, changes, days, broken = report["swaps"], report["changes"], report["days"], set(report["failed"])
    offers = report["offers"]
    return [
        Check(
            not {"changes.lost_date", "changes.made"} & broken,
            _("Wijzigingen die een bezorgdag kostten zonder dat het vooraf gezegd was: %s") % changes["lost_date"],
            _("%(made)s gemaakt, %(refused)s geweigerd, %(cancelled)s geannuleerd") % changes,
        ),
        Check(
            not {"swaps.out_of_order", "swaps.passed_over", "swaps.served"} & broken,
            _("Ruilingen buiten de rij om: %s") % (swaps["out_of_order"] + swaps["passed_over"]),
            _("%(wanted)s gevraagd, %(served)s gedaan") % swaps,
        ),
        Check(
            not {"offers.unheard", "offers.made"} & broken,
            _("Aanbiedingen van de wachtlijst die niemand nam en toch besteld zijn: %s") % offers["unheard"],
            _("%(wanted)s gevraagd, %(made)s aangeboden, %(accepted)s genomen, %(refused)s geweigerd") % offers,
        ),
        Check(
            "days.edited" not in broken,
            _("Bezorgdagen groter en kleiner gemaakt: %s keer") % days["edited"],
            _("%s keer geweigerd, want zoveel was er al vergeven") % days["refused"],
        ),
    ]


def _plots(story: Story) -> list[tuple[str, str, str]]:
    zero = story.opens_at
    span = (min([*story.arrivals, zero]) - zero, max([story.ended_at, *(s.at for s in story.samples[-1:])]) - zero)
    confirms = [(at - zero, ms) for at, kind, ms in story.timeline if kind == "confirm"]

    def sampled(value: str) -> list[tuple[float, float]]:
        return [(sample.at - zero, getattr(sample, value)) for sample in story.samples]

    waiting = [(s.at - zero, s.tickets - s.called) for s in story.samples]
    orders = [
        (b.at - zero, (b.orders - a.orders) / (b.at - a.at))
        for a, b in zip(story.samples, story.samples[1:], strict=False)
    ]

    def lines(name: str, *drawn: Line, limit: tuple[float, str] | None = None) -> str:
        return plots.draw_lines(name, drawn, span=span, windows=story.windows, limit=limit)

    days = sorted(story.samples[-1].fill) if story.samples else []
    columns = [(s.at - zero, [s.fill.get(day, 0.0) for day in days]) for s in story.samples]
    p50, p99 = (plots.percentile_over_time(confirms, share) for share in (0.5, 0.99))
    age = plots.percentile_over_time([(at - zero, ms) for at, ms in story.ages], 0.99)
    return [
        (
            _("Wachtend en binnen"),
            _("Hoeveel praktijken wachten, hoeveel een datum vasthouden, en hoeveel er per seconde aankomen"),
            lines(
                "room",
                Line(points=waiting, label=_("wachtend"), colour=PLUM, filled=True),
                Line(points=sampled("inside"), label=_("binnen"), colour=BLUE),
                Line(points=plots.per_second(at - zero for at in story.arrivals), label=_("aankomst/s"), colour=ORANGE),
            ),
        ),
        (
            _("Bestellingen per seconde"),
            _("Vastgelegde bestellingen per seconde"),
            lines("orders", Line(points=orders, label="", colour=PLUM, filled=True)),
        ),
        (
            _("Wachttijd op ‘bestel definitief’ (ms)"),
            _("Mediaan en 99e percentiel van de tijd tussen klik en antwoord"),
            lines(
                "confirm",
                Line(points=p50, label="p50", colour=BLUE),
                Line(points=p99, label="p99", colour=PLUM),
                limit=(CONFIRM_LIMIT_MS, _("grens %s ms") % CONFIRM_LIMIT_MS),
            ),
        ),
        (
            _("Mail in de wachtrij"),
            _("Mails die nog naar de mailserver moeten"),
            lines("mail", Line(points=sampled("mail_waiting"), label="", colour=ORANGE, filled=True)),
        ),
        (
            _("Leeftijd van de kalender (ms, p99)"),
            _("Hoe oud de kalender op het scherm is"),
            lines("age", Line(points=age, label="", colour=BLUE), limit=(AGE_LIMIT_MS, _("grens 1.000 ms"))),
        ),
        (
            _("Bezorgdagen lopen vol"),
            _("Een rij per bezorgdag; hoe donkerder, hoe voller"),
            plots.draw_fill("fill", days, columns, span=span) if columns else "",
        ),
    ]


def latency_names() -> dict[str, str]:
    """What is measured, in the words of the reader."""
    return {
        "join": _("Nummer trekken"),
        "hold": _("Datum vasthouden"),
        "confirm": _("Definitief bestellen"),
        "deliver": _("Mail aangenomen na bestelling"),
    }


def _latencies(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, float]]]:
    names = latency_names()
    return [(name, report["latency_ms"][kind]) for kind, name in names.items() if report["latency_ms"].get(kind)]
