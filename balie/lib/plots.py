"""The plots of reports: SVG by matplotlib, in the colours of the light theme.

`draw_…` give a picture that stands by itself, for paper. `inline` makes of it one that stands in a page, follows dark
mode, and is no inline style. matplotlib comes with its import, which takes a second: pages that show a plot import this
only then.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
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
    "xtick.major.pad": 7,
    "lines.linewidth": 1.8,
    "lines.solid_joinstyle": "round",
    "legend.frameon": False,
    "legend.labelcolor": "linecolor",
    "legend.handlelength": 0.8,
}

HEADROOM = 1.25  # above the highest value, for the names of the faults
FONT = "font-family: 'Atkinson Hyperlegible Next', sans-serif"

POINTS = 72  # matplotlib's units in an inch
BARS_NAMED = 5
LETTER = 0.62  # the width of a digit, in heights of letters

_pen = Lock()  # matplotlib's settings are those of the whole process

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
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Band:
    """Values between which all is well."""

    low: float
    high: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """How large a plot is, in units of its own, its letters among them; it is shown larger or smaller as a whole."""

    width: float = 432
    height: float = 187.2
    letters: float = 9.5


FILE = Frame()


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
    band: Band | None = None,
    ticks: Sequence[tuple[float, str]] = (),
    top: float = 1,
    frame: Frame = FILE,
) -> str:
    """Lines over time, fault windows shaded, a limit dashed. The axis shows values up to `top` or higher.

    Without `ticks` time is in seconds.
    """

    def paint(axes: Axes) -> None:
        for line in lines:
            xs, ys = [x for x, _ in line.points], [y for _, y in line.points]
            axes.plot(xs, ys, color=line.colour, label=line.label, linestyle=(0, (5, 3)) if line.dashed else "solid")
            if line.filled:
                axes.fill_between(xs, ys, color=line.colour, alpha=0.13, linewidth=0)
        if limit is not None:
            axes.axhline(limit[0], color=FAULT, linestyle=(0, (5, 3)), linewidth=1.2)
            axes.text(1, limit[0], limit[1], color=FAULT, ha="right", va="bottom", transform=axes.get_yaxis_transform())
        if band is not None:
            axes.axhspan(band.low, band.high, color=STRONG, alpha=0.22, linewidth=0)
            axes.text(1, band.high, band.label, ha="right", va="bottom", transform=axes.get_yaxis_transform())
        axes.set_ylim(0, _top(axes, max(axes.get_ylim()[1], top) * (HEADROOM if windows else 1)))
        if ticks:
            axes.set_xticks([at for at, _ in ticks], [label for _, label in ticks])
        if len(lines) > 1:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(lines), borderaxespad=0.2)

    return _svg(name, paint, span=span, windows=windows, frame=frame)


def draw_bars(name: str, bars: Sequence[tuple[str, float]], *, colour: str, top: float = 1, frame: Frame = FILE) -> str:
    """A bar for each value, with its name below; of many bars some have names."""

    def paint(axes: Axes) -> None:
        axes.bar(range(len(bars)), [value for _, value in bars], color=colour, width=0.8)
        axes.set_ylim(0, _top(axes, max(axes.get_ylim()[1], top)))
        step = -(-len(bars) // BARS_NAMED)
        named = range(0, len(bars), step)
        axes.set_xticks(list(named), [bars[at][0] for at in named])

    return _svg(name, paint, span=(-0.6, len(bars) - 0.4), windows=(), frame=frame)


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

    return _svg(name, paint, span=span, windows=(), frame=FILE)


def _svg(
    name: str, paint: Callable[[Axes], None], *, span: tuple[float, float], windows: Sequence[Window], frame: Frame
) -> str:
    with _pen, mpl.rc_context(STYLE | {"font.size": frame.letters, "svg.hashsalt": name}):
        figure = Figure(figsize=(frame.width / POINTS, frame.height / POINTS))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace(",", ".")))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
        paint(axes)
        axes.set_xlim(*span)
        shade = min(0.13, 0.4 / max(1, len(windows)))  # many together stay light enough to see the line
        for index, window in enumerate(windows):
            axes.axvspan(window.start_s, window.stop_s, color=FAULT, alpha=shade, linewidth=0)
            axes.text(
                max(window.start_s, span[0]),
                0.98 - 0.09 * (index % 6),
                f" {window.label}",
                color=FAULT,
                va="top",
                fontsize=8.5,
                clip_on=True,
                transform=axes.get_xaxis_transform(),
            )
        _make_room(axes, frame)
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    return re.sub(r"font-family: [^;\"]*", FONT, svg)


def _top(axes: Axes, highest: float) -> float:
    """The first mark of the axis that is not below this."""
    marks = axes.yaxis.get_major_locator().tick_values(0, highest)
    return float(min(mark for mark in marks if mark >= highest))


def _make_room(axes: Axes, frame: Frame) -> None:
    """Around the plot for its labels. matplotlib's own layouts measure every letter, which takes as long as drawing."""
    axis = axes.yaxis
    widest = max(map(len, axis.get_major_formatter().format_ticks(list(axis.get_majorticklocs()))))
    left, around = (LETTER * widest + 0.7) * frame.letters, 2 * frame.letters
    width, height = frame.width - left - around, frame.height - 2 * around
    axes.set_position((left / frame.width, around / frame.height, width / frame.width, height / frame.height))


def inline(svg: str) -> str:
    """Fit to stand inside a page: no fixed size, no ids that another plot has too, colours by variable, and attributes
    for styles, which a page's policy would not let through. The page says how large it is and in which font.
    """
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r'\1 class="drawing" aria-hidden="true"', svg, count=1)
    svg = re.sub(r' style="([^"]*)"', _attributes, svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var(--balie-color-{variable})")
    return svg


def _attributes(style: re.Match[str]) -> str:
    pairs = [pair.partition(":") for pair in style[1].split(";") if pair.strip()]
    named = {name.strip(): value.strip() for name, _, value in pairs}
    return "".join(f' {name}="{value}"' for name, value in named.items() if name != "font-family")
