"""What the manuals say stands on a screen, in bold, does stand there."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.tree import tracked

MANUALS = tracked("docs/praktijk/*.md", "docs/patient/*.md", "docs/organisator/*.md")


@cache
def screens() -> str:
    """Every Dutch text of pages and scripts, with its white space made plain, and … for what changes."""
    sources = tracked("balie/locale/en/LC_MESSAGES/django.po", "frontend/src/**/texts.ts")
    joined = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    return re.sub(r"\$\{.*?\}", "…", plain(joined.replace('"\n"', "").replace("\\u00a0", " ")))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


def named(page: Path) -> list[str]:
    return [plain(words) for words in re.findall(r"\*\*([^*]+)\*\*", page.read_text(encoding="utf-8"))]


def unknown(words: list[str]) -> list[str]:
    return [each for each in words if each not in screens()]


@pytest.mark.parametrize("page", MANUALS, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_words_of_screens_are_those_of_screens(page):
    assert unknown(named(page)) == []


def test_a_word_that_no_screen_has_is_seen():
    assert unknown(["Bestel definitief", "Bestel misschien"]) == ["Bestel misschien"]
