"""The graph as a picture: what people do on the left, and to the right of everything what it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _

from balie.ops.board import said
from balie.ops.graph import Graph
from balie.ops.states import State

COLUMN: Final = 230
ROW: Final = 52
WIDTH: Final = 196
HEIGHT: Final = 38
MARGIN: Final = 6
LETTERS: Final = 25
LAST: Final = 1000.0
# For a file that is a picture in the documentation: by light or dark, as the reader's device is.
ALONE: Final = (
    "<style>text{font:14px sans-serif;fill:#2b1528}rect{fill:#fff;stroke:#867081}path{fill:none;stroke:#867081}"
    ".balie-graph__hint{font-size:13px}.balie-graph__box--group rect{stroke-dasharray:5 4}"
    ".balie-graph__box--function rect{stroke-width:2.5}"
    "@media(prefers-color-scheme:dark){text{fill:#f7edf4}rect{fill:#241422}rect,path{stroke:#9d8197}}</style>"
)
FUNCTION: Final = "function"
PART: Final = "part"
Key = tuple[str, str]  # a function and a part may have the same name


@dataclass(frozen=True)
class _Box:
    x: int
    y: int
    title: str
    kind: str
    hint: str


def draw(
    graph: Graph,
    states: Mapping[str, State],
    words: Mapping[bool, Mapping[State, str]],
    label: str,
    *,
    alone: bool = False,
) -> str:
    """SVG without any style of its own: classes, which the page's sheet colours; `alone` in a file it brings what it
    needs. `label` says what it is; the words of every state, by whether a title is plural, stand in it as text, so that
    colour is not all. A line that follows from others is left out.
    """
    boxes = _boxes(graph, states, words)
    width = max(box.x for box in boxes.values()) + WIDTH + MARGIN
    height = max(box.y for box in boxes.values()) + HEIGHT + MARGIN
    lines = [
        _line(boxes[one], boxes[need], broken=states.get(need[1]) in {State.DOWN, State.SLOW, State.UNKNOWN})
        for one in boxes
        for need in _drawn_below(graph, one)
    ]
    parts = "".join([*lines, *map(_box, boxes.values())])
    return (
        f'<svg class="balie-graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg">{ALONE if alone else ""}<title>{escape(label)}</title>{parts}</svg>'
    )


def _below(graph: Graph, key: Key) -> tuple[Key, ...]:
    kind, name = key
    function = graph.functions[name] if kind == FUNCTION else None
    needs = (*function.needs, *function.wants) if function else graph.stands_on(name)
    return tuple(dict.fromkeys((PART, need) for need in needs))


def _drawn_below(graph: Graph, key: Key) -> list[Key]:
    """What it stands on, but for what that stands on itself."""
    needs = _below(graph, key)
    deeper = {each for need in needs for each in _all_below(graph, need)}
    return [need for need in needs if need not in deeper]


def _all_below(graph: Graph, key: Key) -> set[Key]:
    found: set[Key] = set()
    todo = list(_below(graph, key))
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += _below(graph, each)
    return found


def _boxes(graph: Graph, states: Mapping[str, State], words: Mapping[bool, Mapping[State, str]]) -> dict[Key, _Box]:
    """Each to the right of all that stands on it, and about as high."""
    depths: dict[Key, int] = {(FUNCTION, name): 0 for name in graph.functions}
    depths |= {(PART, name): 1 for name in reversed(graph.ordered)}
    for key in list(depths):
        for need in _below(graph, key):
            depths[need] = max(depths[need], depths[key] + 1)
    rows: dict[Key, int] = {}
    for depth in range(max(depths.values()) + 1):
        column = [key for key in depths if depths[key] == depth]
        above = {key: [rows[each] for each in rows if key in _drawn_below(graph, each)] for key in column}
        column.sort(key=lambda key: sum(above[key]) / len(above[key]) if above[key] else LAST)
        rows |= {key: row for row, key in enumerate(column)}
    return {
        key: _Box(MARGIN + depths[key] * COLUMN, MARGIN + row * ROW, *_said_of(graph, key, states, words))
        for key, row in rows.items()
    }


def _said_of(
    graph: Graph, key: Key, states: Mapping[str, State], words: Mapping[bool, Mapping[State, str]]
) -> tuple[str, str, str]:
    """Title, kind and hint of a box."""
    kind, name = key
    if kind == FUNCTION:
        return said(graph.functions[name].title), FUNCTION, ""
    if name in graph.groups:
        group = graph.groups[name]
        return (
            said(group.title),
            "group",
            _("%(least)s van %(all)s nodig") % {"least": group.least, "all": len(group.of)},
        )
    state = states.get(name, State.UNSEEN)
    node = graph.nodes[name]
    return said(node.title), str(state), words.get(node.plural, {}).get(state, "")


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
