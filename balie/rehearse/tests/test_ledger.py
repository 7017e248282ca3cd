"""Reading what a watch wrote down, and counting what arrived."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from balie.rehearse.judge.ledger import Told, Turn, Word, count_doubled, read_watched

TABLES = """
create table ops_transition (id integer primary key, at, node, before, after, evidence);
create table ops_entry (id integer primary key, at, what, culprits, effect, evidence, functions, verdict_id);
create table ops_page (id integer primary key, kind, verdict, subject, effect, resolved_at);
create table ops_escalation (id integer primary key, page_id, round, began_at, levels, acknowledged_at);
create table ops_notification (id integer primary key, escalation_id, what, step, person, channel, claimed_at, ended_at,
                               outcome);
create table ops_incident (id integer primary key, verdict);
create table ops_update (id integer primary key, incident_id);
"""
BEGAN = datetime(2027, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
WACHT = {"person": "wacht", "channels": ["text"]}
LEVELS = [{"after_s": 0, "people": [WACHT]}, {"after_s": 30, "people": [WACHT | {"person": "achterwacht"}]}]


def moment(seconds: float) -> str:
    return (BEGAN + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")


@pytest.fixture
def ledger(tmp_path):
    """An outage of mail, of which the first level was told; the second was not yet to be."""
    file = tmp_path / "watch" / "watch.sqlite"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as conn, conn:
        conn.executescript(TABLES)
        conn.execute("insert into ops_transition values (1, ?, 'mail', 'up', 'down', 'no answer')", [moment(0)])
        said = (moment(2), '["mail"]', '{"mail": "degraded"}')
        conn.execute("insert into ops_entry values (1, ?, 'opened', ?, 'degraded', '[]', ?, 7)", said)
        conn.execute("insert into ops_page values (1, 'outage', 7, 'verdict:7', 'degraded', null)")
        conn.execute("insert into ops_page values (2, 'test', null, 'test:wacht', 'none', null)")
        conn.execute("insert into ops_escalation values (1, 1, 1, ?, ?, null)", [moment(3), json.dumps(LEVELS)])
        conn.execute("insert into ops_escalation values (2, 2, 1, ?, '[]', null)", [moment(0)])
        claim(conn, 1, 0, "wacht", at=3)
        claim(conn, 2, 0, "wacht", at=0)
        conn.execute("insert into ops_incident values (1, 7)")
        conn.execute("insert into ops_update values (4, 1)")
    return file


def claim(conn, escalation, step, person, *, at):
    conn.execute(
        "insert into ops_notification (escalation_id, what, step, person, channel, claimed_at, ended_at, outcome)"
        " values (?, 'page', ?, ?, 'text', ?, ?, ?)",
        [escalation, step, person, moment(at), moment(at + 1), "sent"],
    )


def change(file, statement, *values):
    with closing(sqlite3.connect(file)) as conn, conn:
        conn.execute(statement, values)


def test_the_ledger_is_read(ledger):
    at, mail = BEGAN.timestamp(), frozenset({"mail"})
    found = read_watched(ledger, seen={4: at + 5}, until=at + 20)
    assert found.turns == [Turn(at, "mail", "down", "no answer")]
    assert found.words == [Word(at + 2, "opened", mail, "degraded", "[]", {"mail": "degraded"}, "watch 7")]
    assert found.pages == [Told(at + 4, mail, outage="watch 7")], "a proof of a channel wakes nobody"
    assert found.posts == [Told(at + 5, mail, outage="watch 7")]
    assert found.untold == []
    assert read_watched(ledger).posts == [], "written is not yet read"


def test_a_message_that_its_transport_refused_told_nobody(ledger):
    change(ledger, "update ops_notification set outcome = 'refused'")
    assert read_watched(ledger).pages == []


def test_a_step_whose_time_came_and_that_nobody_sent(ledger):
    step = ["escalation 1, step 1: achterwacht by text"]
    assert untold(ledger, after_s=62) == [], "half a minute is given, since whoever sends may be killed"
    assert untold(ledger, after_s=64) == step
    change(ledger, "update ops_page set resolved_at = ?", moment(40))
    assert untold(ledger, after_s=64) == [], "it was over by then"
    change(ledger, "update ops_page set resolved_at = ?", moment(90))
    assert untold(ledger, after_s=99) == step
    change(ledger, "update ops_escalation set acknowledged_at = ?", moment(9))
    assert untold(ledger, after_s=99) == [], "somebody had it"
    change(ledger, "update ops_escalation set acknowledged_at = null")
    with closing(sqlite3.connect(ledger)) as conn, conn:
        claim(conn, 1, 1, "achterwacht", at=33)
    assert untold(ledger, after_s=99) == []


def untold(ledger, *, after_s):
    return read_watched(ledger, until=BEGAN.timestamp() + after_s).untold


def test_more_messages_arrived_than_were_meant(ledger):
    people = {"+31600000001": "wacht"}
    text = {"to": "+31600000001", "words": "Balie S-001: De mailserver werkt niet"}
    again = text | {"words": "Herhaling 2: Balie S-001: De mailserver werkt niet"}
    assert doubled(ledger, [text, text], people) == {}, "the proof of the channel, and the page"
    assert doubled(ledger, [text, text, again], people) == {}, "that says that it may be there twice"
    assert doubled(ledger, [text, text, text], people) == {"wacht": 1}


def doubled(ledger, arrived, people):
    return count_doubled(arrived, [ledger], channel="text", people=people)
