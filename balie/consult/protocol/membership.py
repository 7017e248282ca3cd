"""Who belongs to a team or a conversation: acts that name what they follow (`membership.md`).

The members follow from the set of acts alone, in whatever order they came in. A removal wins over everything that does
not follow it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

import msgspec

from balie.consult.protocol.payloads import Id, Member, Name, Payload, Time, decode
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import Statement, kid_of, sign, verify

TYP: Final = "balie-membership+jws"
AFTER_MAX: Final = 16
FOUNDERS_MAX: Final = 64
ACTS_MAX: Final = 2000
ADDITIONS_MAX: Final = 20  # of one member: how long judging takes grows with the cube of it
Kind = Literal["team", "conversation"]
Role = Literal["admin", "member"]


class Founder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    member: Member
    role: Role


class Create(Payload, frozen=True, kw_only=True, tag_field="act", tag="create"):
    """The first act; the group is called by the name of its statement."""

    kind: Kind
    members: Annotated[tuple[Founder, ...], msgspec.Meta(min_length=1, max_length=FOUNDERS_MAX)]
    keepers: Annotated[tuple[Member, ...], msgspec.Meta(max_length=FOUNDERS_MAX)]
    nonce: Id
    by: Id
    acting: Member = msgspec.field(name="as")
    at: Time


class _Change(Payload, frozen=True, kw_only=True):
    group: Name
    member: Member
    by: Id
    acting: Member = msgspec.field(name="as")
    after: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=AFTER_MAX)]
    at: Time


class Add(_Change, frozen=True, kw_only=True, tag_field="act", tag="add"):
    role: Role


class Remove(_Change, frozen=True, kw_only=True, tag_field="act", tag="remove"):
    pass


@dataclass(frozen=True)
class Act:
    """An act whose signature was verified, under the name of its statement."""

    name: str
    form: Create | Add | Remove


@dataclass(frozen=True)
class Membership:
    """What a set of acts comes to. All names in ascending order."""

    kind: Kind | None = None
    members: Mapping[str, Role] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()  # something they follow has not come in
    refused: tuple[str, ...] = ()  # whoever acted was not in a position to
    void: tuple[str, ...] = ()  # additions undone, because who added was removed meanwhile


def state_act(form: Create | Add | Remove, sign_seed: bytes) -> Statement:
    return sign(TYP, form, [sign_seed])


def accept_act(statement: Statement, known: Iterable[KnownKey]) -> Act:
    """The act, by one of `known`; whether they were in a position to, only `replay` can tell."""
    keys = {kid_of(each.sign): each for each in known}
    signed = verify(TYP, statement, {kid: each.sign for kid, each in keys.items()})
    form: Create | Add | Remove = decode(signed.payload, Create | Add | Remove)  # type: ignore[arg-type]
    if len(signed.kids) != 1:
        reject(Reason.MALFORMED, TYP)
    author = keys[signed.kids[0]]
    if form.by != author.person:
        reject(Reason.WRONG_PERSON, TYP)
    if form.acting != f"person:{author.person}" and form.acting not in author.teams:
        reject(Reason.NOT_ALLOWED, TYP)
    if not (_well_founded(form) if isinstance(form, Create) else _ascending(form.after)):
        reject(Reason.MALFORMED, TYP)
    return Act(name=signed.name, form=form)


def _ascending(names: Iterable[str]) -> bool:
    listed = list(names)
    return listed == sorted(set(listed))


def _well_founded(form: Create) -> bool:
    members = [each.member for each in form.members]
    if not _ascending(members) or not _ascending(form.keepers) or form.acting not in members:
        return False
    if form.kind == "team":
        people = all(each.startswith("person:") for each in members)
        return people and not form.keepers and any(each.role == "admin" for each in form.members)
    return set(form.keepers) <= {each for each in members if each.startswith("team:")}


def is_too_many(form: Create | Add | Remove, acts: Collection[Act]) -> bool:
    """Whether it is one addition more than a group with these acts takes. Removals must always be possible, and need no
    limit: only who was added can be removed.
    """
    if not isinstance(form, Add):
        return False
    same = sum(isinstance(each.form, Add) and each.form.member == form.member for each in acts)
    return len(acts) >= ACTS_MAX or same >= ADDITIONS_MAX


def replay(group: str, acts: Iterable[Act]) -> Membership:
    """The members of `group`, from whatever acts there are, in whatever order."""
    found = {act.name: act for act in acts}
    root = found.get(group)
    if root is None or not isinstance(root.form, Create):
        return Membership(pending=tuple(sorted(found)))
    history = _History(root, root.form)
    waiting = {act.name: act.form for act in found.values() if not isinstance(act.form, Create)}
    followers = defaultdict(list)
    missing = {name: len(form.after) for name, form in waiting.items() if form.group == group}
    for name in missing:
        for before in waiting[name].after:
            followers[before].append(name)
    ready = [group]
    while ready:
        for name in followers.pop(ready.pop(), ()):
            missing[name] -= 1
            if not missing[name]:
                history.place(name, waiting[name])
                ready.append(name)
    placed = history.past.keys()
    return history.outcome(pending=tuple(sorted(found.keys() - placed)))


class _History:
    """Acts of one group, each placed after all that it follows. Sets of acts are whole numbers, a bit for each act."""

    def __init__(self, root: Act, form: Create) -> None:
        self.group, self.create = root.name, form
        self.bit = {root.name: 1}
        self.past = {root.name: 0}
        self.acting: dict[str, str] = {root.name: form.acting}
        self.roles: dict[str, dict[str, Role]] = {root.name: {each.member: each.role for each in form.members}}
        self.additions: dict[str, list[str]] = defaultdict(list)
        self.removals: dict[str, list[str]] = defaultdict(list)
        self.refused: list[str] = []
        for each in form.members:
            self.additions[each.member].append(root.name)

    def place(self, name: str, form: Add | Remove) -> None:
        past = 0
        for before in form.after:
            past |= self.past[before] | self.bit[before]
        self.bit[name], self.past[name], self.acting[name] = 1 << len(self.bit), past, form.acting
        if not self._may(form, past):
            self.refused.append(name)
        elif isinstance(form, Add):
            self.roles[name] = {form.member: form.role}
            self.additions[form.member].append(name)
        else:
            self.removals[form.member].append(name)

    def _may(self, form: Add | Remove, past: int) -> bool:
        role = self.standing(form.acting, past)
        if role is None or (isinstance(form, Remove) and form.member in self.create.keepers):
            return False
        if self.create.kind == "conversation":
            return True
        leaving = isinstance(form, Remove) and form.member == form.acting
        return (role == "admin" or leaving) and form.member.startswith("person:")

    def standing(self, member: str, among: int) -> Role | None:
        """The role of `member`, if only the acts in `among` had happened."""
        removals = [self.bit[each] for each in self.removals[member] if self.bit[each] & among]
        roles = {
            self.roles[addition][member]
            for addition in self.additions[member]
            if self.bit[addition] & among
            and all(removal & self.past[addition] for removal in removals)
            and self._counts(addition, among)
        }
        return None if not roles else "admin" if "admin" in roles else "member"

    def _counts(self, addition: str, among: int) -> bool:
        """Whether nobody removed the one who added without knowing of it, nor the one who had added them, and so on."""
        known: dict[str, bool] = {self.group: True}
        stack = [addition]
        while addition not in known:
            at = stack[-1]
            grounds = [] if self._overtaken(at, among) else self._grounds(at)
            unknown = [each for each in grounds if each not in known]
            if any(known.get(each) for each in grounds) or not unknown:
                known[at] = any(known[each] for each in grounds if each in known)
                stack.pop()
            else:
                stack.append(unknown[0])
        return known[addition]

    def _overtaken(self, addition: str, among: int) -> bool:
        """Whether the one who added was removed, by somebody who did not know of it."""
        bit, past = self.bit[addition], self.past[addition]
        return any(
            self.bit[removal] & among and not self.bit[removal] & past and not bit & self.past[removal]
            for removal in self.removals[self.acting[addition]]
        )

    def _grounds(self, name: str) -> list[str]:
        """The additions on which the one who did `name` stood at that moment."""
        who, past = self.acting[name], self.past[name]
        removals = [self.bit[each] for each in self.removals[who] if self.bit[each] & past]
        return [
            each
            for each in self.additions[who]
            if self.bit[each] & past and all(removal & self.past[each] for removal in removals)
        ]

    def outcome(self, pending: tuple[str, ...]) -> Membership:
        every = (1 << len(self.bit)) - 1
        standing = {member: self.standing(member, every) for member in sorted(self.additions)}
        heard = self.past.keys() - set(self.refused)
        covered = 0
        for name in heard:
            covered |= self.past[name]
        return Membership(
            kind=self.create.kind,
            members={member: role for member, role in standing.items() if role},
            heads=tuple(sorted(name for name in heard if not self.bit[name] & covered)),
            pending=pending,
            refused=tuple(sorted(self.refused)),
            void=tuple(sorted(name for name in self.roles if not self._counts(name, every))),
        )
