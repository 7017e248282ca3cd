"""The graph that every installation has, its runbooks, and the probes that there are: none without the others."""

import re

import pytest
import yaml
from django.utils.translation import override

from balie.ops.drawing import draw
from balie.ops.graph import read_graph
from balie.ops.incidents.status import _part
from balie.ops.places import STANDARD
from balie.ops.probes import KINDS
from balie.rehearse.faults import KINDS as FAULTS
from balie.rehearse.faults import parse_fault
from tests.architecture.tree import ROOT

TEXT = STANDARD.read_text(encoding="utf-8")
PICTURE = ROOT / "docs" / "images" / "watch-graph.svg"
RUNBOOKS = ROOT / "docs" / "runbooks"
NAMES = sorted({path.stem for path in RUNBOOKS.glob("*.md")} - {"index"})
SECTIONS = ("**For people:**", "**Be sure**", "**Do first**", "**Do not**", "**Call**", "**Rehearsed**")
DUTCH_SECTIONS = ("**Wat mensen merken:**", "**Kijk eerst**", "**Doe dit**", "**Doe niet", "**Bel**", "**Geoefend**")
COMMANDS = re.compile(r"(?<!`)`([^`]+)`(?!`)")
LONGEST = 60  # lines: one screen, or nearly
# Of an installation that has all that there can be.
PLACES = {name: f"https://{name.lower()}.example" for name in re.findall(r"[A-Z][A-Z_0-9]+", TEXT)}


@pytest.fixture
def graph():
    return read_graph(TEXT, PLACES, set(NAMES))


def test_its_picture_in_the_documentation_is_of_now(graph, request):
    with override("en"):
        drawn = draw(graph, {}, {}, "What the watch looks at, and what stands on what", alone=True)
    if request.config.getoption("screenshots"):
        PICTURE.write_text(drawn + "\n", encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == drawn + "\n", "write it again: pytest THIS_FILE --screenshots docs"


def test_every_kind_of_probe_looks_at_something(graph):
    assert {probe.kind for probe in graph.probes.values()} == set(KINDS)


STATES = {"": ("werkt", "werken"), "stopped": ("werkt niet", "werken niet"), "degraded": ("met hinder",) * 2}
PLURAL = {"conversations", "keys"}


def test_the_status_page_says_of_each_function_in_words_that_fit_how_it_is(graph):
    for key, function in graph.functions.items():
        for effect, words in STATES.items():
            with override("nl"):
                assert _part(function, effect).word == words[key in PLURAL], f"{function.title.nl}, {effect}"
    with override("en"):
        said = {key: _part(function, "stopped").word for key, function in graph.public.items()}
    assert said["conversations"] == "do not work"
    assert said["ordering"] == "does not work"


def test_every_runbook_is_of_a_node(graph):
    assert {node.runbook for node in graph.nodes.values()} == set(NAMES)


def test_a_runbook_that_is_missing_is_seen(graph):
    with pytest.raises(ValueError, match=r"write database\.md"):
        read_graph(TEXT, PLACES, set(NAMES) - {"database"})


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_tells_what_somebody_needs_who_was_asleep(name):
    empty, head, body = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8").split("---\n", 2)
    assert empty == ""
    found = yaml.safe_load(head)
    assert {key: set(words) for key, words in found.items()} == {"title": {"nl", "en"}, "restart": {"nl", "en"}}
    assert all(len(text) < 200 for words in found.values() for text in words.values())
    assert [section for section in SECTIONS if section not in body] == []
    assert body.count("\n") < LONGEST
    assert [fault for fault in re.findall(r"--fault ([\w=-]+)", body) if not parse_fault(fault)] == []


def test_every_runbook_is_there_in_dutch_and_no_other():
    assert {path.stem for path in (RUNBOOKS / "nl").glob("*.md")} - {"index"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_says_the_same_in_dutch_with_the_same_commands(name):
    head, english = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8").split("---\n", 2)[1:]
    dutch = (RUNBOOKS / "nl" / f"{name}.md").read_text(encoding="utf-8")
    assert dutch.partition("\n")[0] == f"# {yaml.safe_load(head)['title']['nl']}"
    assert [section for section in DUTCH_SECTIONS if section not in dutch] == []
    assert dutch.count("\n") < LONGEST
    assert sorted(set(COMMANDS.findall(dutch))) == sorted(set(COMMANDS.findall(english)))
    assert [len(numbered(each)) for each in (dutch, english)] == [len(numbered(english))] * 2


def numbered(text: str) -> list[str]:
    """What to do, in order."""
    return re.findall(r"^(\d)\. ", text, re.MULTILINE)


def test_each_fault_of_the_rehearsal_has_a_node_that_is_to_be_named(graph):
    section = (ROOT / "docs" / "rehearsal.md").read_text(encoding="utf-8").partition("## What the watch must name")[2]
    rows = [line.split(" | ") for line in section.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    faults = {parse_fault(text.replace("clock-skew", "clock-skew=60")).name for row in rows for text in code(row[0])}
    assert faults == set(FAULTS)
    assert {name for row in rows for name in code(row[1])} <= set(graph.nodes)


def test_each_kind_is_explained_with_its_parameters():
    section = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").partition("### What probes look at")[2]
    rows = [line.split("|") for line in section.partition("\n### ")[0].splitlines() if line.startswith("| `")]
    told = {code(kind)[0]: set(re.findall(r"`([a-z_]+)`(?!\))", parameters)) for _, kind, parameters, _, _ in rows}
    assert told == {name: set(kind.__struct_fields__) - {"within_s"} for name, kind in KINDS.items()}


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)
