"""A graph is read whole, or refused with the place, the fault and what is expected."""

import pytest

from balie.ops.graph import GraphError, read_graph

T = 'title = { nl = "a", en = "a" }\nrunbook = "a"\n'
HTTP = 'probe = { kind = "http", url = "http://127.0.0.1:1/" }\n'


def node(name: str, more: str = HTTP) -> str:
    return f"[node.{name}]\n{T}{more}\n"


def group(name: str, of: str, least: int = 1) -> str:
    return f'[group.{name}]\ntitle = {{ nl = "g", en = "g" }}\nof = {of}\nleast = {least}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("node = 1 1", "no TOML"),
        ("", "missing required field `node`"),
        (node("a", HTTP + 'needs = ["b"]'), r"node.a.needs: there is no 'b'; known are a"),
        (node("a", HTTP + 'needs = ["b"]') + node("b", HTTP + 'needs = ["a"]'), "in a circle: "),
        (node("a", 'probe = { kind = "magic" }'), r"node.a.probe.kind: there is no 'magic'; known are .*http"),
        (node("a", 'probe = { kind = "http" }'), r"node.a.probe: .*missing required field `url`"),
        (node("a", 'probe = { kind = "http", url = "${NOWHERE}/" }'), "node.a.probe.url: NOWHERE is not set"),
        (node("a", ""), "node.a: it has no probe"),
        (node("a", HTTP + 'bypass = { kind = "http", url = "http://127.0.0.1:1/" }'), "it goes past nothing"),
        (f'[node.a]\ntitle = {{ nl = "a", en = "a" }}\n{HTTP}', "missing required field `runbook`"),
        (node("a", HTTP + "colour = 1"), "unknown field `colour`"),
        (node("a") + '[function.f]\ntitle = { nl = "f", en = "f" }\nneeds = ["a"]', "missing required field `plural`"),
        (node("a") + group("a", '["a"]'), "both a node and a group"),
        (node("a") + group("g", '["a"]', 2), "group.g.least: 2 of 1"),
        (node("a") + group("g", '["a"]') + node("b", HTTP + 'behind = ["g"]'), "node.b.behind: 'g' is a group"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, words):
    with pytest.raises(GraphError, match=words):
        read_graph(text, {})


def test_a_node_without_its_runbook_is_refused():
    with pytest.raises(GraphError, match=r"node.a: runbook 'a' is not in docs/runbooks"):
        read_graph(node("a"), {}, {"b"})
    assert read_graph(node("a"), {}, {"a"}).nodes.keys() == {"a"}


def test_what_an_installation_does_not_have_is_left_out():
    text = node("a") + node("b", HTTP + 'where = "B"') + node("c", HTTP + 'needs = ["b"]') + group("g", '["b"]')
    lacking = read_graph(text, {"B": ""})
    assert (lacking.nodes.keys(), lacking.nodes["c"].needs, dict(lacking.groups)) == ({"a", "c"}, (), {})
    assert read_graph(text, {"B": "here"}).nodes["c"].needs == ("b",)


def test_members_of_a_group_are_one_family():
    graph = read_graph(node("a") + node("b") + node("c") + group("g", '["a", "b"]'), {})
    assert graph.families == {"a": "g", "b": "g", "c": "c"}
