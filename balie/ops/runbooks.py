"""Runbooks: `docs/runbooks/NAME.md`, which the wheel carries along. What they begin with is for whoever is on call."""

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
# Its own heading, which the page has already; and links to other files, which are not here.
_OF_THE_FILE: Final = re.compile(r'<h1>.*?</h1>\n|<a href="\.\.[^"]*">(.*?)</a>')


class Head(msgspec.Struct, frozen=True):
    """The first lines of a runbook. `restart`: what restarting will not solve."""

    title: Words
    restart: Words


class Runbook(msgspec.Struct, frozen=True):
    head: Head
    html: str


def names() -> set[str]:
    """Those that exist."""
    return {path.stem for path in FOLDER.glob("*.md") if path.stem not in {"index", "README"}}


@cache
def runbook(name: str) -> Runbook | None:
    """None where there is none of that name. Raises ValueError for one that cannot be read."""
    if name not in names():
        return None
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    empty, head, body = text.split(FENCE, 2)
    if empty:
        raise ValueError(f"runbook {name}: it must begin with ---")
    # No HTML of its own, so nothing in it can be more than text.
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(body)
    return Runbook(msgspec.convert(yaml.safe_load(head), Head), _OF_THE_FILE.sub(r"\1", html))
