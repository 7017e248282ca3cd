"""Runbooks: `docs/runbooks/NAME.md` in English and `docs/runbooks/nl/NAME.md` in Dutch, which the wheel carries along.
What the first begins with is for whoever is on call.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import yaml
from markdown_it import MarkdownIt

from balie.ops.graph import Words

FOLDER: Final = Path(__file__).parent / "runbooks"  # in a checkout it leads to docs/runbooks
FENCE: Final = "---\n"
DUTCH: Final = FOLDER / "nl"
_ITS_OWN_HEADING: Final = re.compile(r"<h1>.*?</h1>\n")  # the page has it already
_ELSEWHERE: Final = re.compile(r'<a href="\.\.[^"]*">(.*?)</a>')  # other files, which are not here
_ANY_LINK: Final = re.compile(r'<a href="[^"]*">(.*?)</a>')
_TO_ANOTHER: Final = re.compile(r'<a href="([a-z-]+)\.md">')


class Head(msgspec.Struct, frozen=True):
    """The first lines of a runbook. `restart`: what restarting will not solve."""

    title: Words
    restart: Words


class Runbook(msgspec.Struct, frozen=True):
    """`html` is in both languages."""

    head: Head
    html: Words


def names() -> set[str]:
    """Those that exist."""
    return {path.stem for path in FOLDER.glob("*.md") if path.stem not in {"index", "README"}}


@cache
def runbook(name: str) -> Runbook | None:
    """None where there is none of that name. Raises ValueError for one that cannot be read."""
    if name not in names():
        return None
    empty, head, english = (FOLDER / f"{name}.md").read_text(encoding="utf-8").split(FENCE, 2)
    if empty:
        raise ValueError(f"runbook {name}: it must begin with ---")
    dutch = (DUTCH / f"{name}.md").read_text(encoding="utf-8")
    return Runbook(msgspec.convert(yaml.safe_load(head), Head), Words(nl=_html(dutch), en=_html(english)))


def without_links(html: str) -> str:
    """For the page behind a link in a message: whoever has that may not see the console's."""
    return _ANY_LINK.sub(r"\1", html)


def _html(text: str) -> str:
    # No HTML of its own, so nothing in it can be more than text.
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    html = _ELSEWHERE.sub(r"\1", _ITS_OWN_HEADING.sub("", html))
    return _TO_ANOTHER.sub(r'<a href="/watch/runbooks/\1">', html)
