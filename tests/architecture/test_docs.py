"""Documentation that no longer fits is worse than none."""

import re
import unicodedata
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, tracked

PAGES = tracked("*.md")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE_PATH = re.compile(r"`((?:balie|frontend|docs|scripts|tests|requirements|deploy)/[\w./-]+)`")


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """The names of headings, as they are linked to."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = [unicodedata.normalize("NFC", re.sub(r"[^\w\- ]", "", heading.lower())) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


def dead_links(page: Path, text: str) -> list[str]:
    dead = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            dead.append(target)
    return dead


def test_there_are_pages():
    assert {ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    assert dead_links(page, prose(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_is_named_exists(page):
    assert [path for path in CODE_PATH.findall(prose(page)) if not (ROOT / path).exists()] == []


def test_a_dead_link_is_seen():
    page = ROOT / "README.md"
    assert dead_links(page, "[a](nowhere.md) [b](README.md#no-such-heading) [c](https://example.org) [d](LICENSE)") == [
        "nowhere.md",
        "README.md#no-such-heading",
    ]
