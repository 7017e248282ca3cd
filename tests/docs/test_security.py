"""The threats of SECURITY.md are shown by tests that exist, or said to be open."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
CONSULTING = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## Consulting")[2].partition("\n## ")[0]
ROWS = [line for line in CONSULTING.splitlines() if line.startswith("| ") and not line.startswith("| if ")]


def missing(text: str) -> list[str]:
    return [f"{path}::{test}" for path, test in NAMED.findall(text) if test not in defined_in(ROOT / path)]


def defined_in(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split(" | ")[0].strip("| "))
def test_a_threat_is_shown_by_tests_that_exist_or_is_open(row):
    assert missing(row) == []
    assert NAMED.search(row) or "| open" in row


def test_all_tables_are_read():
    assert len(ROWS) == 29


def test_a_test_that_does_not_exist_is_seen():
    named = (
        "`tests/docs/test_security.py::test_all_tables_are_read` `tests/docs/test_security.py::test_nothing` `a.py::b`"
    )
    assert missing(named) == ["tests/docs/test_security.py::test_nothing", "a.py::b"]
