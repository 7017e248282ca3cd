"""What people write becomes text, and never more than text; on a page and on paper."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.utils.translation import override
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from balie.ops.incidents.reports import rendering
from balie.ops.incidents.reports.publishing import make_paper
from balie.ops.incidents.reports.rendering import Written, html, tree
from balie.ops.incidents.reports.wording import plain

ALLOWED = {
    *("h2", "h3", "p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "br", "hr", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
FRAGMENTS = """
<b> <script> </p> <img/src=x/onerror=y> <!-- &lt; [a](javascript:x) ![a](http://x/y.png) [a](https://x) <https://x>
<javascript:x> # - 1. > ` ``` ** _ | |-| \\ a é
"""
PIECES = st.sampled_from([*FRAGMENTS.split(), " ", "\n", "\n\n", "    "])
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)


class Tags(HTMLParser):
    """Every tag, and every attribute with its value."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


def of(text: str) -> Written:
    return Written((("Waarom", text),), "## Feiten\n\n| a | b |\n|---|--:|\n| c | 1 |\n")


@given(TEXTS)
@example("<script>alert(1)</script>")
def test_nothing_that_is_written_becomes_more_than_text(text):
    found = Tags(html(of(text)))
    assert found.tags <= ALLOWED
    for name, value in found.attributes:
        assert name in {"href", "title", "class", "start"}
        if name == "href":
            assert not value.lower().startswith(("javascript:", "data:", "vbscript:", "file:"))


def test_with_markup_of_its_own_it_would(monkeypatch):
    """The control: this is what is switched off."""
    monkeypatch.setattr(rendering, "_READER", MarkdownIt("commonmark", {"html": True}))
    assert "script" in Tags(html(of("<script>alert(1)</script>"))).tags


@given(TEXTS)
def test_what_is_told_as_a_fact_stays_in_its_cell(text):
    """Titles of incidents are written by people too."""
    found = Tags(html(Written((), f"| {plain(text)} | b |\n|---|---|\n| {plain(text)} | 1 |\n")))
    assert found.tags <= {"table", "thead", "tbody", "tr", "th", "td"}


def test_headings_of_people_stand_below_those_of_the_report():
    assert html(of("# Groot")).count("<h3>") == 1


def test_links_lead_where_a_browser_may_go():
    assert Tags(html(of("[hier](https://voorbeeld.nl)"))).attributes == [("href", "https://voorbeeld.nl")]


def report(text: str) -> SimpleNamespace:
    incident = SimpleNamespace(pk=1, number="I-001", title_nl="Niets werkt", title_en="Nothing works")
    parts = {f"{part}_{language}": text for part in ("happened", "why", "doing") for language in ("nl", "en")}
    return SimpleNamespace(incident=incident, number=1, facts_nl=of("").facts, facts_en="", **parts)


ALL_OF_IT = """# Kop

Een *schuine* en **vette** regel met `code`, een [link](https://voorbeeld.nl) en #set text(red).\\
Verder.

- een
- twee
  1. drie

> citaat

    vier

---

| a | b |
|---|---|
| c | d |
"""


@pytest.mark.parametrize("text", [ALL_OF_IT, "] #panic() $x$ <b> @x", "\N{SMILING FACE WITH SMILING EYES}"])
def test_it_is_set_on_paper(text):
    given_report = report(text)
    given_report.at = datetime(2026, 11, 27, tzinfo=UTC)
    with override("nl"):
        assert make_paper(given_report).startswith(b"%PDF")


def test_what_is_set_is_what_was_written():
    words = str(tree(of("Een #set text(red) regel")))
    assert "Een #set text(red) regel" in words
