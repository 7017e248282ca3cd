"""What there is to look at, and what needs what: one TOML file, read and checked before anything starts.

The file has nodes (parts that can fail), groups (of which some members are enough) and functions (what people do).
Addresses of an installation stand in it as `${NAME}`; `places` gives them.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from string import Template
from typing import Annotated, Any, Literal

import msgspec

from balie.ops.probes import KINDS, Probe

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]*\Z")]
Effect = Literal["none", "degraded", "stopped"]


class GraphError(ValueError):
    """The file cannot be used; the text says where, what is wrong, and what is expected."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same in both languages."""

    nl: str
    en: str


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part that can fail by itself.

    `needs`: what it cannot work without. `behind`: what lies between it and the watch; while that is down, `probe` sees
    nothing, and only `bypass`, which goes past it, does. A node without a probe is judged by what lies behind it.
    `slow_ms`: a look that takes longer counts as slow. `every_s`: looks this often, unlike others. `where`: the node
    is left out where that place is not set. `plural`: its title is, in both languages.
    """

    title: Words
    plural: bool = False
    runbook: Name
    needs: tuple[Name, ...] = ()
    behind: tuple[Name, ...] = ()
    probe: dict[str, Any] | None = None
    bypass: dict[str, Any] | None = None
    slow_ms: Annotated[int, msgspec.Meta(ge=1)] | None = None
    every_s: Annotated[int, msgspec.Meta(ge=1)] | None = None
    where: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some that stand in for each other: it works while `least` of them do."""

    title: Words
    of: tuple[Name, ...]
    least: Annotated[int, msgspec.Meta(ge=1)] = 1


class Function(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people do with the product, and what it stands on: without what it `needs` it stops, without what it `wants`
    it goes on, less well. `degraded` and `stopped` tell what people notice; `worst` is how bad it can become. What is
    not `public` wakes people like any other, and the public is not told of it. `plural`: its title is, in both
    languages; every function says so, because everybody reads the sentence.
    """

    title: Words
    plural: bool
    needs: tuple[Name, ...]
    wants: tuple[Name, ...] = ()
    degraded: Words
    stopped: Words
    worst: Literal["degraded", "stopped"] = "stopped"
    public: bool = True


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    stable_s: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    node: dict[Name, Node]
    group: dict[Name, Group] = {}
    function: dict[Name, Function] = {}


@dataclass(frozen=True)
class Graph:
    """A checked graph. `probes` are by node and way: `probe`, or `bypass`. `stable_s`: how long a part must answer well
    before it counts as recovered.
    """

    nodes: Mapping[str, Node]
    groups: Mapping[str, Group]
    functions: Mapping[str, Function]
    probes: Mapping[tuple[str, str], Probe] = field(default_factory=dict)
    stable_s: float = 10.0

    @cached_property
    def families(self) -> Mapping[str, str]:
        """What counts as one outage: nodes that share a group, by one name; any other node by its own."""
        family = {name: name for name in self.nodes}
        for name in self.groups:
            joined = {family[member] for member in self.members(name)}
            family |= {node: name for node, own in family.items() if own in joined}
        return family

    @cached_property
    def public(self) -> Mapping[str, Function]:
        """The functions that everybody is told of."""
        return {name: function for name, function in self.functions.items() if function.public}

    @cached_property
    def covers(self) -> Mapping[str, tuple[str, ...]]:
        """What lies behind each node."""
        return {name: tuple(n for n, node in self.nodes.items() if name in node.behind) for name in self.nodes}

    def stands_on(self, name: str) -> tuple[str, ...]:
        """The nodes and groups that `name`, itself a node or group, needs directly."""
        if name in self.groups:
            return self.groups[name].of
        node = self.nodes[name]
        return (*node.needs, *node.behind)

    def members(self, name: str) -> Iterator[str]:
        """The nodes in a group, those of groups in it too."""
        for each in self.groups[name].of:
            if each in self.groups:
                yield from self.members(each)
            else:
                yield each

    def closure(self, name: str) -> set[str]:
        """Every node that `name` stands on, however far down."""
        found: set[str] = set()
        todo = list(self.stands_on(name))
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo += self.stands_on(each)
        return found & self.nodes.keys()

    @cached_property
    def ordered(self) -> Sequence[str]:
        """Nodes and groups, each after what it stands on."""
        return tuple(
            TopologicalSorter({name: self.stands_on(name) for name in [*self.nodes, *self.groups]}).static_order()
        )


def read_graph(text: str, places: Mapping[str, str], runbooks: set[str] | None = None) -> Graph:
    """Raises GraphError. `runbooks`: those that exist; None: not looked at."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except tomllib.TOMLDecodeError as fault:
        raise GraphError(f"no TOML: {fault}") from None
    except msgspec.ValidationError as fault:
        raise GraphError(str(fault)) from None
    file = _without_absent(file, places)
    _check_names(file)
    _check_ways(file)
    if runbooks is not None:
        for name, node in file.node.items():
            if node.runbook not in runbooks:
                raise GraphError(
                    f"node.{name}: runbook {node.runbook!r} is not in docs/runbooks; write {node.runbook}.md"
                )
    probes = dict(_probes(file, places))
    return Graph(file.node, file.group, file.function, probes, file.stable_s)


def _without_absent(file: _File, places: Mapping[str, str]) -> _File:
    """Leave out what this installation does not have, and what would be empty without it."""
    gone = {name for name, node in file.node.items() if node.where and not places.get(node.where)}

    def left(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in gone)

    change = msgspec.structs.replace
    groups = {}
    for name, group in file.group.items():
        if members := left(group.of):
            groups[name] = change(group, of=members)
        else:
            gone.add(name)
    nodes = {
        name: change(node, needs=left(node.needs), behind=left(node.behind), bypass=_present(node.bypass, places))
        for name, node in file.node.items()
        if name not in gone
    }
    functions = {
        name: change(function, needs=needs, wants=left(function.wants))
        for name, function in file.function.items()
        if (needs := left(function.needs)) or not function.needs
    }
    return change(file, node=nodes, group=groups, function=functions)


def _present(bypass: dict[str, Any] | None, places: Mapping[str, str]) -> dict[str, Any] | None:
    """A bypass that leads nowhere in this installation is none."""
    texts = [value for value in (bypass or {}).values() if isinstance(value, str)]
    needed = {name for text in texts for name in Template(text).get_identifiers()}
    return bypass if all(places.get(name) for name in needed) else None


def _check_names(file: _File) -> None:
    known = {*file.node, *file.group}
    if twice := file.node.keys() & file.group.keys():
        raise GraphError(f"{min(twice)!r} is both a node and a group; give one another name")
    for where, names in _named(file):
        if unknown := sorted(set(names) - known):
            raise GraphError(f"{where}: there is no {unknown[0]!r}; known are {', '.join(sorted(known))}")
    for name, node in file.node.items():
        if groups := sorted(set(node.behind) & file.group.keys()):
            raise GraphError(f"node.{name}.behind: {groups[0]!r} is a group; name the node that lies before it")
    for name, group in file.group.items():
        if group.least > len(group.of):
            raise GraphError(f"group.{name}.least: {group.least} of {len(group.of)} members can never be")
    try:
        _ = Graph(file.node, file.group, file.function).ordered
    except CycleError as fault:
        raise GraphError(f"these need each other in a circle: {' → '.join(fault.args[1])}") from None


def _named(file: _File) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, node in file.node.items():
        yield f"node.{name}.needs", node.needs
        yield f"node.{name}.behind", node.behind
    for name, group in file.group.items():
        yield f"group.{name}.of", group.of
    for name, function in file.function.items():
        yield f"function.{name}.needs", function.needs
        yield f"function.{name}.wants", function.wants


def _check_ways(file: _File) -> None:
    """Every node can be seen somehow."""
    for name, node in file.node.items():
        if node.bypass and not (node.probe and node.behind):
            raise GraphError(
                f"node.{name}.bypass: it goes past nothing; give `behind`, and a `probe` that goes through"
            )
        behind = [each for each in file.node.values() if name in each.behind and each.bypass]
        if not node.probe and not behind:
            raise GraphError(f"node.{name}: it has no probe, and nothing behind it has a bypass; give it a `probe`")


def _probes(file: _File, places: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], Probe]]:
    for name, node in file.node.items():
        for way, given in (("probe", node.probe), ("bypass", node.bypass)):
            if given is not None:
                yield (name, way), _probe(f"node.{name}.{way}", given, places)


def _probe(where: str, given: dict[str, Any], places: Mapping[str, str]) -> Probe:
    parameters = {key: _filled(f"{where}.{key}", value, places) for key, value in given.items() if key != "kind"}
    kind = KINDS.get(str(given.get("kind")))
    if kind is None:
        raise GraphError(f"{where}.kind: there is no {given.get('kind')!r}; known are {', '.join(sorted(KINDS))}")
    try:
        return msgspec.convert(parameters, kind, strict=False)
    except msgspec.ValidationError as fault:
        raise GraphError(f"{where}: {fault}") from None


def _filled(where: str, value: object, places: Mapping[str, str]) -> object:
    if not isinstance(value, str):
        return value
    try:
        return Template(value).substitute(places)
    except KeyError as fault:
        raise GraphError(f"{where}: {fault.args[0]} is not set; known are {', '.join(sorted(places))}") from None
    except ValueError:
        raise GraphError(f"{where}: {value!r}: write a place as ${{NAME}}, and a dollar as $$") from None
