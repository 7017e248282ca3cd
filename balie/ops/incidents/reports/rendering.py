"""A report for its readers: one Markdown text, the same as HTML, and as what a paper is set from.

Markdown here has no HTML of its own and no pictures, and links only where a browser may safely go: nothing that anybody
writes can become more than text. What people wrote has headings of one level, below those of the report.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from balie.ops.incidents.reports.models import Report
from balie.ops.incidents.status import in_this_language

_READER: Final = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_OURS: Final = "h2"
_THEIRS: Final = "h3"


@dataclass(frozen=True)
class Written:
    """A report in one language: what people wrote, each under its title, and the facts."""

    chapters: tuple[tuple[str, str], ...]
    facts: str

    @property
    def source(self) -> str:
        """All of it as Markdown, without a headline."""
        told = [f"## {title}\n\n{text}\n" for title, text in self.chapters if text]
        return "\n".join([*told, self.facts])


def written(report: Report | None, facts: str) -> Written:
    """In the language of the moment; `facts` as they were computed, in that language."""
    titles = {"happened": _("Wat gebeurde er"), "why": _("Waarom"), "doing": _("Wat doen wij")}
    chapters = [
        (title, in_this_language(getattr(report, f"{key}_nl"), getattr(report, f"{key}_en")) if report else "")
        for key, title in titles.items()
    ]
    return Written(tuple(chapters), facts)


def html(report: Written) -> str:
    """Safe to be shown as it is."""
    return _shown(_tokens(report))


def facts_html(facts: str) -> str:
    """The same of the facts alone."""
    return _shown(_parse(facts))


def tree(report: Written) -> list[dict[str, Any]]:
    """For typst: nodes with a `type`, some with `content`, `level`, `href` or `children`."""
    return _node(SyntaxTreeNode(_tokens(report)))["children"]  # type: ignore[no-any-return]


def _tokens(report: Written) -> list[Token]:
    found: list[Token] = []
    for title, text in report.chapters:
        if text:
            found += _heading(title)
            found += _lowered(_parse(text))
    return [*found, *_parse(report.facts)]


def _parse(text: str) -> list[Token]:
    """Without the styles of columns, which our pages refuse."""
    tokens = _READER.parse(text)
    for token in tokens:
        token.attrs.pop("style", None)
    return tokens


def _shown(tokens: list[Token]) -> str:
    return str(_READER.renderer.render(tokens, _READER.options, {}))


def _heading(title: str) -> Iterator[Token]:
    words = Token("text", "", 0, content=title)
    yield Token("heading_open", _OURS, 1, block=True)
    yield Token("inline", "", 0, block=True, content=title, children=[words])
    yield Token("heading_close", _OURS, -1, block=True)


def _lowered(tokens: list[Token]) -> list[Token]:
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = _THEIRS
    return tokens


def _node(node: SyntaxTreeNode) -> dict[str, Any]:
    told: dict[str, Any] = {"type": node.type, "children": [_node(child) for child in node.children]}
    if node.type in {"text", "code_inline", "code_block", "fence"}:
        told["content"] = node.content
    if node.type == "heading":
        told["level"] = int(node.tag[1:])
    if node.type == "link":
        told["href"] = str(node.attrs.get("href", ""))
    return told
