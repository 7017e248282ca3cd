"""The public status page: what its files say, and that they stand by themselves."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from balie.ops.incidents.availability import of_year, stopped
from balie.ops.incidents.publishing import StatusPage
from balie.ops.models import Verdict

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def folder(story, tmp_path):
    return tmp_path / "public"


def text(path) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", path.read_text()))


def test_all_is_well_before_anything_happened(story, folder):
    story.tick()
    assert "Alles werkt" in text(folder / "index.html")
    assert "Everything works" in text(folder / "index-en.html")


def test_within_a_second_of_the_verdict_it_says_what_and_until_when(story, folder):
    story.tick()
    story.verdict()
    page = text(folder / "index.html")
    assert "Niemand kan bestellen" in page
    assert "Onze dienst is gewaarschuwd en zoekt het uit." in page
    assert "Volgende update uiterlijk om 03.30 uur" in page
    assert "Nobody can order" in text(folder / "index-en.html")


def test_a_promise_that_was_missed_and_one_that_was_kept_stay_to_be_seen(story, folder):
    story.verdict()
    story.say(minutes=30)
    story.tick(31 * 60)
    assert "Niet gehaald. De update was beloofd om 03.30 uur" in text(folder / "index.html")
    story.say("<b>Laat</b>", minutes=30)
    story.tick()
    story.say(closes=True)
    story.tick()
    year = text(folder / "2026.html")
    assert "te laat: beloofd om 03.30 uur" in year
    assert "belofte van 04.01 uur gehouden" in year
    assert "&lt;b&gt;Laat" in (folder / "2026.html").read_text()


def test_files_need_nothing_but_each_other(story, folder):
    story.verdict()
    for page in folder.glob("*.html"):
        html = page.read_text()
        assert "<script" not in html
        assert " style=" not in html
        out = re.findall(r'<a [^>]*href="(http[^"]+)', html)
        assert {urlsplit(each).path for each in out} <= {"/subscribe/", "/report/"}, "only for what files cannot do"
        for address in re.findall(r'(?:href|src)="(?!http)([^"#]+)', html):
            assert (folder / address).exists(), f"{page.name} leads to {address}"
    for sheet in folder.glob("assets/*.css"):
        for name in re.findall(r"url\([\"']?(?!data:|#)([^)\"']+)", sheet.read_text()):
            assert (sheet.parent / name).exists(), f"{sheet.name} loads {name}"


def test_the_feed_is_atom_with_the_newest_first(story, folder):
    story.verdict()
    story.say("Het is de proxy.", minutes=30)
    story.tick()
    atom = "{http://www.w3.org/2005/Atom}"
    root = ET.parse(folder / "feed.xml").getroot()
    entries = root.findall(f"{atom}entry")
    assert entries[0].findtext(f"{atom}content") == "Het is de proxy."
    assert len({each.findtext(f"{atom}id") for each in entries}) == 2


def test_it_is_written_again_every_half_minute_and_whenever_something_happened(story, folder, monkeypatch):
    written = []
    monkeypatch.setattr(StatusPage, "write", lambda _self, now: written.append(now))
    story.tick()
    story.tick()
    assert len(written) == 1
    story.verdict()
    assert len(written) == 2
    story.tick(30)
    assert len(written) == 3


def test_nobody_reads_half_a_file(story, folder, monkeypatch):
    """Until it is whole it has another name."""
    story.tick()
    before = (folder / "index.html").read_text()

    def dies(*_given) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", dies)
    story.verdict()
    assert (folder / "index.html").read_text() == before


def test_minutes_are_counted_from_the_first_failing_look_and_overlaps_once(story):
    story.night.now = BEGIN
    story.verdict(number=1)
    story.verdict(number=2)
    story.tick(600)
    story.verdict("changed", number=1, effect="degraded")
    story.verdict("closed", number=2)
    Verdict.objects.update(first_failing_at=BEGIN)  # which the night writes anew with every change
    [(begin, end)] = stopped("ordering", story.night.now)
    assert (begin, round((end - begin).total_seconds())) == (BEGIN, 603)


def test_a_year_allows_two_in_a_thousand_and_counts_what_was_watched():
    spells = [
        (BEGIN, BEGIN + timedelta(minutes=40, seconds=1)),
        (BEGIN + timedelta(days=1), BEGIN + timedelta(days=1, minutes=33)),
        (BEGIN - timedelta(days=300), BEGIN - timedelta(days=299)),
    ]
    year = of_year(spells, 2026, BEGIN - timedelta(days=1), BEGIN + timedelta(days=9))
    assert (year.spells, year.used, year.allowed) == ((41, 33), 74, 1051)
    assert (year.watched, year.available) == (14_400, 99.486)
