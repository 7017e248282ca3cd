"""The SQL does what a plain model does, whatever happens in whatever order, and no day is ever given away twice."""

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from balie.ordering import hot
from balie.ordering.hot import ConfirmRequest, HoldRequest, Line, ReleaseRequest
from balie.ordering.services.holds import BLOCK, EXTEND
from balie.ordering.tests.desk import IN_TIME, MONDAY, TUESDAY, WEDNESDAY, Desk, pass_time, value
from balie.runtime.hot import Connection, connect
from tests.races.plain_model import PlainCampaign
from tests.races.steps import miscounted, oversold, without

LATE = datetime(2027, 10, 1, tzinfo=UTC)
DAYS = (MONDAY, TUESDAY, WEDNESDAY)
NO_DAY = date(2027, 10, 9)
AFRESH = """
truncate ordering_hold, ordering_stop, ordering_order_line, ordering_order, ordering_cancelled_order,
  ordering_mail_mark, mail_outbox;
update ordering_delivery_day set doses_taken = 0, addresses_taken = 0
"""

members = st.integers(0, 3)
keys = st.integers(1, 4).map(lambda number: UUID(int=number))  # few, so that they are repeated
places = st.booleans()
doses = st.sampled_from([100, 300, 500, 1000])
fixed = st.lists(
    st.tuples(places, doses, st.sampled_from(DAYS)), min_size=1, max_size=3, unique_by=lambda x: (x[0], x[2])
)
ranked = st.lists(st.tuples(places, doses), min_size=1, max_size=2, unique_by=lambda x: x[0])
rankings = st.lists(st.sampled_from([*DAYS, NO_DAY]), min_size=1, max_size=4).filter(
    lambda days: days != [NO_DAY] * len(days)
)
wishes = st.one_of(st.tuples(fixed, st.just([])), st.tuples(ranked, rankings))
elapsed = st.sampled_from([0, 1, 4_000, 40_000])
lateness = st.sampled_from(["", "", "late", "granted"])
backs = st.sampled_from([0, 0, 0, 1, 2, 4])
offsets = st.sampled_from([0, 0, 0, -1, 1])


class AgainstModel(RuleBasedStateMachine):
    """One desk, reset for each run; every answer is compared."""

    desk: Desk
    runner: asyncio.Runner
    conn: Connection

    def __init__(self) -> None:
        super().__init__()
        self.do(self.conn.execute(AFRESH))
        self.model = PlainCampaign(dict.fromkeys(DAYS, (1000, 2)))
        self.seen: list[str] = ["B27-00000"]  # every number that an order had, and one that none has
        self.people = [self.desk.linde, self.desk.eik, self.desk.beuk, self.desk.iep]

    def do(self, step):
        return self.runner.run(step)

    @rule(batch=st.lists(st.tuples(members, keys, wishes), min_size=1, max_size=4, unique_by=lambda x: x[0]))
    def hold(self, batch):
        requests, expected = [], []
        for number, key, (wanted, ranking) in batch:
            who = self.people[number]
            lines = [
                Line(self.desk.flu, who.annex if annex else who.home, amount, *day) for annex, amount, *day in wanted
            ]
            requests.append(HoldRequest(who.practice, key, who.person, 0, lines, ranking))
            expected.append(self.model.hold(who.practice, key, lines, ranking))
        answers = self.do(hot.hold_batch(self.conn, self.desk.campaign, requests))
        assert [(answer.outcome, answer.lines) for answer in answers] == expected
        for answer, request in zip(answers, requests, strict=True):
            if answer.outcome == "held":
                left = self.model.has[request.practice].ends - self.model.now
                assert answer.remaining_ms == max(left, 0)

    @rule(batch=st.lists(st.tuples(members, keys, elapsed), min_size=1, max_size=4))
    def confirm(self, batch):
        clicks = [(self.people[number].practice, key, ms) for number, key, ms in batch]
        requests = [ConfirmRequest(practice, key, None, ms) for practice, key, ms in clicks]
        answers = self.do(hot.confirm_batch(self.conn, self.desk.campaign, requests))
        assert [answer.outcome for answer in answers] == self.model.confirm(clicks)
        numbers = {(practice, answer.number) for (practice, *_), answer in zip(clicks, answers, strict=True)}
        numbers = {(practice, number) for practice, number in numbers if number}
        self.model.numbers.update(numbers)
        self.seen.extend(sorted(number for _, number in numbers))
        assert len(numbers) == len({practice for practice, _ in numbers}) == len({number for _, number in numbers})

    @rule(number=members, key=keys, wish=wishes)
    def order(self, number, key, wish):
        """Held and confirmed at once, so that there are orders to change and cancel."""
        self.hold([(number, key, wish)])
        if has := self.model.has.get(self.people[number].practice):
            self.confirm([(number, has.key, 0)])

    @rule(batch=st.lists(st.tuples(members, keys), min_size=1, max_size=3, unique_by=lambda x: x[0]))
    def release(self, batch):
        requests = [ReleaseRequest(self.people[number].practice, key) for number, key in batch]
        answers = self.do(hot.release_batch(self.conn, self.desk.campaign, requests))
        expected = [self.model.release(request.practice, request.key) for request in requests]
        assert [answer.outcome for answer in answers] == expected

    @rule(number=members, back=backs, late=st.booleans(), granted=st.booleans())
    def cancel(self, number, back, late, granted):
        who, order = self.order_of(number, back)
        answer = self.desk.cancel(self.conn, who, order, at=LATE if late else IN_TIME, granted=granted)
        outcome = self.model.cancel(who.practice, order, late=late, granted=granted)
        assert self.do(answer)[0] == outcome

    def order_of(self, number, back):
        """Somebody and an order of theirs that stands; or one of those seen lately, whosever it is."""
        have = [person for person in self.people if person.practice in self.model.numbers]
        if have and not back:
            who = have[number % len(have)]
            return who, self.model.numbers[who.practice]
        return self.people[number], self.seen[-min(back or 1, len(self.seen))]

    @rule(number=members, back=backs, seen=offsets, wanted=fixed, late=lateness)
    def change(self, number, back, seen, wanted, late):
        who, order = self.order_of(number, back)
        revision = max(0, self.model.revisions.get(order, 0) + seen)
        lines = [Line(self.desk.flu, who.annex if annex else who.home, amount, day) for annex, amount, day in wanted]
        at, granted = (LATE if late else IN_TIME), late == "granted"
        expected = self.model.change(who.practice, order, revision, lines, late=bool(late), granted=granted)
        answer = self.desk.change(self.conn, who, order, *lines, revision=revision, at=at, granted=granted)
        assert self.do(answer)[:2] == expected

    @rule(number=members)
    def change_again(self, number):
        """The last change once more, as a second click sends it."""
        who, order = self.order_of(number, 0)
        revision = self.model.revisions.get(order, 0)
        if revision and self.model.numbers.get(who.practice) == order:
            lines = self.model.has[who.practice].lines
            answer = self.desk.change(self.conn, who, order, *lines, revision=revision - 1, at=LATE)
            assert self.do(answer)[:2] == ("changed", revision)

    @rule(grace_s=st.sampled_from([0, 15]))
    def sweep(self, grace_s):
        assert self.do(hot.sweep(self.conn, grace_s=grace_s, limit=10)) == self.model.sweep(grace_s * 1000)

    @rule(minutes=st.sampled_from([1, 5]))
    def extend(self, minutes):
        extended = self.do(value(self.conn, EXTEND, self.desk.campaign, minutes))
        assert extended == self.model.extend(minutes * 60_000)

    @rule(number=members)
    def block(self, number):
        practice = self.people[number].practice
        outcome = self.do(value(self.conn, BLOCK, self.desk.campaign, practice))
        assert outcome == self.model.block(practice)

    @rule(number=members)
    def unblock(self, number):
        practice = self.people[number].practice
        self.do(self.conn.execute("update ordering_hold set blocked = false where practice_id = %s", (practice,)))
        self.model.blocked.discard(practice)

    @rule(seconds=st.sampled_from([1, 20, 299, 300, 301]))
    def time_passes(self, seconds):
        self.do(pass_time(self.conn, seconds))
        self.model.now += seconds * 1000

    @invariant()
    def every_day_is_counted_right(self):
        assert self.do(self.desk.taken(self.conn)) == self.model.taken()
        assert self.do(miscounted(self.conn)) == self.do(oversold(self.conn)) == []


NO_UNDO = ("exit when direction = -1 and short = '{}';", "exit when direction = -1;")


@pytest.fixture
def machine(installation):
    """A machine bound to one desk and one connection."""
    with asyncio.Runner() as runner:
        conn = runner.run(connect(installation.dsn, name="test"))
        yield type("Machine", (AgainstModel,), {"desk": Desk(installation.dsn), "runner": runner, "conn": conn})
        runner.run(conn.close())


def run(machine, **more) -> None:
    limits = settings(max_examples=60, stateful_step_count=30, deadline=None, database=None, **more)
    run_state_machine_as_test(machine, settings=limits)


def test_the_sql_does_what_the_model_does(machine):
    run(machine)


def test_control_the_model_notices_when_a_refused_request_keeps_what_it_tried(machine, monkeypatch):
    machine.runner.run(without(machine.conn, monkeypatch, NO_UNDO))
    with pytest.raises((AssertionError, psycopg.errors.CheckViolation)):
        run(machine, phases=[Phase.generate], print_blob=False)
