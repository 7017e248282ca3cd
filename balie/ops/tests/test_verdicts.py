"""Whatever fails in whatever graph: the right part is named, once, and it closes only after all is well."""

from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from balie.ops.graph import Graph
from balie.ops.states import Reading, State, Track, after
from balie.ops.tests.world import World, graph_of, group, node

KEYSERVERS = {
    "web": node("database"),
    "database": node(),
    "mail": node(),
    "outbox": node("mail", "database"),
    "order": node("web", "database"),
    **{f"route-{n}": node(probe=False) for n in "123"},
    **{f"keyserver-{n}": node(behind=(f"route-{n}",), bypass=True) for n in "123"},
    "canary": node("web", "keyservers", "routes"),
}
GROUPS = {
    "keyservers": group("keyserver-1", "keyserver-2", "keyserver-3", least=2),
    "routes": group("route-1", "route-2", "route-3", least=2),
}
HOUSE = graph_of(
    KEYSERVERS,
    GROUPS,
    ordering=("web", "database", "order"),
    conversations=("web", "database", "keyservers", "routes", "canary"),
    mailing=("outbox", "mail"),
)


def house() -> World:
    return World(HOUSE).run(20)


def words(world: World) -> list[tuple]:
    return [(c.what, c.verdict.finding.culprits, c.verdict.finding.word, c.verdict.finding.effect) for c in world.log]


def test_a_night_without_faults_says_nothing():
    assert house().run(300).log == []


def test_2023_the_proxies_die_and_the_key_servers_are_seen_to_be_well_behind_them():
    world = house()
    world.faults = {f"route-{n}": State.DOWN for n in "123"}
    world.run(15)
    (verdict,) = world.verdicts
    assert verdict.finding.culprits == ("route-1", "route-2", "route-3")
    assert verdict.finding.functions == {"conversations": "stopped"}
    assert "keyserver-1" in dict(verdict.finding.evidence) or "past it" in verdict.finding.evidence[0][1]
    assert {world.tracks[f"keyserver-{n}", "bypass"].state for n in "123"} == {State.UP}
    world.faults = {}
    world.run(60)
    assert (world.verdicts, world.opened()) == ([], 1)
    assert world.named() == {"route-1", "route-2", "route-3"}


def test_2023_without_a_bypass_the_proxy_is_named_and_what_lies_behind_is_unknown():
    graph = graph_of({"proxy": node(), "keyserver": node(behind=("proxy",))}, conversations=("keyserver", "proxy"))
    world = World(graph).run(20)
    world.faults = {"proxy": State.DOWN, "keyserver": State.DOWN}
    world.run(15)
    (verdict,) = world.verdicts
    assert (verdict.finding.culprits, verdict.finding.effect) == (("proxy",), "stopped")
    assert verdict.members == {"proxy", "keyserver"}

    del world.faults["proxy"]
    world.run(40)
    (verdict,) = world.verdicts
    assert verdict.finding.culprits == ("keyserver",), "the fault behind is named once the proxy is back"
    world.faults = {}
    world.run(40)
    assert [change.what for change in world.log if change.what != "noted"] == ["opened", "changed", "closed"]


def test_2024_a_slow_mail_server_is_named_and_ordering_does_not_notice():
    world = house()
    world.faults = {"mail": State.SLOW}
    world.run(15)
    (verdict,) = world.verdicts
    assert (verdict.finding.culprits, verdict.finding.word) == (("mail",), "slow")
    assert verdict.finding.functions == {"mailing": "degraded"}
    assert "outbox" in verdict.members
    world.run(300)
    world.faults = {}
    world.run(60)
    assert words(world)[-1][0] == "closed"
    assert (world.opened(), world.named()) == (1, {"mail"})


def test_one_of_three_is_no_effect_two_stop_it_and_it_stays_one_outage():
    world = house()
    world.faults = {"keyserver-2": State.DOWN}
    world.run(30)
    world.faults |= {"keyserver-3": State.DOWN}
    world.run(30)
    world.faults = {}
    world.run(60)
    said = [each for each in words(world) if each[0] != "noted"]
    assert said[0] == ("opened", ("keyserver-2",), "down", "none")
    assert said[1] == ("changed", ("keyserver-2", "keyserver-3"), "down", "stopped")
    assert said[-1][0] == "closed"
    assert world.opened() == 1


def test_what_a_function_only_wants_never_stops_it():
    graph = graph_of({"door": node(), "lamp": node()}, entering=("door",))
    function = replace(graph.functions["entering"], wants=("lamp",))
    world = World(Graph(graph.nodes, {}, {"entering": function}, graph.probes)).run(20)
    world.faults = {"lamp": State.DOWN}
    world.run(15)
    assert [each.finding.functions for each in world.verdicts] == [{"entering": "degraded"}]


def test_two_faults_at_once_are_both_named():
    world = house()
    world.faults = {"mail": State.SLOW, "route-1": State.DOWN}
    world.run(15)
    assert {each.finding.culprits for each in world.verdicts} == {("mail",), ("route-1",)}


def test_a_dead_key_server_behind_a_dead_route_is_named_and_later_the_route():
    world = house()
    world.faults = {"keyserver-1": State.DOWN, "route-1": State.DOWN}
    world.run(20)
    assert [each.finding.culprits for each in world.verdicts] == [("keyserver-1",)]
    del world.faults["keyserver-1"]
    world.run(40)
    assert [each.finding.culprits for each in world.verdicts] == [("route-1",)]


def test_a_probe_that_cannot_see_makes_the_cause_undetermined():
    world = house()
    world.reads = lambda name, way: State.UNSEEN if name == "database" else world.seen(name, way)
    world.run(20)
    world.faults = {"order": State.DOWN}
    world.run(30)
    (verdict,) = world.verdicts
    assert (verdict.finding.word, verdict.finding.culprits) == ("undetermined", ())
    assert verdict.finding.effect == "stopped"
    assert "order" in dict(verdict.finding.evidence)


def test_one_lost_packet_is_no_outage():
    world = house()
    lost = [("mail", "probe"), ("database", "probe")]

    def lose_one(name, way):
        if (name, way) in lost:
            lost.remove((name, way))
            return State.DOWN
        return world.seen(name, way)

    world.reads = lose_one
    assert (world.run(60).log, lost) == ([], [])


@pytest.mark.parametrize(
    ("looks", "state"),
    [("bb", "down"), ("bgb", "down"), ("bggb", "down"), ("bgg", "doubtful"), ("bggg", "up"), ("bgggb", "doubtful")],
)
def test_two_bad_looks_of_four_are_an_outage(looks, state):
    track = Track()
    for second, look in enumerate(looks):
        word = State.DOWN if look == "b" else State.UP
        reading = Reading(word, "", float(second), float(second), datetime(2026, 8, 19, tzinfo=UTC))
        track = after(track, reading, stable_s=10)
    assert track.state == state


def test_a_part_that_stalls_again_and_again_is_named():
    """Two seconds at a time, and a moment between: a look begun just after a late one ended is never late."""
    world, seen = house(), []

    def stall(name, way):
        if name != "mail":
            return State.UP
        word = State.SLOW if world.now % 2.05 < 0.8 else State.UP
        seen.extend([] if world.verdicts else [word])
        return word

    world.reads = stall
    world.run(60)
    assert [verdict.finding.culprits for verdict in world.verdicts] == [("mail",)]
    assert (State.SLOW, State.SLOW) not in pairwise(seen), "control: two in a row would have done"


def test_flapping_is_one_outage():
    world = house()
    for _ in range(20):
        world.faults = {"web": State.DOWN}
        world.run(11)
        world.faults = {}
        world.run(6)
    world.run(60)
    assert world.opened() == 1
    assert world.verdicts == []


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, list[str]]:
    """Any graph of some nodes in which each needs some before it; some needs go unnoticed by probes."""
    names = [f"n{each}" for each in range(draw(st.integers(2, 8)))]
    nodes, blind = {}, set()
    for position, name in enumerate(names):
        needs = draw(st.lists(st.sampled_from(names[:position]), unique=True, max_size=3)) if position else []
        blind |= {(name, each) for each in needs if draw(st.integers(0, 3)) == 0}
        nodes[name] = node(*needs)
    world = World(graph_of(nodes, all=tuple(names)), Random(draw(st.integers(0, 10**6))), frozenset(blind))
    return world, names


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(worlds(), st.data())
def test_one_fault_is_one_verdict_that_names_it(made, data):
    world, names = made
    culprit = data.draw(st.sampled_from(names))
    bad = data.draw(st.sampled_from([State.SLOW, State.DOWN]))
    world.run(20 + data.draw(st.floats(0, 5)))
    world.faults = {culprit: bad}
    world.run(15)
    assert [each.finding.culprits for each in world.verdicts] == [(culprit,)]
    world.run(data.draw(st.floats(0, 60)))
    world.faults = {}
    world.run(60)
    assert (world.named(), world.opened(), world.verdicts) == ({culprit}, 1, [])


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(worlds(), st.data())
def test_only_what_is_at_fault_is_named_however_many_come_and_go(made, data):
    """A fault that ends before everybody has been looked at once may be put down to whoever met it."""
    world, names = made
    guilty = set()
    world.run(20)
    for _ in range(data.draw(st.integers(1, 5))):
        world.faults = dict.fromkeys(data.draw(st.sets(st.sampled_from(names), max_size=3)), State.DOWN)
        guilty |= world.faults.keys()
        world.run(data.draw(st.sampled_from([8.0, 20.0, 60.0])))
    world.faults = {}
    world.run(120)
    assert world.named() <= guilty
    assert world.verdicts == []


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.permutations(sorted(HOUSE.probes)), st.sets(st.sampled_from(sorted(KEYSERVERS)), min_size=1, max_size=3))
def test_within_a_round_the_order_of_readings_does_not_matter(order, faults):
    """Everything looked at twice, each round in any order: the same verdicts stand."""

    def verdicts(ways):
        world = World(HOUSE)
        world._due = []
        for now in (0.0, 10.0, 20.0, 30.0):
            world.faults = dict.fromkeys(faults, State.DOWN) if now > 5 else {}
            for way in ways:
                world.now = now
                world._begin(way)
            for way in ways:
                world.now = now + 1
                world._end(way)
            world._due = []
        return {(each.finding.culprits, each.finding.effect) for each in world.verdicts}

    assert verdicts(order) == verdicts(sorted(HOUSE.probes))


@pytest.mark.parametrize("name", ["database", "web", "order", "canary"])
def test_a_kill_in_the_middle_changes_nothing(name):
    """What was open goes on after a restart, with the same number, and closes once."""
    world = house()
    world.faults = {name: State.DOWN}
    world.run(15)
    (before,) = world.verdicts
    again = World(HOUSE)
    again.faults, again.verdicts, again._next_id = world.faults, world.verdicts, 2
    for member in before.members:
        again.tracks[member, "probe"] = Track(failing_since=0.0, first_failing_at=before.finding.first_failing_at)
    again.run(30)
    assert [each.id for each in again.verdicts] == [before.id]
    again.faults = {}
    again.run(60)
    assert [change.what for change in again.log if change.what != "noted"] == ["closed"]
