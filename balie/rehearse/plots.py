"""The plots of the report: SVG by matplotlib, with the theme's variables for colours, so that they follow dark mode."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

# What matplotlib draws with, and the variable of the theme that it becomes.
INK, SOFT, LINE, STRONG = "#2b1528", "#66525f", "#dccfd9", "#867081"
PLUM, BLUE, ORANGE, FAULT = "#5a1d4f", "#1f78b4", "#b85c00", "#ab1f1a"
VARIABLES = {
    INK: "ink",
    SOFT: "ink-soft",
    LINE: "line",
    STRONG: "line-strong",
    PLUM: "series-1",
    BLUE: "series-2",
    ORANGE: "series-3",
    FAULT: "fault",
}
STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "axes.edgecolor": STRONG,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": LINE,
    "axes.axisbelow": True,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.labelcolor": "linecolor",
    "legend.handlelength": 0.8,
}

HEADROOM = 1.25  # above the highest value, for the names of the faults

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Window:
    """When a fault was on, in seconds from the opening."""

    start_s: float
    stop_s: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Line:
    points: Sequence[Point]
    label: str
    colour: str
    filled: bool = False


def per_second(moments: Iterable[float]) -> list[Point]:
    """How many moments fell in each second, gaps included."""
    counts: dict[int, int] = {}
    for moment in moments:
        counts[int(moment // 1)] = counts.get(int(moment // 1), 0) + 1
    if not counts:
        return []
    return [(second + 0.5, counts.get(second, 0)) for second in range(min(counts), max(counts) + 1)]


def percentile_over_time(points: Iterable[Point], share: float, *, bucket_s: float = 2.0) -> list[Point]:
    """A percentile of the values in each bucket of time; empty buckets are left out."""
    buckets: dict[int, list[float]] = {}
    for at, value in points:
        buckets.setdefault(int(at // bucket_s), []).append(value)
    return [
        ((bucket + 0.5) * bucket_s, sorted(values)[min(len(values) - 1, int(len(values) * share))])
        for bucket, values in sorted(buckets.items())
    ]


def draw_lines(
    name: str,
    lines: Sequence[Line],
    *,
    span: tuple[float, float],
    windows: Sequence[Window] = (),
    limit: tuple[float, str] | None = None,
) -> str:
    """Lines over time, fault windows shaded, a limit dashed."""

    def paint(axes: Axes) -> None:
        for line in lines:
            xs, ys = [x for x, _ in line.points], [y for _, y in line.points]
            axes.plot(xs, ys, color=line.colour, label=line.label)
            if line.filled:
                axes.fill_between(xs, ys, color=line.colour, alpha=0.13, linewidth=0)
        if limit is not None:
            axes.axhline(limit[0], color=FAULT, linestyle=(0, (5, 3)), linewidth=1.2)
            axes.text(1, limit[0], limit[1], color=FAULT, ha="right", va="bottom", transform=axes.get_yaxis_transform())
        axes.set_ylim(0, max(axes.get_ylim()[1], 1) * HEADROOM)
        if len(lines) > 1:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(lines), borderaxespad=0.2)

    return _svg(name, paint, span=span, windows=windows)


def draw_fill(
    name: str, days: Sequence[str], columns: Sequence[tuple[float, Sequence[float]]], *, span: tuple[float, float]
) -> str:
    """A row for every delivery day, first on top; the fuller, the darker."""

    def paint(axes: Axes) -> None:
        grid = [[column[row] for _, column in columns] for row in range(len(days))]
        colours = mpl.colors.LinearSegmentedColormap.from_list("fill", ["#efe8ed", "#a58aa0", PLUM])
        extent = (columns[0][0], columns[-1][0] + 0.001, len(days), 0)
        axes.imshow(grid, aspect="auto", interpolation="nearest", extent=extent, cmap=colours, vmin=0, vmax=1)
        axes.grid(visible=False)
        ticks = range(0, len(days), max(1, len(days) // 6))
        axes.set_yticks([row + 0.5 for row in ticks], [days[row][5:] for row in ticks])

    return _svg(name, paint, span=span, windows=())


def _svg(name: str, paint: Callable[[Axes], None], *, span: tuple[float, float], windows: Sequence[Window]) -> str:
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=(6.0, 2.6), layout="constrained")
        axes = figure.add_subplot()
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace(",", ".")))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
        paint(axes)
        axes.set_xlim(*span)
        shade = min(0.13, 0.4 / max(1, len(windows)))  # many together stay light enough to see the line
        for index, window in enumerate(windows):
            axes.axvspan(window.start_s, window.stop_s, color=FAULT, alpha=shade, linewidth=0)
            axes.text(
                max(window.start_s, span[0]),
                0.98 - 0.09 * (index % 4),
                f" {window.label}",
                color=FAULT,
                va="top",
                fontsize=8.5,
                clip_on=True,
                transform=axes.get_xaxis_transform(),
            )
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(out.getvalue())


def _inline(svg: str) -> str:
    """Fit to stand inside a page: no prologue, no fixed size, no ids that another plot has too, colours by variable."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r'\1 class="plot" aria-hidden="true"', svg, count=1)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var(--balie-color-{variable})")
    return svg
