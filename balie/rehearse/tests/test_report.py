"""The report stands by itself, says what happened, and shades what we broke."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from balie.lib.plots import Window
from balie.rehearse.judge.sampling import Sample
from balie.rehearse.report import Story, render_report

ZERO = 1_800_000_000.0
DAYS = [f"2027-10-{day:02}" for day in range(4, 30)]


def report(**changes) -> dict:
    return {
        "verdict": "pass",
        "failed": [],
        "scenario": "ordering",
        "practices": 500,
        "faults": [{"name": "smtp-slow=30", "says": "Mailserver 30 s traag <nu>", "start_s": 20, "stop_s": 80}],
        "orders": {"acknowledged": 500, "stored": 500, "lost": 0, "doubled": 0, "indeterminate": 7},
        "oversold_days": 0,
        "wrongly_expired": 0,
        "queue_inversions": 0,
        "draw_verified": True,
        "mail": {"expected": 500, "accepted": 500, "missing": 0},
        "calendar_age_ms": {"p99": 420.4},
        "latency_ms": {"join": {"p50": 4.0, "p99": 12.5}, "confirm": {"p50": 8.0, "p99": 24.0}, "deliver": {}},
        "notes": {"lapsed_on_purpose": 41, "unfinished": {}},
        "generator": {"lag_p99_ms": 4.1, "cpu_percent": 38.0},
        "cpu": {"live": 41.0},
    } | changes


def story(**changes) -> Story:
    samples = [
        Sample(
            at=ZERO + s,
            tickets=500,
            called=min(500, s * 5),
            inside=20,
            orders=s * 4,
            mail_waiting=s,
            fill=dict.fromkeys(DAYS, s / 100),
        )
        for s in range(0, 100, 5)
    ]
    return Story(
        report=report(**changes),
        command="balie rehearse --practices 500 --fault smtp-slow=30@20+60",
        began_at=datetime(2027, 5, 28, 12, 6, tzinfo=UTC),
        duration_s=184,
        arrivals_s=90,
        cores=2,
        opens_at=ZERO,
        ended_at=ZERO + 110,
        arrivals=[ZERO - 30 + s / 5 for s in range(500)],
        samples=samples,
        timeline=[(ZERO + s / 4, "confirm", 10.0 + s % 7) for s in range(400)],
        ages=[(ZERO + s / 4, 300.0 + s % 50) for s in range(400)],
        windows=[Window(start_s=20, stop_s=80, label="smtp-slow=30")],
    )


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        for name, value in attrs:
            assert not (name in {"src", "href"} and value.startswith(("http", "//"))), value

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    return render_report(story())


def test_it_says_what_happened_in_dutch(page):
    text = re.sub(r"\s+", " ", " ".join(read(page).texts))
    for words in (
        "500 praktijken, 1 fout, niets verloren",
        "Geslaagd",
        "Duur 3 min 4 s · aankomst in 90 s · 2 kernen",
        "Bestellingen verloren: 0",
        "7 onzekere antwoorden, elk hooguit één keer",
        "41 met opzet laten verlopen",
        "loting nagerekend: klopt",
        "20 tot 80 s",
        "12,5 ms",
    ):
        assert words in text


def read(page: str) -> Outline:
    outline = Outline()
    outline.feed(page)
    return outline


def test_it_needs_nothing_beside_it_and_promises_come_before_plots(page):
    outline = read(page)
    assert outline.tags.count("svg") >= 6
    assert not {"link", "script", "img", "iframe"} & set(outline.tags)
    assert page.index('id="beloften"') < page.index('id="verloop"') < page.index('class="drawing"')
    assert len(outline.ids) == len(set(outline.ids))


def test_plots_follow_the_theme_and_shade_the_fault(page):
    assert "var(--balie-color-fault)" in page
    assert page.count(" smtp-slow=30</text>") == 5
    assert "#5a1d4f" not in page[page.index("<body>") :]


def test_what_was_said_by_others_is_escaped(page):
    assert "traag &lt;nu&gt;" in page


def test_a_broken_promise_is_said_first():
    page = render_report(story(verdict="fail", failed=["oversold_days"], oversold_days=2))
    text = " ".join(read(page).texts)
    assert "belofte gebroken" in text
    assert "Niet geslaagd" in text
    assert page.count("check--broken") == 1 + 2  # the class in the style sheet, and one promise
