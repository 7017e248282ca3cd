"""Any evening of incidents: verdicts that come, worsen and end, people who promise, keep, forget and close, and a
watch that dies between any two things that it does. The machine keeps its own account of every promise.
"""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from balie.ops.incidents import promises
from balie.ops.incidents.models import Happening, Incident, Promise, Update
from balie.ops.incidents.publishing import StatusPage
from balie.ops.incidents.tests.conftest import Story, forget
from balie.ops.models import Entry, Verdict
from balie.ops.oncall.models import Dealt, Escalation, Notification, Page
from balie.ops.oncall.tests.conftest import Night


class Died(BaseException):
    """The process, at this point."""


@dataclass
class Given:
    """A promise of a person, as the machine knows it."""

    pk: int
    due: datetime
    answered: datetime | None = None


def machine(graph: Graph, team_file: Path) -> type[RuleBasedStateMachine]:  # noqa: C901 - one machine
    class Evenings(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            forget()
            Page.objects.update(joined=None, digest=None)
            for model in (Notification, Escalation, Page, Entry, Verdict, Dealt):
                model.objects.all().delete()
            self.story = Story(Night(graph, team_file), sends=False)
            self.given: list[Given] = []
            self.open = False
            self.number = 0

        @rule(effect=st.sampled_from(["degraded", "stopped"]))
        @precondition(lambda self: not self.open and not Incident.objects.filter(closed_at=None).exists())
        def opens(self, effect: str) -> None:
            self.open = True
            self.number += 1
            self.story.verdict(number=self.number, effect=effect)

        @rule(effect=st.sampled_from(["none", "degraded", "stopped"]))
        @precondition(lambda self: self.open)
        def changes(self, effect: str) -> None:
            self.story.verdict("changed", number=self.number, effect=effect)

        @rule()
        @precondition(lambda self: self.open)
        def ends(self) -> None:
            self.open = False
            self.story.verdict("closed", number=self.number)

        @rule(minutes=st.sampled_from([3, 10, 60]), closes=st.booleans(), owner=st.sampled_from(["", "anna", "bram"]))
        @precondition(lambda _self: Incident.objects.filter(closed_at=None).exists())
        def says(self, *, minutes: int, closes: bool, owner: str) -> None:
            incident = Incident.objects.get(closed_at=None)
            self.story.incident = lambda: incident
            now = self.story.night.now
            update = self.story.say(minutes=0 if closes else minutes, owner=owner, closes=closes)
            for each in self.given:
                each.answered = each.answered or now
            if not closes:
                due = now + timedelta(minutes=minutes)
                self.given.append(Given(Promise.objects.get(made_in=update).pk, due))

        @rule(seconds=st.sampled_from([1, 100, 299, 301, 700]))
        def passes(self, seconds: int) -> None:
            self.story.tick(seconds)

        @rule(seconds=st.sampled_from([1, 299, 700]))
        def dies(self, seconds: int) -> None:
            """After it took a step, before that is committed; another goes on."""

            def dying(*_given) -> None:
                raise Died

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(promises, "_page", dying)
                with contextlib.suppress(Died):
                    self.story.tick(seconds)
            self.story.restart()
            self.story.tick(0)

        @invariant()
        def every_promise_is_chased_and_missed_as_it_should_be(self) -> None:
            now = self.story.night.now if hasattr(self, "story") else None
            for each in getattr(self, "given", []):
                promise = Promise.objects.get(pk=each.pk)
                late = (each.answered or now) >= each.due + timedelta(seconds=1)
                assert promise.kept == (each.answered is not None and each.answered <= each.due)
                steps = list(Happening.objects.filter(about__promise=each.pk).values_list("what", flat=True))
                assert steps.count("missed") <= 1 >= steps.count("chased"), f"done twice: {steps}"
                assert not late or "missed" in steps, "nobody heard that it is late"
                assert late or "missed" not in steps or each.answered == each.due, "called late, and was not"
                assert Page.objects.filter(subject=f"promise:{each.pk}:late").count() == steps.count("missed")

        @invariant()
        def the_public_hears_each_thing_once(self) -> None:
            for incident in Incident.objects.all():
                numbers = list(incident.updates.order_by("pk").values_list("number", flat=True))
                assert numbers == list(range(1, len(numbers) + 1))
                closing = Update.objects.filter(incident=incident, closes=True).count()
                assert closing == (1 if incident.closed_at else 0)

    return Evenings


RUNS = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def quick(ops: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts here is what is committed, not that it is on the disk."""
    connections["ops"].cursor().execute("PRAGMA synchronous=OFF")
    monkeypatch.setattr(StatusPage, "keep", lambda *_given: None)


@pytest.mark.slow
def test_no_evening_forgets_or_doubles_a_promise(quick, graph, team_file):
    run_state_machine_as_test(machine(graph, team_file), settings=RUNS)


@pytest.mark.slow
def test_without_the_claim_steps_are_taken_again(quick, graph, team_file, monkeypatch):
    """The control: look whether it is due, and take no mark."""
    monkeypatch.setattr(promises, "claim", lambda *_given: True)
    with pytest.raises(AssertionError, match="done twice"):
        run_state_machine_as_test(machine(graph, team_file), settings=settings(RUNS, phases=[Phase.generate]))
