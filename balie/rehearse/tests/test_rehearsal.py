"""A small night on a whole installation while things break: the command as people give it, to its exit status."""

import json
import os
import subprocess
import sys

import pytest

FAULTS = ("smtp-slow=10@0+15", "sms-silent", "web-kill@4", "worker-kill@8+3", "clock-skew=120")


# How fast it went, on a machine that runs other tests beside it: that is for the command to judge.
BUSY = {"calendar_age_ms.p99", "generator.lag_p99_ms", "logins.lag_p99_ms", "hot_paths.count", "hot_paths.p99_ratio"}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_thirty_practices_lose_nothing_while_mail_stalls_and_processes_die(tmp_path):
    options = ["--practices", "30", "--arrivals", "6", "--groups", "2"]
    for fault in FAULTS:
        options += ["--fault", fault]
    done, figures = rehearse(tmp_path, *options)
    assert set(figures["failed"]) <= BUSY, done.stdout
    # Half sleep: what `balie work` placed for them is stored, and no browser was told.
    assert (figures["orders"]["stored"], figures["orders"]["acknowledged"]) == (30, 15)
    assert figures["mail"] == {"expected": 30, "accepted": 30, "missing": 0}
    assert (figures["draw_verified"], figures["draws"]) == (True, 2)
    assert {fault["name"] for fault in figures["faults"]} == set(FAULTS)
    assert "Generale repetitie" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "logs" / "live-1.log").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thirty_people_log_in_by_the_real_pages_while_others_order(tmp_path):
    done, figures = rehearse(tmp_path, "--scenario", "login", "--practices", "30", "--arrivals", "6")
    assert set(figures["failed"]) <= BUSY, done.stdout
    logins, hot = figures["logins"], figures["hot_paths"]
    assert (figures["scenario"], logins["wanted"], logins["inside"]) == ("login", 30, 30)
    assert logins["second_step"] >= 1
    # A login that does not check its password with Argon2 takes no time.
    assert logins["cpu_ms_each"] > 5
    assert hot["quiet"]["confirm"]["count"] > 0
    assert hot["logins"]["confirm"]["count"] > 0
    assert figures["orders"]["acknowledged"] == figures["orders"]["stored"] == figures["practices"]
    assert "30 keer ingelogd" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "logs" / "login-1.log").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_forty_practices_change_cancel_and_swap_while_others_order(tmp_path):
    options = ["--scenario", "year", "--practices", "40", "--arrivals", "8", "--fault", "worker-kill@12+2"]
    done, figures = rehearse(tmp_path, *options)
    assert set(figures["failed"]) <= BUSY, done.stdout
    assert figures["scenario"] == "year"
    assert (figures["orders"]["lost"], figures["oversold_days"]) == (0, 0)
    assert figures["swaps"]["wanted"] >= figures["swaps"]["served"] > 0
    assert figures["changes"]["made"] > 0
    assert figures["offers"]["wanted"] >= figures["offers"]["made"] >= figures["offers"]["accepted"]
    assert figures["days"]["edited"] > 1
    assert "Wijzigingen" in (tmp_path / "report.html").read_text(encoding="utf-8")


def rehearse(folder, *options):
    """The command as people give it; its figures. It ends with 0 only when nothing failed."""
    command = [sys.executable, "-m", "balie.cli", "rehearse", *options]
    command += ["--report", str(folder), "--json", str(folder / "figures.json")]
    without = {"DATABASE_URL", "BALIE_SECRET_KEY", "DJANGO_SETTINGS_MODULE", "PYTHONWARNINGS"}
    environment = {name: value for name, value in os.environ.items() if name not in without}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (folder / "figures.json").exists(), done.stderr
    figures = json.loads((folder / "figures.json").read_text())
    assert done.returncode == (1 if figures["failed"] else 0)
    return done, figures
