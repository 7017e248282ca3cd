"""What came of talking: each harm is seen for what it is, and a whole rehearsal with dead key servers passes."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from balie.rehearse.measure import Measures
from balie.rehearse.rehearsal import Wish
from balie.rehearse.talks.page import render_talks
from balie.rehearse.talks.scenario import AFTER_KILL_S, _closed
from balie.rehearse.talks.searching import Searched
from balie.rehearse.talks.shifts import Shift
from balie.rehearse.talks.snoops import Pried
from balie.rehearse.talks.verdict import STOPPED_S, Circle, Talked, judge_talks
from balie.rehearse.talks.voices import Heard, Said, Unlocking

GROUP = "the conversation"


def said(message: str, author: int, meant_at: float, *, acked: bool = True) -> Said:
    return Said(message, GROUP, author, meant_at, acked_at=meant_at + 0.02 if acked else 0.0, place=1)


def talked() -> Talked:
    """Three talk; the third is taken out at 50 and gets nothing of what comes after. The second begins a shift."""
    return Talked(
        circles=[Circle(GROUP, [0, 1], removed=2, removed_at=50.0)],
        said=[said("a", 0, 10), said("b", 1, 20), said("c", 0, 60)],
        shifts=[Shift(1, GROUP, 40.0, 41.2, "", read=["a", "b"], wrote="c")],
        heard=[
            Heard(0, read={"a": 10.2, "b": 20.3, "c": 60.1}, unreadable=[], got={"a": 1, "b": 2, "c": 3}),
            Heard(1, read={"a": 10.5, "b": 20.1, "c": 60.4}, unreadable=[], got={"a": 1, "b": 2, "c": 3}),
            Heard(2, read={"a": 10.4, "b": 20.4}, unreadable=[], got={"a": 1, "b": 2}),
        ],
        outsiders=[Heard(3, read={}, unreadable=[], got={})],
        pried=[Pried(2, 3, opened=["a", "b"]), Pried(3, 3, opened=[])],
        unlockings=[Unlocking(0, 12.0, 12.1, "", []), Unlocking(1, 30.0, 30.3, "", ["oost nonce: unreachable"])],
        stored=[(GROUP, "a", 1), (GROUP, "b", 2), (GROUP, "c", 3)],
    )


SATURDAY = {"started": 8, "answered": 7, "phoned": 1, "told": 2, "lost": 0, "doubled": 0} | {
    "out_of_order_urgency": 0,
    "told_late": 0,
    "moved": 1,
}


def judged(
    found: Talked,
    *,
    closed=(),
    econsults=SATURDAY,
    lag=2.0,
    traces=(),
    control=("table public.practices_person: text",),
):
    searched = Searched(sources=90, bytes=1_000_000, found=list(traces), control=list(control))
    return judge_talks(
        found,
        searched,
        people=3,
        faults=[],
        closed=closed,
        latencies={},
        econsults=econsults,
        generator={"lag_p99_ms": lag},
        cpu={"live": 9.0},
    )


def test_all_is_well():
    report = judged(talked())
    assert (report["verdict"], report["failed"]) == ("pass", [])
    assert report["messages"] == {
        "sent": 3,
        "stored": 3,
        "delivered": 3,
        "lost": 0,
        "doubled": 0,
        "out_of_order": 0,
        "unreadable": 0,
        "leaked": 0,
        "stopped": 0,
        "indeterminate": 0,
    }
    assert report["shifts"] == {"tried": 1, "begun": 1, "without_key_servers": 0}
    p99 = pytest.approx(300, rel=0.01)
    assert report["unlocks"] == {"tried": 2, "succeeded": 2, "not_promised": 0, "with_faults": 1, "p99_ms": p99}
    assert report["latency_ms"]["deliver"]["count"] == 5


def lose(found):
    found.stored.pop()


def double(found):
    found.stored.append((GROUP, "a", 4))


def share_a_place(found):
    found.said.append(said("d", 0, 60))
    found.stored.append((GROUP, "d", 3))
    found.heard[1].read["d"] = 70.2


def keep_unreadable(found):
    del found.heard[1].read["c"]


def leak_to_the_removed(found):
    found.heard[2].got["c"] = 3


def leak_to_an_outsider(found):
    found.outsiders[0].got["a"] = 1


def swap_places(found):
    found.stored[:2] = [(GROUP, "a", 2), (GROUP, "b", 1)]


def open_when_removed(found):
    found.pried[0].opened.append("c")


def open_as_an_outsider(found):
    found.pried[1].opened.append("a")


def keep_waiting(found):
    found.said[1].acked_at = found.said[1].meant_at + STOPPED_S + 1


def keep_from_a_shift(found):
    found.shifts[0].failed = "unopenable"


def begin_a_shift_without_history(found):
    found.shifts[0].read.remove("a")


def lock_out(found):
    found.unlockings.append(Unlocking(2, 40.0, 42.8, "fewer than two key servers helped", []))


@pytest.mark.parametrize(
    ("harm", "failed"),
    [
        (lose, ["messages.lost"]),
        (double, ["messages.doubled"]),
        (share_a_place, ["messages.doubled"]),
        (keep_unreadable, ["messages.unreadable", "messages.delivered"]),
        (leak_to_the_removed, ["messages.leaked"]),
        (leak_to_an_outsider, ["messages.leaked"]),
        (swap_places, ["messages.out_of_order"]),
        (open_when_removed, ["messages.leaked"]),
        (open_as_an_outsider, ["messages.leaked"]),
        (keep_waiting, ["messages.stopped"]),
        (keep_from_a_shift, ["shifts.begun"]),
        (begin_a_shift_without_history, ["shifts.begun"]),
        (lock_out, ["unlocks.succeeded"]),
    ],
)
def test_each_harm_is_named(harm, failed):
    found = talked()
    harm(found)
    report = judged(found)
    assert (report["verdict"], report["failed"]) == ("fail", failed)


def test_an_econsult_out_of_order_fails():
    report = judged(talked(), econsults=SATURDAY | {"out_of_order_urgency": 1})
    assert (report["verdict"], report["failed"]) == ("fail", ["econsults.out_of_order_urgency"])
    assert report["econsults"]["out_of_order_urgency"] == 1


def test_a_trace_fails():
    assert judged(talked(), traces=["table public.consult_message: text"])["failed"] == ["traces.found"]


def test_a_search_that_did_not_find_what_must_be_there_proves_nothing():
    assert judged(talked(), control=())["failed"] == ["traces.control"]


def test_a_shift_that_needed_no_key_server_is_counted():
    report = judged(talked(), closed=[(39.0, 45.0)])
    assert report["shifts"]["without_key_servers"] == 1


def test_a_generator_that_was_late_fails():
    assert judged(talked(), lag=900.0)["failed"] == ["generator.lag_p99_ms"]


def test_nobody_was_promised_to_unlock_while_two_were_down():
    found = talked()
    lock_out(found)
    report = judged(found, closed=[(35.0, 45.0)])
    assert (report["verdict"], report["unlocks"]["not_promised"]) == ("pass", 1)


@pytest.mark.parametrize(
    ("faults", "closed"),
    [
        ([("keyserver-down=1", 10, 20)], []),
        ([("keyserver-down=1", 10, 20), ("route-dead=all", 10, 20)], []),
        ([("keyserver-down=1", 10, 20), ("keyserver-down=1", 15, 20)], []),
        ([("keyserver-down=1", 10, 20), ("keyserver-down=2", 15, 40)], [(115, 120 + AFTER_KILL_S)]),
        ([("keyserver-slow=1", 10, 20), ("keyserver-down=2", 15, 40)], [(115, 120 + AFTER_KILL_S)]),
        ([("keyserver-down=1", 10, 20), ("keyserver-down=2", 60, 70)], []),
        ([("keyserver-down=all@5+5", 5, 10)], [(105, 110 + AFTER_KILL_S)] * 3),
    ],
)
def test_two_that_are_down_at_once_close_the_door(faults, closed):
    windows = [{"name": name, "start_s": start, "stop_s": stop} for name, start, stop in faults]
    assert _closed(windows, 100) == closed


def test_the_report_tells_it_in_dutch():
    found = talked()
    measures = Measures()
    measures.add("send", started_at=10.0, ended_at=10.02)
    measures.add("unlock", started_at=12.0, ended_at=12.1)
    outcome = SimpleNamespace(
        report=judged(found),
        talked=found,
        measures=measures,
        opens_at=0.0,
        ended_at=80.0,
        began_at=datetime(2027, 5, 28, 12, 6, tzinfo=UTC),
        duration_s=80.0,
    )
    page = render_talks(outcome, Wish(practices=3, arrivals_s=70), command="balie rehearse --scenario consult")
    assert "3 berichten, alles kwam aan" in page
    assert "Ontgrendeld op een vers apparaat: 2 van 2" in page
    assert "Dienst begonnen op een vers profiel: 1 van 1" in page
    assert "90 tabellen, logs, mails en metingen doorzocht, 1 MB" in page
    assert "E-consulten verloren of dubbel: 0" in page
    assert "Tegen de urgentie in opgepakt: 0" in page
    assert page.count('class="drawing"') == 2


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_rehearsal_with_all_key_servers_dead_and_more_passes(tmp_path):
    figures = tmp_path / "figures.json"
    words = ["rehearse", "--scenario", "consult", "--practices", "10", "--arrivals", "10", "--json", str(figures)]
    names = ["keyserver-slow=1@0+4", "route-dead=2", "keyserver-down=all@4", "smtp-slow=30", "worker-kill@2"]
    faults = [word for name in names for word in ("--fault", name)]
    command = [sys.executable, "-m", "balie.cli", *words, *faults]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(figures.read_text())
    assert report["messages"]["sent"] == report["messages"]["delivered"] > 10
    unlocks, shifts = report["unlocks"], report["shifts"]
    assert unlocks["succeeded"] + unlocks["not_promised"] == unlocks["tried"] == 12
    assert unlocks["succeeded"] > 0
    assert (shifts["begun"], shifts["without_key_servers"]) == (2, 1)
    econsults = report["econsults"]
    assert econsults["started"] == econsults["answered"] + econsults["phoned"]
    assert econsults["started"] + econsults["turned_away"] == 10
    assert min(econsults["moved"], econsults["phoned"]) >= 1
    assert econsults["lost"] == econsults["out_of_order_urgency"] == econsults["told_late"] == 0
    assert sorted(each["name"] for each in report["faults"]) == sorted(names)
    assert report["traces"]["sources"] > 50
