"""Switches do what a plain model does, whatever happens in whatever order; and a process that listens, and is restarted
now and then, knows of every change.
"""

from dataclasses import dataclass, field
from itertools import count

import psycopg
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from psycopg.rows import class_row

from balie.practices.functions.picture import READ, Functions, SwitchRow
from balie.practices.testing import make_practice
from balie.runtime.hot import CHANNEL

AFRESH = """
truncate practices_call, practices_notice, practices_rule_closing, practices_open_hours, practices_switch;
delete from mail_outbox
"""
BY_HAND = """
select practices_switch_by_hand_v1('econsult', %s, null, %s,
  case when %s then clock_timestamp() + interval '1 hour' end, %s, '', '', null, 'proef', 'x.example')
"""
BY_RULE = "select practices_switch_by_rule_v1('econsult', %s, %s, %s, 300, 'x.example')"
BY_HOURS = (
    "select practices_switch_by_schedule_v1(practices_switch_lock_v1('econsult', %s, null), %s, null, 'x.example')"
)
AN_HOUR_LATER = (
    "update practices_switch set hand_until = hand_until - interval '2 hours'",
    "update practices_rule_closing set ends_at = ends_at - interval '2 hours'",
    "select practices_switch_tick_v1('x.example')",
)
STATES = "select practice_id, closed, decided_by from practices_switch"
TOLD = "select count(*), count(distinct (switch_id, version)) from practices_notice"
MAILED = "select count(*) from mail_outbox where kind = 'function_switched'"
CLOSED = "select practices_function_closed_v1('econsult', %s, null) is not null"

culprits = st.sampled_from(["proxy", "database"])


@dataclass
class PlainSwitch:
    """As one would explain it."""

    hand: str | None = None
    ends: bool = False
    ill: set[str] = field(default_factory=set)
    recovering: set[str] = field(default_factory=set)
    hours: bool | None = None
    told: int = 0

    @property
    def state(self) -> tuple[bool, str]:
        if self.hand:
            return self.hand == "closed", "hand"
        if self.ill or self.recovering:
            return True, "rule"
        return self.hours is False, "" if self.hours is None else "schedule"

    @property
    def announced(self) -> bool:
        closed, by = self.state
        return closed and by != "schedule"


class AgainstModel(RuleBasedStateMachine):
    """The switch of one practice, and the one of everybody."""

    conn: psycopg.Connection
    dsn: str
    practice: int

    def __init__(self) -> None:
        super().__init__()
        self.conn.execute(AFRESH)
        self.switches: dict[int | None, PlainSwitch] = {self.practice: PlainSwitch(), None: PlainSwitch()}
        self.ears: psycopg.Connection | None = None
        self.picture = Functions()
        self.marks = count(1)
        self.start()

    def start(self) -> None:
        """A process begins: it listens, and then reads."""
        self.ears = psycopg.connect(self.dsn, autocommit=True)
        self.ears.execute(f"listen {CHANNEL}".encode())
        self.picture = Functions()
        self.read()

    def read(self) -> None:
        with self.conn.cursor(row_factory=class_row(SwitchRow)) as cursor:
            self.picture.learn(cursor.execute(READ).fetchall())

    def heard(self) -> bool:
        """Whether the process was told of a change; what is told comes in order, so a mark ends the waiting."""
        mark = f"mark:{next(self.marks)}"
        self.conn.execute("select pg_notify(%s, %s)", (CHANNEL, mark))
        found = False
        for each in self.ears.notifies(timeout=10):
            if each.payload == mark:
                return found
            found |= each.payload.startswith("functions:")
        raise AssertionError("nothing was heard")

    def teardown(self) -> None:
        if self.ears:
            self.ears.close()

    def act(self, where: int | None, change) -> None:
        switch = self.switches[where]
        before = switch.announced
        change(switch)
        switch.told += switch.announced != before

    @rule(everywhere=st.booleans(), wants=st.sampled_from(["open", "closed", None]), ends=st.booleans())
    def decide(self, everywhere, wants, ends):
        where = None if everywhere else self.practice
        ends = ends and wants is not None
        self.conn.execute(BY_HAND, (where, wants, ends, "busy" if wants == "closed" else ""))

        def change(switch):
            switch.hand, switch.ends = wants, ends

        self.act(where, change)

    @rule(everywhere=st.booleans(), culprit=culprits, ill=st.booleans())
    def judge(self, everywhere, culprit, ill):
        where = None if everywhere else self.practice
        self.conn.execute(BY_RULE, (ill, culprit, where))

        def change(switch):
            if ill:
                switch.recovering.discard(culprit)
                switch.ill.add(culprit)
            elif culprit in switch.ill:
                switch.ill.discard(culprit)
                switch.recovering.add(culprit)

        self.act(where, change)

    @rule(hours=st.sampled_from([True, False, None]))
    def follow_hours(self, hours):
        self.conn.execute(BY_HOURS, (self.practice, hours))
        self.act(self.practice, lambda switch: setattr(switch, "hours", hours))

    @rule()
    def let_time_pass(self):
        for step in AN_HOUR_LATER:
            self.conn.execute(step)

        def change(switch):
            switch.recovering.clear()
            if switch.ends:
                switch.hand, switch.ends = None, False

        for where in self.switches:
            self.act(where, change)

    @rule()
    def kill_or_start_the_process(self):
        if self.ears:
            self.ears.close()
            self.ears = None
        else:
            self.start()

    @invariant()
    def every_switch_is_as_the_model_says(self):
        found = {practice: (closed, by) for practice, closed, by in self.conn.execute(STATES)}
        untouched = (False, "")
        assert {where: found.get(where, untouched) for where in self.switches} == {
            where: switch.state for where, switch in self.switches.items()
        }

    @invariant()
    def each_change_was_told_once(self):
        told = sum(switch.told for switch in self.switches.values())
        assert self.conn.execute(TOLD).fetchone() == (told, told)
        assert self.conn.execute(MAILED).fetchone()[0] >= self.switches[self.practice].told

    @invariant()
    def hands_come_first_and_closed_before_open(self):
        states = [switch.state for switch in self.switches.values()]
        by_hand = [closed for closed, by in states if by == "hand"]
        expected = any(by_hand) if by_hand else any(closed for closed, _ in states)
        assert self.conn.execute(CLOSED, (self.practice,)).fetchone() == (expected,)
        if self.ears:
            if self.heard():
                self.read()
            assert (self.picture.closed("econsult", practice=self.practice) is not None) is expected


@pytest.mark.slow
def test_switches_do_what_a_plain_model_does(installation):
    with installation.connect() as conn:
        AgainstModel.conn, AgainstModel.dsn = conn, installation.dsn
        AgainstModel.practice = make_practice().pk
        run_state_machine_as_test(
            AgainstModel,
            settings=settings(
                max_examples=25, stateful_step_count=20, deadline=None, phases=[Phase.generate, Phase.shrink]
            ),
        )


def test_the_watch_may_close_and_open_and_nothing_else(installation):
    with installation.connect() as conn:
        conn.execute("call practices_admit_watch_v1()")
        conn.execute("call practices_admit_watch_v1()")  # again does no harm
        conn.execute("set role balie_watch")
        assert conn.execute(BY_RULE, (True, "proxy", None)).fetchone() == (True,)
        for forbidden in (
            "select * from practices_switch",
            "update practices_switch set closed = false",
            "select practices_switch_by_hand_v1('econsult', null, null, 'open', null, '', '', '', null, '', 'x')",
            "call practices_admit_watch_v1()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(forbidden)
