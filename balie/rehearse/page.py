"""The page of a report, whatever was rehearsed: one HTML file that needs nothing beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from django.template import Context, Engine
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from balie.lib.plots import inline

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Check:
    """One promise: its name, what was counted, and whether it held."""

    kept: bool
    text: str
    note: str


@dataclass(frozen=True)
class Plot:
    """`svg` is our own."""

    title: str
    says: str
    svg: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a scenario tells of itself, in the language of the reader. `zero` says from when seconds count."""

    scenario: str
    headline: str
    zero: str
    checks: Sequence[Check]
    plots: Sequence[Plot]
    latencies: Sequence[tuple[str, Mapping[str, float]]]


@dataclass(frozen=True, kw_only=True)
class Page(Told):
    """All there is to say."""

    report: Mapping[str, Any]
    command: str
    began_at: datetime
    duration_s: float
    arrivals_s: float
    cores: int


class Judged(Protocol):
    """The outcome of a rehearsal, whatever was rehearsed."""

    report: dict[str, Any]
    began_at: datetime
    duration_s: float


def checks_of_the_watch(report: Mapping[str, Any]) -> list[Check]:
    """Where one looked: whether what it said was true and in time."""
    if "operations" not in report:
        return []
    operations, failed = report["operations"], set(report["failed"])
    wrong = [f"{node}: {evidence}" for node, evidence in operations["wrongly_named"].items()]
    missed = [*operations["late"], *wrong]
    twice = [f"{person}: {count}" for person, count in operations["doubled"].items()]
    untold = [*operations["untold"], *operations["wrongly_told"], *twice]
    return [
        Check(
            not {"operations.late", "operations.wrongly_named"} & failed,
            _("Storingen niet, te laat of ten onrechte genoemd: %s") % len(missed),
            "; ".join(missed) or _("%s meldingen van de wacht") % operations["said"],
        ),
        Check(
            not {"operations.untold", "operations.wrongly_told", "operations.doubled"} & failed,
            _("Niet, ten onrechte of dubbel gewaarschuwd: %s") % len(untold),
            "; ".join(untold) or _("%s berichten aan wie dienst heeft") % operations["alerts"],
        ),
    ]


def render_told(told: Told, outcome: Judged, *, arrivals_s: float, command: str) -> str:
    """The whole file of a rehearsal on this machine."""
    page = Page(
        **vars(told),
        report=outcome.report,
        command=command,
        began_at=outcome.began_at,
        duration_s=outcome.duration_s,
        arrivals_s=arrivals_s,
        cores=os.cpu_count() or 1,
    )
    return render_page(page)


def render_page(page: Page) -> str:
    """The whole file."""
    engine = Engine(libraries={"i18n": "django.templatetags.i18n", "l10n": "django.templatetags.l10n"})
    template = engine.from_string((HERE / "report.html").read_text(encoding="utf-8"))
    content = {
        "style": mark_safe((HERE / "report.css").read_text(encoding="utf-8")),  # noqa: S308 - our own file
        "page": page,
        "report": page.report,
        "passed": page.report["verdict"] == "pass",
        "minutes": int(page.duration_s // 60),
        "seconds": int(page.duration_s % 60),
        "plots": [Plot(each.title, each.says, mark_safe(inline(each.svg))) for each in page.plots],  # noqa: S308
    }
    return str(template.render(Context(content)))
