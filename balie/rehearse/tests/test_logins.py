"""What logins do to those inside is measured against the same run's quiet, and too slow is too slow."""

import random
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from balie.rehearse.logins.arriving import Arrived
from balie.rehearse.logins.page import render_logins
from balie.rehearse.logins.people import Login
from balie.rehearse.logins.schedule import Schedule
from balie.rehearse.logins.verdict import judge_logins, spans_of
from balie.rehearse.rehearsal import Wish

ZERO = 1_800_000_000.0
NIGHT = {
    "verdict": "pass",
    "failed": [],
    "scenario": "ordering",
    "practices": 400,
    "faults": [],
    "orders": {"acknowledged": 400, "stored": 400, "lost": 0, "doubled": 0, "indeterminate": 0},
    "generator": {"lag_p99_ms": 3.0},
    "cpu": {"live": 12.0, "login": 88.0},
}


def login(at: float, *, takes_s: float = 4.0, failed: str = "") -> Login:
    return Login(7, began_at=ZERO + at, ended_at=ZERO + at + takes_s, waited_s=0.4, failed=failed)


def timeline(*, quiet_ms: float, busy_ms: float) -> list[tuple[float, str, float]]:
    """Ten confirmations a second for forty seconds; in the second half people log in."""
    return [(ZERO + n / 10 + ms / 1000, "confirm", ms) for n in range(400) for ms in [quiet_ms if n < 200 else busy_ms]]


def judged(*, busy_ms: float = 12.0, quiet_ms: float = 10.0, logins=None, lag_p99_ms: float = 2.0, night=NIGHT):
    logins = logins or [login(20 + n / 10) for n in range(160)]
    arrived = Arrived(logins, lag_p99_ms)
    points = timeline(quiet_ms=quiet_ms, busy_ms=busy_ms)
    return judge_logins(night, arrived, points, from_at=ZERO, to_at=ZERO + 40, cpu_s=8.0)


def test_a_little_slower_is_within_the_promise():
    report = judged()
    assert (report["verdict"], report["scenario"]) == ("pass", "login")
    assert report["hot_paths"]["p99_ratio"] == pytest.approx(1.2, abs=0.02)
    assert report["hot_paths"]["quiet"]["confirm"]["count"] == report["hot_paths"]["logins"]["confirm"]["count"] == 200
    assert report["logins"]["cpu_ms_each"] == 50.0


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"busy_ms": 16.0}, ["hot_paths.p99_ratio"]),
        ({"logins": [login(n / 10) for n in range(400)]}, ["hot_paths.count"]),
        ({"logins": [login(20), login(21, takes_s=18, failed="/account/login/: no answer (503)")]}, ["logins.failed"]),
        ({"lag_p99_ms": 900.0}, ["logins.lag_p99_ms"]),
        ({"night": NIGHT | {"failed": ["orders.lost"]}}, ["orders.lost"]),
    ],
)
def test_what_breaks_the_promise_is_named(changes, failed):
    report = judged(**changes)
    assert (report["verdict"], report["failed"]) == ("fail", failed)


def test_a_request_that_a_login_met_is_not_quiet():
    point = (ZERO + 10.2, "hold", 400.0)
    report = judge_logins(NIGHT, Arrived([login(10)], 0), [point], from_at=ZERO, to_at=ZERO + 40, cpu_s=0)
    assert report["hot_paths"]["logins"]["hold"]["count"] == 1
    assert report["hot_paths"]["quiet"] == {}


def test_logins_that_follow_each_other_are_one_stretch():
    assert spans_of([login(0), login(3), login(60)]) == [(ZERO, ZERO + 7), (ZERO + 60, ZERO + 64)]


@pytest.mark.parametrize(("arrivals_s", "blocks"), [(6, 2), (90, 2), (300, 5)])
def test_blocks_have_quiet_around_them_and_everybody_comes_in_one(arrivals_s, blocks):
    schedule = Schedule(arrivals_s=arrivals_s)
    begins = schedule.begins_s
    assert len(begins) == blocks
    assert schedule.block_s * blocks == pytest.approx(arrivals_s)
    edges = [*begins[1:], schedule.ends_s]
    assert all(after - begin - schedule.block_s > schedule.quiet_s for begin, after in zip(begins, edges, strict=True))
    for at in schedule.arrivals(1000, random.Random(1)):
        assert any(begin <= at <= begin + schedule.block_s for begin in begins)


@pytest.mark.parametrize(
    ("busy_ms", "words"),
    [
        (12.0, "160 keer ingelogd, wie binnen was merkte er niets van"),
        (30.0, "160 keer ingelogd, wie binnen was merkte het"),
    ],
)
def test_the_report_says_who_noticed(busy_ms, words):
    report = judged(busy_ms=busy_ms)
    night = SimpleNamespace(
        ended_at=ZERO + 40, measures=SimpleNamespace(timeline=timeline(quiet_ms=10, busy_ms=busy_ms))
    )
    outcome = SimpleNamespace(
        report=report,
        plan=SimpleNamespace(opens_at=ZERO),
        night=night,
        arrived=Arrived([login(20 + n / 10) for n in range(160)], 2.0),
        began_at=datetime(2027, 5, 28, 12, 6, tzinfo=UTC),
        duration_s=52.0,
    )
    page = render_logins(outcome, Wish(practices=160, arrivals_s=16), command="balie rehearse --scenario login")
    assert words in page
    assert "scenario inloggen" in page
    assert "Definitief bestellen, mensen loggen in" in page
    assert page.count('class="drawing"') == 3
