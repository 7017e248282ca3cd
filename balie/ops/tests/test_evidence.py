"""Every word of ours that a probe may say has its Dutch, and the words of others stay."""

import ast
import re
from pathlib import Path

import pytest
from django.utils.translation import override

from balie.ops import probes
from balie.ops.evidence import DUTCH, evidence

PROBES = sorted(path for path in Path(probes.__file__).parent.glob("*.py"))
# What is no evidence: for the log of who sets it up, statements, mails, names of the wire.
NO_EVIDENCE = re.compile(
    r"BALIE_|select |Balie watch, |A mail of |balie watch|-c |https?:|/live/|(EHLO|MAIL FROM|RCPT TO|DATA)$"
)
BETWEEN_TWO = "and"
FILLER = "7"


def said(path: Path) -> list[str]:
    """All that functions of a probe put into words, with something in the place of what differs."""
    found = []
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        parts = {id(part) for node in ast.walk(function) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        documented = ast.get_docstring(function, clean=False)
        for node in ast.walk(function):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(p.value if isinstance(p, ast.Constant) else FILLER for p in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
                found.append("" if node.value == documented else node.value)
    words = [text for text in found if re.search(r"[a-z]{3,} ", text) and text.strip() != BETWEEN_TWO]
    return [text for text in words if not NO_EVIDENCE.match(text)]


@pytest.mark.parametrize("path", PROBES, ids=lambda path: path.stem)
def test_every_phrase_of_a_probe_has_its_dutch(path):
    with override("nl"):
        same = [text for text in said(path) if evidence(text.rstrip(": ")) == text.rstrip(": ")]
    assert same == []


def test_the_walk_finds_phrases():
    """The control: an empty list would be content with anything."""
    assert len([text for path in PROBES for text in said(path)]) > 40


@pytest.mark.parametrize(
    ("seen", "dutch"),
    [
        ("http://x:1/health answered 200 in 5 ms", "http://x:1/health antwoordde 200 in 5 ms"),
        ("writing a row: no answer after 2.0 s", "een regel schrijven: na 2.0 s nog geen antwoord"),
        (
            "connecting to the database: connection failed: FATAL: the database system is starting up",
            "verbinden met de database: connection failed: FATAL: the database system is starting up",
        ),
        (
            "0 of at least 1 “work” live; the latest sign is 9 s old",
            "0 van minstens 1 “work” leven; het laatste teken is 9 s oud",
        ),
        ("no answer: 3 earlier looks still wait for one", "geen antwoord: 3 eerdere pogingen wachten er nog op"),
        (
            "unlocked by east and north (on the way: south by a: refused); read what is new; 40 ms",
            "ontgrendeld door east en north (onderweg: south langs a: refused); las wat nieuw is; 40 ms",
        ),
        (
            "http://x:1/: Cannot connect to host x:1 ssl:default [Connect call failed ('127.0.0.1', 1)]",
            "http://x:1/: geen verbinding met x:1",
        ),
        ("localhost:25 took a mail in 9 ms: 250 OK", "localhost:25 nam een mail aan in 9 ms: 250 OK"),
    ],
)
def test_our_words_are_said_in_dutch_and_those_of_others_as_they_came(seen, dutch):
    with override("nl"):
        assert evidence(seen) == dutch
    with override("en"):
        assert evidence(seen) == seen


def test_a_translation_has_as_many_places_as_what_it_translates():
    assert [english for english, dutch in DUTCH.items() if english.count("{}") != dutch.count("{}")] == []
