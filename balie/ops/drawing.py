"""The graph as a picture: what people do on the left, and to the right of everything what it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _

from balie.ops.board import said
from balie.ops.graph import Graph
from balie.ops.states import State

COLUMN: Final = 268
ROW: Final = 52
WIDTH: Final = 212
HEIGHT: Final = 38
MARGIN: Final = 6
LETTERS: Final = 27


@dataclass(frozen=True)
class _Box:
    x: int
    y: int
    title: str
    kind: str
    hint: str


def draw(graph: Graph, states: Mapping[str, State], words: Mapping[State, str], label: str) -> str:
    """SVG without any style of its own: classes, which the page's sheet colours. `label` says what it is; the words of
    every state stand in it as text, so that colour is not all.
    """
    boxes = _boxes(graph, states, words)
    width = max(box.x for box in boxes.values()) + WIDTH + MARGIN
    height = max(box.y for box in boxes.values()) + HEIGHT + MARGIN
    lines = [
        _line(boxes[name], boxes[need], broken=states.get(need) in {State.DOWN, State.SLOW, State.UNKNOWN})
        for name in boxes
        for need in _below(graph, name)
        if need in boxes
    ]
    parts = "".join([*lines, *map(_box, boxes.values())])
    return (
        f'<svg class="balie-graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(label)}</title>{parts}</svg>'
    )


def _below(graph: Graph, name: str) -> tuple[str, ...]:
    if name in graph.functions:
        return graph.functions[name].needs
    return graph.stands_on(name)


def _boxes(graph: Graph, states: Mapping[str, State], words: Mapping[State, str]) -> dict[str, _Box]:
    depths: dict[str, int] = {}
    for name in graph.ordered:
        depths.setdefault(name, 1)
    for name in reversed(graph.ordered):
        for need in graph.stands_on(name):
            depths[need] = max(depths[need], depths[name] + 1)
    depths = dict.fromkeys(graph.functions, 0) | depths
    filled: dict[int, int] = {}
    boxes = {}
    for name, depth in depths.items():
        row = filled[depth] = filled.get(depth, -1) + 1
        title, kind, hint = _said_of(graph, name, states, words)
        boxes[name] = _Box(MARGIN + depth * COLUMN, MARGIN + row * ROW, title, kind, hint)
    return boxes


def _said_of(graph: Graph, name: str, states: Mapping[str, State], words: Mapping[State, str]) -> tuple[str, str, str]:
    """Title, kind and hint of a box."""
    if name in graph.functions:
        return said(graph.functions[name].title), "function", ""
    if name in graph.groups:
        group = graph.groups[name]
        return (
            said(group.title),
            "group",
            _("%(least)s van %(all)s nodig") % {"least": group.least, "all": len(group.of)},
        )
    state = states.get(name, State.UNSEEN)
    return said(graph.nodes[name].title), str(state), words.get(state, "")


def _box(box: _Box) -> str:
    title = box.title if len(box.title) <= LETTERS else f"{box.title[: LETTERS - 1]}…"
    x, y = box.x + 10, box.y + (16 if box.hint else 24)
    hint = f'<text class="balie-graph__hint" x="{x}" y="{box.y + 31}">{escape(box.hint)}</text>' if box.hint else ""
    return (
        f'<g class="balie-graph__box balie-graph__box--{box.kind}">'
        f'<rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text x="{x}" y="{y}">{escape(title)}</text>{hint}</g>'
    )


def _line(one: _Box, other: _Box, *, broken: bool) -> str:
    x1, y1, x2, y2 = one.x + WIDTH, one.y + HEIGHT // 2, other.x, other.y + HEIGHT // 2
    bend = (x1 + x2) // 2
    kind = " balie-graph__line--broken" if broken else ""
    return f'<path class="balie-graph__line{kind}" d="M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"/>'
