"""What the judge makes of what the watch said; and what each fault strikes."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from balie.rehearse.faults import KINDS, parse_fault
from balie.rehearse.judge.operations import Turn, Watched, Word, broken_by, read_watched, score
from balie.rehearse.operations.graph import PATTERN
from balie.rehearse.operations.table import render
from balie.rehearse.operations.truth import may_name, must_name

OPENED = 1_000_000.0
IDLE = 30.0


def window(text: str, *, start_s: float = 10, stop_s: float | None = 70) -> dict:
    fault = parse_fault(text)
    names = {
        "expected": ", ".join(sorted(must_name(fault))),
        "may_name": sorted(may_name(fault)),
    }
    return {"name": text, "start_s": start_s, "stop_s": stop_s, **names}


def watched(*named: tuple[float, str], closed_at: float | None = None) -> Watched:
    """These parts failed so many seconds after the opening, and were named two seconds later."""
    turns = [Turn(OPENED + at, node, "down", f"{node} does not answer") for at, node in named]
    words = [Word(OPENED + at + 2, "opened", frozenset({node}), "none", "") for at, node in named]
    return Watched(turns, words, [] if closed_at is None else [OPENED + closed_at])


def scored(windows: list[dict], said: Watched, *, cpu_percent: float = IDLE) -> tuple[list[dict], dict]:
    return score(windows, said, opens_at=OPENED, cpu_percent=cpu_percent)


def test_a_fault_that_was_named_in_time():
    [fault], operations = scored([window("smtp-slow=30@10+60")], watched((17, "mail")))
    assert (fault["named"], fault["detected_s"], fault["named_s"]) == (["mail"], 7.0, 9.0)
    assert (operations["late"], operations["wrongly_named"], operations["said"]) == ([], {}, 1)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (watched(), "mail was not named, but nothing"),
        (watched((5, "mail")), "mail was not named, but nothing"),  # before it began
        (watched((22, "mail")), "detected_s is 12.0, limit 10"),
        (Watched(watched((17, "mail")).turns, watched((27, "mail")).words), "named_s is 19.0, limit 15"),
    ],
)
def test_a_fault_that_was_named_late_or_not_at_all(said, why):
    assert scored([window("smtp-slow=30@10+60")], said)[1]["late"] == [f"smtp-slow=30@10+60: {why}"]


def test_on_a_machine_that_is_too_busy_times_are_told_and_not_judged():
    [fault], operations = scored([window("smtp-slow=30@10+60")], watched((30, "mail")), cpu_percent=75)
    assert fault["named_s"] == 22.0
    assert operations["late"]
    assert broken_by(operations) == {}


def test_naming_what_is_well_is_wrong():
    _, operations = scored([window("smtp-slow=30@10+60")], watched((17, "mail"), (20, "database")))
    assert broken_by(operations) == {
        "operations.late": [],
        "operations.wrongly_named": {"database": "database does not answer"},
    }


def test_a_quiet_night_in_which_something_is_said():
    assert scored([], watched((20, "pages")))[1]["wrongly_named"] == {"pages": "pages does not answer"}
    assert scored([], watched())[1] == {
        "said": 0,
        "wrongly_named": {},
        "late": [],
        "cpu_percent": IDLE,
        "timed": True,
    }


def test_two_at_once_are_both_named():
    windows = [window("smtp-refuse@10+60"), window("db-stop@12+60", start_s=12)]
    faults, operations = scored(windows, watched((17, "mail"), (18, "database")))
    assert [fault["named"] for fault in faults] == [["mail"], ["database"]]
    assert operations["late"] == []
    _, operations = scored(windows, watched((17, "mail")))
    assert operations["late"] == ["db-stop@12+60: database was not named, but nothing"]


def test_of_three_that_are_all_dead_all_are_named():
    two, three = ([(15, f"keyserver-{number}") for number in numbers] for numbers in ((1, 2), (1, 2, 3)))
    [fault], operations = scored([window("keyserver-down=all")], watched(*two))
    assert fault["named_s"] is None
    assert operations["late"]
    [fault], operations = scored([window("keyserver-down=all")], watched(*three, closed_at=18))
    assert (fault["named_s"], fault["closed_s"]) == (7.0, 8.0)
    assert operations["late"] == []


@pytest.mark.parametrize(
    ("text", "expected", "may"),
    [
        ("smtp-silent", {"mail"}, {"mail", "arrival"}),
        ("smtp-slow=30@10+8", set(), {"mail", "arrival"}),
        ("smtp-lose", {"arrival"}, {"arrival"}),
        ("worker-kill", set(), {"workers", "clock"}),
        ("worker-kill=all@10+20", {"workers"}, {"workers", "clock"}),
        ("web-kill@10+20", set(), {"live-1", "live-2"}),
        ("web-kill=pages@10+20", {"pages"}, {"pages"}),
        ("web-kill=pages", set(), {"pages"}),
        ("keyserver-down=2", set(), {"keyserver-2"}),
        ("route-dead=all", {"route-1", "route-2", "route-3"}, {"route-1", "route-2", "route-3"}),
        ("db-stop@10+20", {"database"}, {"database"}),
        ("db-stop@10+5", set(), {"database"}),
        ("clock-skew=5", set(), set()),
    ],
)
def test_what_a_fault_strikes(text, expected, may):
    fault = parse_fault(text)
    assert (must_name(fault), may_name(fault)) == (expected, may)


def test_every_part_that_a_fault_may_strike_is_in_the_graph():
    nodes = {line[6:-1] for line in PATTERN.read_text().splitlines() if line.startswith("[node.")}
    values = {"web-kill": ["live", "streams", "pages"]}
    for name, kind in KINDS.items():
        for value in values.get(name, ["all"] if "all" in kind.unit else [kind.default or ""]):
            text = f"{name}={value}" if value else f"{name}=1" if kind.default is None else name
            assert may_name(parse_fault(text)) <= nodes


def test_the_ledger_is_read(tmp_path):
    at = datetime(2027, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    with sqlite3.connect(tmp_path / "watch.sqlite") as conn:
        conn.execute("create table ops_transition (id integer primary key, at, node, before, after, evidence)")
        conn.execute("create table ops_entry (id integer primary key, at, what, culprits, effect, evidence)")
        row = (at.strftime("%Y-%m-%d %H:%M:%S.%f"), "mail", "up", "down", "no answer")
        conn.execute("insert into ops_transition (at, node, before, after, evidence) values (?, ?, ?, ?, ?)", row)
        later = (at + timedelta(seconds=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
        row = (later, "opened", '["mail"]', "none", "[]")
        conn.execute("insert into ops_entry (at, what, culprits, effect, evidence) values (?, ?, ?, ?, ?)", row)
    found = read_watched(tmp_path / "watch.sqlite")
    assert found.turns == [Turn(at.timestamp(), "mail", "down", "no answer")]
    assert found.words == [Word(at.timestamp() + 2, "opened", frozenset({"mail"}), "none", "[]")]


def test_the_page_of_all_faults():
    windows = [window("smtp-slow=30@10+60"), window("worker-kill")]
    faults, operations = scored(windows, watched((17, "mail"), (20, "database")))
    page = render(
        [{"scenario": "ordering", "faults": faults, "operations": operations}], day=datetime(2027, 1, 2, tzinfo=UTC)
    )
    assert "| `smtp-slow=30` | `mail` | `mail` | 7.0 | 9.0 |  |\n| `worker-kill` |  |  |  |  |  |\n" in page
    assert "Named although well: `database` (database does not answer)" in page
    assert "30 % (ordering)" in page
