"""Incidents of the past, told from a rehearsal."""

import json

import pytest

from balie.rehearse.operations.replay import BEGIN, END, STEPS, THEN, computed, main

TALKS = {
    "scenario": "consult",
    "practices": 20,
    "verdict": "pass",
    "failed": [],
    "operations": {"cpu_percent": 18.2},
    "messages": {"sent": 300, "lost": 0, "stopped": 0},
    "unlocks": {"tried": 22, "succeeded": 22, "with_faults": 5},
}
NIGHT = {
    "scenario": "ordering",
    "practices": 300,
    "verdict": "fail",
    "failed": ["calendar_age_ms.p99"],
    "operations": {"cpu_percent": 100.0},
    "orders": {"stored": 290, "lost": 0, "doubled": 0},
    "oversold_days": 0,
    "wrongly_expired": 0,
    "queue_inversions": 0,
    "calendar_age_ms": {"p99": 210},
    "latency_ms": {"hold": {"p99": 40}, "confirm": {"p99": 50}},
    "mail": {"expected": 290, "missing": 0},
    "generator": {"lag_p99_ms": 20},
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "report.json").write_text(json.dumps(TALKS))
    minutes = {"began": 0.0, "detected": 0.05, "named": 0.1, "closed": None}
    (tmp_path / "logs" / "incidents.json").write_text(json.dumps(minutes))
    (tmp_path / "logs" / "incidents-en.md").write_text("# Report of I-001\n\n## In minutes\n\n| a | b |\n")
    return tmp_path


def test_minutes_then_and_now_stand_side_by_side(folder):
    told = computed("2023-08-19", folder)
    assert "| The cause was named | 405 | 0.10 |" in told
    assert "| The function was closed | 120: by phone, post by post | – |" in told
    assert "Of 22 who opened their conversations on a fresh device 22 could" in told
    assert "## What the ledger of the rehearsal says\n\n## Report of I-001\n\n### In minutes" in told


def test_a_night_says_what_practices_got_done(folder):
    (folder / "report.json").write_text(json.dumps(NIGHT))
    told = computed("2024-06-03", folder)
    assert "300 practices placed 290 orders: 0 lost" in told
    assert "holding a date took 40 ms and confirming 50 ms" in told
    (folder / "report.json").write_text(json.dumps(NIGHT | {"generator": {"lag_p99_ms": 14_000}}))
    assert "The load itself came up to 14 s late" in computed("2024-06-03", folder)
    assert "holding a date" not in computed("2024-06-03", folder)
    assert "**fail** (`calendar_age_ms.p99`); all processors together were busy for 100 %" in told


def test_every_step_has_its_then():
    assert all(then.keys() == STEPS.keys() for then in THEN.values())


def test_a_page_is_written_again_between_its_marks_alone(folder, monkeypatch):
    page = folder / "page.md"
    page.write_text(f"before\n{BEGIN}\nstale words\n{END}\nafter\n")
    monkeypatch.setattr("sys.argv", ["replay", "2023-08-19", str(folder), str(page)])
    main()
    once = page.read_text()
    assert once.startswith("before\n")
    assert once.endswith(f"{END}\nafter\n")
    assert "stale words" not in once
    main()
    assert page.read_text() == once
