"""Any night at all: verdicts that come, worsen, merge and end, people who take and pass on, transports that take,
refuse or say nothing, and a process that dies at any step: after a claim, after sending, before what came of it
is written.

The machine keeps its own account of what people got, and of what they must have got; it shares no code with ours.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from balie.ops.graph import Graph
from balie.ops.models import Entry, Verdict
from balie.ops.oncall import deliveries, paging
from balie.ops.oncall.models import Dealt, Escalation, Notification, Page
from balie.ops.oncall.tests.conftest import Night

EFFECTS = ("none", "degraded", "stopped")
GRACE_S = 16


class Died(BaseException):
    """The process, at this point."""


def machine(graph: Graph, team_file: Path) -> type[RuleBasedStateMachine]:  # noqa: C901 - one machine
    class Nights(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            Page.objects.update(joined=None, digest=None)
            for model in (Notification, Escalation, Page, Entry, Verdict, Dealt):
                model.objects.all().delete()
            self.night = Night(graph, team_file)
            self.night.confirm_channels()
            self.open: dict[int, str] = {}
            self.number = 0
            self.seen = 0  # messages that are accounted for
            self.sent: Counter[int] = Counter()  # notification: how often a transport was asked
            self.known: set[int] = set()  # notifications of which a live process heard that they were sent

        @rule(where=st.sampled_from(["claimed", "sent", "heard"]))
        def dies(self, where: str) -> None:
            """The process, there, if it comes by; another takes over."""
            sender, send = self.night.sender, self.night.sender.send

            def dying_send(message):
                if where == "sent":
                    send(message)
                raise Died

            def dying_record(outcome):
                raise Died

            with pytest.MonkeyPatch.context() as patch:
                if where == "heard":
                    patch.setattr(deliveries, "record", dying_record)
                else:
                    patch.setattr(sender, "send", dying_send)
                try:
                    self.tick()
                except Died:
                    self.account()
                    self.night.restart()

        def tick(self, seconds: int = 1) -> None:
            held = [each for each in self.night.sender.held if each.word == "sent"]
            self.night.tick(seconds)
            self.known |= {each.notification for each in held}
            self.account()

        def account(self) -> None:
            """What went out since the last time."""
            new, self.seen = self.night.sender.got[self.seen :], len(self.night.sender.got)
            for message in new:
                assert message.notification not in self.known, "sent again after it was known to have been sent"
                self.sent[message.notification] += 1
                assert ("Herhaling" in message.title or "Repetition" in message.title) == (
                    self.sent[message.notification] > 1 or message.claim > 1
                ), "a repetition says that it is one, and nothing else does"

        @rule(effect=st.sampled_from(EFFECTS))
        @precondition(lambda self: len(self.open) < 3)
        def opens(self, effect: str) -> None:
            self.number += 1
            self.open[self.number] = effect
            self.night.verdict(number=self.number, effect=effect)

        @rule(data=st.data(), effect=st.sampled_from(EFFECTS))
        @precondition(lambda self: self.open)
        def changes(self, data, effect: str) -> None:
            number = data.draw(st.sampled_from(sorted(self.open)))
            self.open[number] = effect
            self.night.verdict("changed", number=number, effect=effect)

        @rule(data=st.data())
        @precondition(lambda self: self.open)
        def closes(self, data) -> None:
            number = data.draw(st.sampled_from(sorted(self.open)))
            self.night.verdict("closed", number=number, effect=self.open.pop(number))

        @rule(data=st.data())
        @precondition(lambda self: len(self.open) > 1)
        def merges(self, data) -> None:
            number, into = data.draw(st.permutations(sorted(self.open)))[:2]
            self.night.verdict("merged", number=number, effect=self.open.pop(number), into=into)

        @rule(seconds=st.sampled_from([1, 20, 310, 700]))
        def passes(self, seconds: int) -> None:
            self.tick(seconds)
            self.tick()

        @rule(answer=st.sampled_from(["sent", "refused", ""]))
        def transports(self, answer: str) -> None:
            self.night.sender.answer = answer

        @rule(person=st.sampled_from(["anna", "bram"]))
        def takes(self, person: str) -> None:
            for page in Page.objects.filter(kind=Page.Kind.OUTAGE, resolved_at=None):
                paging.acknowledge(page, person, self.night.now)

        @rule(person=st.sampled_from(["anna", "bram"]))
        def passes_on(self, person: str) -> None:
            for page in Page.objects.filter(kind=Page.Kind.OUTAGE, resolved_at=None):
                paging.pass_on(page, person, self.night.now)

        @invariant()
        def nothing_goes_out_of_what_was_taken_or_is_over(self) -> None:
            late = Notification.objects.filter(what="page").select_related("escalation__page")
            for each in late.exclude(claimed_at=None):
                for end in (each.escalation.acknowledged_at, each.escalation.page.resolved_at):
                    assert end is None or each.claimed_at <= end + timedelta(seconds=1)

        def teardown(self) -> None:
            """In the end the process lives and transports work: then nobody is left who should have heard."""
            if not hasattr(self, "night"):
                return
            self.night.sender.answer = "sent"
            for number in list(self.open):
                self.tick()
                self.check_told(number)
            for _ in range(4):
                self.tick(GRACE_S)
            for number, effect in list(self.open.items()):
                self.night.verdict("closed", number=number, effect=effect)
            for _ in range(4):
                self.tick(GRACE_S)
            paged = set(
                Notification.objects.filter(what="page", escalation__page__kind="outage")
                .exclude(claimed_at=None)
                .values_list("person", "channel")
            )
            over = Notification.objects.filter(what="resolved").exclude(claimed_at=None)
            told = set(over.values_list("person", "channel"))
            assert paged <= told, "paged, and not told that it is over"
            assert not Notification.objects.filter(what="resolved", claimed_at=None).exists()
            assert not Page.objects.filter(kind=Page.Kind.OUTAGE, resolved_at=None).exists()

        def check_told(self, number: int) -> None:
            """Of an outage that people suffer from, and nobody took, the first level has been asked to take it."""
            if self.open[number] == "none":
                return
            page = Page.objects.get(verdict=number)
            newest = page.escalations.order_by("-round").first()
            assert newest is not None, "people suffer, and nobody is being told"
            if newest.acknowledged_at is None:
                told = newest.notifications.filter(what="page", step=0).exclude(claimed_at=None)
                assert told.count() == sum(len(each["channels"]) for each in newest.levels[0]["people"])

    return Nights


RUNS = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def quick(ops: None) -> None:
    """What counts here is what is committed, not that it is on the disk."""
    connections["ops"].cursor().execute("PRAGMA synchronous=OFF")


@pytest.mark.slow
def test_no_night_loses_doubles_or_forgets_anything(quick, graph, team_file):
    run_state_machine_as_test(machine(graph, team_file), settings=RUNS)


@pytest.mark.slow
def test_without_the_claim_people_are_told_twice(quick, graph, team_file, monkeypatch):
    """The control: write down what was sent once it is known, and nothing before."""

    def unclaimed(notification: Notification, now) -> bool:
        notification.claims += 1
        return True

    def recorded(outcome: deliveries.Outcome) -> None:
        Notification.objects.filter(pk=outcome.notification).update(
            claims=outcome.claim, outcome=outcome.word, claimed_at=outcome.at, ended_at=outcome.at
        )

    monkeypatch.setattr(deliveries, "claim", unclaimed)
    monkeypatch.setattr(deliveries, "record", recorded)
    with pytest.raises(AssertionError, match=r"sent again|a repetition says"):
        run_state_machine_as_test(machine(graph, team_file), settings=settings(RUNS, phases=[Phase.generate]))


def test_two_who_claim_the_same_one_has_it(night):
    """Two processes at once, as with a ledger that several watches share."""
    night.verdict()
    paging.take_in(night.duty.team, night.now)
    deliveries.plan(night.now)
    one, other = deliveries.waiting(night.now), deliveries.waiting(night.now)
    assert [deliveries.claim(each, night.now) for each in one] == [True, True]
    assert [deliveries.claim(each, night.now) for each in other] == [False, False]


def test_a_message_whose_process_died_goes_again_with_its_number_and_says_so(night):
    night.verdict()
    night.sender.answer = ""  # the process dies before it hears
    night.tick()
    number = Page.objects.get(kind=Page.Kind.OUTAGE).number
    night.restart()
    night.sender.answer = "sent"
    night.pass_by(40, step=5)
    mails = [title for _, channel, title in night.sender.titles() if channel == "mail"]
    assert mails == [
        f"Balie {number}: Webpagina's werken niet",
        f"Herhaling 2: Balie {number}: Webpagina's werken niet",
    ]
    first = Notification.objects.filter(escalation__page__kind="outage").order_by("pk").first()
    assert first is not None
    assert (first.claims, first.outcome) == (2, "sent")
