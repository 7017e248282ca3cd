"""Merging membership: whatever came in whatever order, the same; removals win; nobody is lost. Against the words of
`membership.md`, written down once more as sets, slowly and without care for speed."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balie.consult.protocol.encoding import b64
from balie.consult.protocol.membership import Act, Add, Create, Founder, Remove, replay

PEOPLE = [f"person:{b64(bytes([at] * 16))}" for at in range(5)]
NONCE = b64(bytes(16))


def named(what: str) -> str:
    return b64(sha256(what.encode()).digest())


@dataclass(frozen=True)
class Step:
    """One act of a history: who does what to whom, having heard of some of the acts before."""

    by: int
    adds: bool
    whom: int
    role: str
    heard: frozenset[int]


def steps(most: int = 9):
    step = st.builds(
        Step,
        by=st.integers(0, len(PEOPLE) - 1),
        adds=st.booleans(),
        whom=st.integers(0, len(PEOPLE) - 1),
        role=st.sampled_from(["admin", "admin", "member"]),
        heard=st.frozensets(st.integers(0, most), max_size=3),
    )
    return st.lists(step, max_size=most)


def acts(history: list[Step], kind: str = "team") -> list[Act]:
    """The beginning, by the first two of `PEOPLE`, then the steps; each follows the beginning or what it heard of."""
    founders = tuple(Founder(member=each, role="admin") for each in PEOPLE[:2])
    by = PEOPLE[0].removeprefix("person:")
    root = Create(kind=kind, members=founders, keepers=(), nonce=NONCE, by=by, acting=PEOPLE[0], at=1)
    made = [Act(named("root"), root)]
    for at, step in enumerate(history):
        after = tuple(sorted({made[each].name for each in step.heard if each <= at} or {made[0].name}))
        common = {"group": made[0].name, "member": PEOPLE[step.whom], "by": by, "after": after, "at": 1}
        acting = PEOPLE[step.by]
        form = Add(role=step.role, acting=acting, **common) if step.adds else Remove(acting=acting, **common)
        made.append(Act(named(f"step {at} {step}"), form))
    return made


class Slow:
    """The rules of the page, as it says them."""

    def __init__(self, made: list[Act]) -> None:
        self.form = {act.name: act.form for act in made}
        self.root = made[0].name
        self.past = cache(self._past)
        self.fits = cache(self._fits)
        self.counts = cache(self._counts)

    def _past(self, name):
        form = self.form[name]
        before = () if isinstance(form, Create) else form.after
        return frozenset(before).union(*(self.past(each) for each in before))

    def added(self, name):
        form = self.form[name]
        if isinstance(form, Create):
            return {each.member: each.role for each in form.members}
        return {form.member: form.role} if isinstance(form, Add) else {}

    def removals(self, member, among):
        return {
            each
            for each in among
            if isinstance(self.form[each], Remove) and self.form[each].member == member and self.fits(each)
        }

    def grounds(self, member, among):
        """Additions of `member` that have every removal of them in their past."""
        removals = self.removals(member, among)
        return {
            each for each in among if member in self.added(each) and self.fits(each) and removals <= self.past(each)
        }

    def _counts(self, name, among):
        if name == self.root:
            return True
        who = self.form[name].acting
        if any(each not in self.past(name) and name not in self.past(each) for each in self.removals(who, among)):
            return False
        return any(self.counts(each, among) for each in self.grounds(who, self.past(name)))

    def role(self, member, among):
        roles = {self.added(each)[member] for each in self.grounds(member, among) if self.counts(each, among)}
        return "admin" if "admin" in roles else "member" if roles else None

    def _fits(self, name):
        if name == self.root:
            return True
        form = self.form[name]
        role = self.role(form.acting, self.past(name))
        if self.form[self.root].kind == "conversation":
            return role is not None
        leaving = isinstance(form, Remove) and form.member == form.acting
        return role == "admin" or (role is not None and leaving)

    def members(self):
        every = frozenset(self.form)
        return {each: role for each in sorted(PEOPLE) if (role := self.role(each, every))}


@pytest.mark.slow
@given(steps(), st.sampled_from(["team", "conversation"]))
@settings(max_examples=300, deadline=None)
def test_it_comes_to_what_the_page_says(history, kind):
    made = acts(history, kind)
    found, slow = replay(made[0].name, made), Slow(made)
    assert dict(found.members) == slow.members()
    assert found.refused == tuple(sorted(each.name for each in made if not slow.fits(each.name)))


@pytest.mark.slow
@given(steps(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_in_which_acts_come_in_is_all_the_same(history, chance):
    made = acts(history)
    mixed = made + made[: len(made) // 2]
    chance.shuffle(mixed)
    assert replay(made[0].name, mixed) == replay(made[0].name, made)


@pytest.mark.slow
@given(steps())
@settings(max_examples=300, deadline=None)
def test_a_removal_wins_over_what_does_not_follow_it(history):
    made = acts(history)
    found, slow = replay(made[0].name, made), Slow(made)
    every = frozenset(each.name for each in made)
    for member in found.members:
        removals = slow.removals(member, every)
        assert any(member in slow.added(each) and removals <= slow.past(each) for each in every)


@pytest.mark.slow
@given(steps())
@settings(max_examples=200, deadline=None)
def test_without_removals_nobody_is_lost(history):
    made = acts([step for step in history if step.adds])
    found = replay(made[0].name, made)
    refused = set(found.refused)
    wanted = {each.form.member for each in made[1:] if each.name not in refused} | set(PEOPLE[:2])
    assert (found.members.keys(), found.void) == (wanted, ())


@pytest.mark.slow
@given(steps())
@settings(max_examples=200, deadline=None)
def test_who_was_removed_gains_nothing_by_dating_back(history):
    """However things stood, once somebody who was removed adds others as of the beginning, none of them gets in."""
    made = acts(history)
    root, found = made[0], replay(made[0].name, made)
    out = [each for each in PEOPLE[:2] if each not in found.members]
    new = f"person:{b64(b'a stranger'.ljust(16))}"
    for each in out:
        form = Add(group=root.name, member=new, role="admin", by=each[7:], acting=each, after=(root.name,), at=1)
        after = replay(root.name, [*made, Act(named("dated back"), form)])
        assert after.members == found.members


def test_without_the_third_rule_dating_back_would_let_a_stranger_in():
    """The control: what counting every addition would come to."""

    made = acts([Step(by=0, adds=False, whom=1, role="member", heard=frozenset())])
    dated_back = Step(by=1, adds=True, whom=4, role="admin", heard=frozenset())
    made.append(acts([dated_back])[1])
    careless = Slow(made)
    careless.counts = lambda _name, _among: True
    assert PEOPLE[4] in careless.members()
    assert PEOPLE[4] not in replay(made[0].name, made).members


def test_a_long_history_is_quick():
    """A post with shifts: two thousand acts, one after the other, take no longer than a page may."""
    made = acts(
        [Step(by=at % 2, adds=at % 3 != 0, whom=2 + at % 3, role="member", heard=frozenset([at])) for at in range(2000)]
    )
    assert len(replay(made[0].name, made).heads) == 1
