"""Any evening for subscribers: people who join, change their mind and leave, updates that are told, maintenance that is
announced, extended, called off or just ends, transports that take, refuse or say nothing, and a watch that dies after
it claimed, after it sent, or before it wrote down what it heard.

The machine keeps its own account of who must have what, and shares no code with ours.
"""

import contextlib
from collections import Counter
from dataclasses import dataclass, field
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
from balie.ops.incidents.models import Incident
from balie.ops.incidents.publishing import StatusPage
from balie.ops.incidents.telling import tell
from balie.ops.incidents.tests.conftest import Story, forget
from balie.ops.incidents.words import Text
from balie.ops.maintenance.acts import announce, cancel, end_past, extend
from balie.ops.maintenance.models import Maintenance, MaintenanceAct
from balie.ops.oncall import deliveries
from balie.ops.oncall.tests.conftest import Night
from balie.ops.subscribers import ledger
from balie.ops.subscribers.joining import Channel, Wish, ask, confirm, leave
from balie.ops.subscribers.models import Sending, Spread, Subscriber
from balie.ops.subscribers.tests.conftest import Readers

ADDRESSES = ("anna@praktijk.example", "bram@praktijk.example", "carla@praktijk.example")


class Died(BaseException):
    """The process, at this point."""


@dataclass
class Reader:
    """Somebody, as the machine knows them: what they must have, updates as well as acts on maintenance."""

    pk: int
    due: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Window:
    """Maintenance that is not over, as the machine knows it."""

    row: Maintenance
    ends_at: datetime


def told_in(sending: Sending) -> tuple[str, int | None]:
    return ("act", sending.act_told_id) if sending.act_told_id else ("update", sending.update_told_id)


def machine(graph: Graph, team_file: Path) -> type[RuleBasedStateMachine]:  # noqa: C901 - one machine
    class Evenings(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            for model in (Sending, Spread, Subscriber, MaintenanceAct, Maintenance):
                model.objects.all().delete()
            forget()
            self.readers = Readers(Story(Night(graph, team_file), sends=False))
            self.reading: dict[str, Reader] = {}
            self.gone: list[tuple[str, Reader]] = []
            self.windows: list[Window] = []
            self.seen = 0
            self.sent: Counter[str] = Counter()  # by what copies have in common
            self.known: set[str] = set()  # of which a live process heard that it was taken
            self.incident = Incident.objects.create(
                began_at=self.readers.now, severity="degraded", title_nl="Traag", title_en="Slow"
            )

        @rule(address=st.sampled_from(ADDRESSES), says_yes=st.booleans())
        def joins(self, address: str, *, says_yes: bool) -> None:
            asked = ask(Wish(channel=Channel.MAIL, address=address, language="nl"), self.readers.now)
            self.tick()
            if asked is None or not says_yes:
                return
            now = confirm(Subscriber.objects.get(pk=asked.pk), self.readers.now)
            if address in self.reading:
                assert now.pk == self.reading[address].pk, "one address became two subscribers"
            self.reading.setdefault(address, Reader(now.pk))

        @rule(address=st.sampled_from(ADDRESSES))
        @precondition(lambda self: self.reading)
        def leaves(self, address: str) -> None:
            if address in self.reading:
                reader = self.reading.pop(address)
                leave(Subscriber.objects.get(pk=reader.pk), self.readers.now)
                self.gone.append((address, reader))

        @rule()
        def tells(self) -> None:
            update = tell(self.incident, Text("Nog bezig.", "Still busy."), author="", now=self.readers.now)
            self.all_must_have("update", update.pk)

        @rule(lasts=st.sampled_from([30, 300]))
        @precondition(lambda self: len(self.windows) < 2)
        def announces(self, lasts: int) -> None:
            now = self.readers.now
            ends_at = now + timedelta(seconds=5 + lasts)
            row = announce(
                begins_at=now + timedelta(seconds=5),
                ends_at=ends_at,
                parts=["web"],
                text_nl="Wij vervangen een schijf.",
                text_en="We replace a disk.",
                author="7",
                now=now,
            )
            self.windows.append(Window(row, ends_at))
            self.all_must_have("act", MaintenanceAct.objects.get(maintenance=row).pk)

        @rule(by_s=st.sampled_from([60, 600]))
        @precondition(lambda self: self.windows)
        def extends(self, by_s: int) -> None:
            window = self.windows[-1]
            window.ends_at += timedelta(seconds=by_s)
            extend(window.row, window.ends_at, author="7", now=self.readers.now)
            self.all_must_have("act", window.row.acts.latest("pk").pk)

        @rule()
        @precondition(lambda self: self.windows)
        def calls_off(self) -> None:
            window = self.windows.pop(0)
            cancel(window.row, author="7", now=self.readers.now)
            self.all_must_have("act", window.row.acts.latest("pk").pk)

        def all_must_have(self, kind: str, pk: int) -> None:
            for reader in self.reading.values():
                reader.due.append((kind, pk))

        def end(self) -> None:
            """What is past: the watch says so, each time that it looks, and every watch that there is."""
            end_past(self.readers.now)
            end_past(self.readers.now)
            for window in [each for each in self.windows if each.ends_at <= self.readers.now]:
                self.windows.remove(window)
                ended = window.row.acts.filter(what="ended")
                self.all_must_have("act", ended.get().pk)

        @rule(seconds=st.sampled_from([1, 12, 70, 400]))
        def passes(self, seconds: int) -> None:
            self.tick(seconds)
            self.tick()

        @rule(answer=st.sampled_from(["sent", "refused", ""]))
        def transports(self, answer: str) -> None:
            self.readers.post.answer = answer

        @rule(where=st.sampled_from(["claimed", "sent", "heard", "written down"]))
        def dies(self, where: str) -> None:
            """The process, there, if it comes by; another takes over."""
            post, send = self.readers.post, self.readers.post.send

            def dying_send(letter):
                if where == "sent":
                    send(letter)
                raise Died

            def dying(*_given):
                raise Died

            with pytest.MonkeyPatch.context() as patch:
                if where == "heard":
                    patch.setattr(deliveries, "record", dying)
                elif where == "written down":
                    patch.setattr(ledger, "touched_by", dying)
                    patch.setattr(ledger, "touched", dying)
                else:
                    patch.setattr(post, "send", dying_send)
                with contextlib.suppress(Died):
                    self.tick()
                    return
            self.account()
            self.readers.restart()

        def tick(self, seconds: int = 1) -> None:
            heard = [(each.notification, each.word) for each in self.readers.post.held]
            self.readers.tick(seconds)
            self.end()
            letters = {each.notification: each.message for each in self.readers.post.got}
            self.known |= {letters[key] for key, word in heard if word == "sent"}
            self.account()

        def account(self) -> None:
            """What went out since the last time."""
            new, self.seen = self.readers.post.got[self.seen :], len(self.readers.post.got)
            for letter in new:
                assert letter.message not in self.known, "sent again after it was known to have been taken"
                self.sent[letter.message] += 1
                assert self.sent[letter.message] <= letter.claim, "sent twice by one claim"
                assert letter.asks or letter.address in self.reading, "sent to somebody who does not read it"

        @invariant()
        def what_is_told_is_one_row_for_each(self) -> None:
            pairs = [(each.subscriber_id, told_in(each)) for each in Sending.objects.all() if not each.asks]
            assert len(pairs) == len(set(pairs))

        def teardown(self) -> None:
            """In the end the process lives and transports work: then everybody has everything, once where all was
            well.
            """
            if not hasattr(self, "readers"):
                return
            self.readers.post.answer = "sent"
            for _ in range(3):
                self.tick(3600)
                self.tick()
            for reader in self.reading.values():
                rows = {told_in(each): each for each in Sending.objects.filter(subscriber=reader.pk) if not each.asks}
                assert set(rows) == set(reader.due), "lost, or sent to who should not have it"
                assert {rows[told].outcome for told in reader.due} <= {"sent"}
            assert not Subscriber.objects.filter(left_at__isnull=False).exclude(address="").exists()

    return Evenings


RUNS = settings(
    max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def quick(ops: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts here is what is committed, not that it is on the disk."""
    connections["ops"].cursor().execute("PRAGMA synchronous=OFF")
    monkeypatch.setattr(StatusPage, "keep", lambda *_given: None)


@pytest.mark.slow
def test_no_evening_loses_or_doubles_what_is_told(quick, graph, team_file):
    run_state_machine_as_test(machine(graph, team_file), settings=RUNS)


@pytest.mark.slow
def test_without_the_claim_they_are_told_twice(quick, graph, team_file, monkeypatch):
    """The control: whoever looks sends, and writes down what came of it after."""

    def unclaimed(sending: Sending, _now) -> bool:
        sending.claims += 1
        return True

    def recorded(outcome, _rows) -> bool:
        row = Sending.objects.filter(pk=outcome.notification)
        return row.update(claims=outcome.claim, outcome=outcome.word, claimed_at=outcome.at, ended_at=outcome.at) == 1

    monkeypatch.setattr(ledger, "claim", unclaimed)
    monkeypatch.setattr(deliveries, "record", recorded)
    with pytest.raises(AssertionError, match="sent twice"):
        run_state_machine_as_test(machine(graph, team_file), settings=settings(RUNS, phases=[Phase.generate]))


def test_two_who_claim_the_same_one_has_it(readers):
    readers.join("anna@praktijk.example")
    readers.story.verdict()
    ledger.plan(readers.story.night.graph, readers.now)
    one, other = ledger.waiting(readers.now, 9), ledger.waiting(readers.now, 9)
    assert [ledger.claim(each, readers.now) for each in one] == [True]
    assert [ledger.claim(each, readers.now) for each in other] == [False]


def test_an_update_that_is_written_down_again_is_one_row(readers):
    """As by a second watch that had not seen the first one's mark."""
    readers.join("anna@praktijk.example")
    readers.story.verdict()
    ledger.plan(readers.story.night.graph, readers.now)
    Spread.objects.all().delete()
    ledger.plan(readers.story.night.graph, readers.now)
    assert Sending.objects.exclude(update_told=None).count() == 1
