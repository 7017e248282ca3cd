"""A report is written, published and read; what was agreed stays until it is done."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from balie.ops.incidents.models import Happening
from balie.ops.incidents.reports.models import FollowUp, Report
from balie.ops.incidents.reports.writing import PARTS
from balie.ordering.services.typesetting import NoPaperError

WORDS = {part: f"Tekst van {part}." for part in PARTS}


@pytest.fixture
def page(story) -> str:
    story.verdict()
    return f"/watch/incidents/{story.incident().pk}/report"


def close(story) -> None:
    story.verdict("closed")


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def write(staff, page: str, act: str = "", after: int | None = None, **parts: str):
    given = {} if after is None else {"after": str(after)}
    seen = re.search(r'name="after" value="(\d+)"', staff.ask("GET", page).text)
    return staff.fill(page, f"{page}{act}", **{"after": seen[1], **given, **WORDS, **parts})


def test_the_facts_are_there_before_anybody_wrote(staff, page):
    seen = text(staff.ask("GET", page).text)
    assert "Oorzaak genoemd: Webpagina's werken niet" in seen
    assert "Publiceren kan als het incident gesloten is" in seen


def test_what_was_sent_cannot_change_a_fact(staff, page, story):
    close(story)
    assert write(staff, page, "/publish", facts_nl="Alles ging goed.", facts_en="All was well.").status == 303
    report = Report.objects.get()
    assert "Alles ging goed" not in report.facts_nl
    assert report.facts_nl.startswith("## Wat er gebeurde, in minuten")
    assert "## What happened, in minutes" in report.facts_en


def test_a_draft_is_kept_and_nobody_else_reads_it(staff, page, story, tmp_path):
    assert write(staff, page, why_nl="", why_en="").status == 303
    assert "Tekst van happened_nl." in staff.ask("GET", page).text
    story.tick(30)
    assert not list((tmp_path / "public").glob("report*"))
    source = staff.ask("GET", f"{page}.md")
    assert source.headers["content-type"].startswith("text/markdown")
    assert "## Wat gebeurde er\n\nTekst van happened_nl." in source.text


def test_it_is_published_only_when_it_is_over_and_whole(staff, page, story):
    assert "Sluit eerst het incident" in write(staff, page, "/publish").text
    close(story)
    answer = write(staff, page, "/publish", why_en=" ")
    assert answer.status == 422
    assert "in beide talen" in answer.text
    assert "Tekst van doing_nl." in answer.text, "what was typed stays"
    assert not Report.objects.exists()


def test_everybody_reads_it_on_a_page_and_on_paper(staff, page, story, tmp_path):
    close(story)
    write(staff, page, "/publish", why_nl="Het was **vol** <b>.")
    FollowUp.objects.create(
        incident=story.incident(),
        what="Meet",
        owner="Anna",
        due=story.night.now.date() - timedelta(days=1),
        made_at=story.night.now,
        made_by="7",
    )
    for _ in range(3):
        story.tick()
    folder = tmp_path / "public"
    told = (folder / "report-1.html").read_text()
    assert "Het was <strong>vol</strong> &lt;b&gt;." in told
    assert "Wat er gebeurde, in minuten" in told
    assert "0 van 1 klaar. 1 is over tijd." in text(told)
    assert 'href="report-1.html"' in (folder / "2026.html").read_text()
    assert 'href="report-1-1-en.pdf"' in (folder / "report-1-en.html").read_text()
    assert (folder / "report-1-1.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "report-1-1-en.pdf").exists()
    assert Happening.objects.get(what="reported").who == "person 7"


def test_a_version_that_was_published_stays_while_the_next_is_written(staff, page, story, tmp_path):
    close(story)
    write(staff, page, "/publish")
    write(staff, page, happened_nl="Nog niet af.")
    assert "Daarna is nog iets bewaard" in staff.ask("GET", page).text
    story.tick()
    assert "Nog niet af" not in (tmp_path / "public" / "report-1.html").read_text()
    assert Report.objects.count() == 2


def test_who_saves_over_another_hears_it_and_loses_nothing(staff, page):
    assert write(staff, page).status == 303
    answer = write(staff, page, after=0, happened_nl="Van mij.")
    assert answer.status == 422
    assert "Iemand anders bewaarde intussen" in answer.text
    assert "Van mij." in answer.text
    assert 'name="after" value="0"' in answer.text, "nor by pressing again"
    assert write(staff, page, after=5).status == 422
    assert Report.objects.count() == 1


def test_a_paper_that_cannot_be_set_keeps_nothing_else_from_being_done(staff, page, story, tmp_path, monkeypatch):
    asked = []

    def refuses(*_given) -> bytes:
        asked.append(1)
        raise NoPaperError

    monkeypatch.setattr("balie.ops.incidents.reports.publishing.typeset", refuses)
    close(story)
    write(staff, page, "/publish")
    for _ in range(5):
        story.tick()
    assert len(asked) == 2, "once in each language"
    assert Path(tmp_path / "public" / "report-1.html").exists()


def test_what_was_agreed_is_to_be_seen_until_it_is_done_and_overdue_when_it_is(staff, page, story):
    assert staff.fill(page, f"{page}/follow-ups", what="Meet de proxy", owner="Anna", due="2026-11-22").status == 303
    listed = text(staff.ask("GET", "/watch/incidents/").text)
    assert "Meet de proxy" in listed
    assert "Over tijd" in listed
    row = FollowUp.objects.get()
    assert staff.fill(page, f"{page}/follow-ups/{row.pk}").status == 303
    first = FollowUp.objects.get()
    assert (first.done_by, first.done_at) == ("person 7", story.night.now)
    story.tick(60)
    staff.fill(page, f"{page}/follow-ups/{row.pk}")
    assert FollowUp.objects.get().done_at == first.done_at, "who was first stays"
    assert "Meet de proxy" not in staff.ask("GET", "/watch/incidents/").text
    assert "Klaar" in text(staff.ask("GET", page).text)
    assert list(Happening.objects.filter(what__in=["agreed", "done"]).values_list("what", flat=True)) == [
        "agreed",
        "done",
    ]


def test_an_agreement_needs_somebody_and_a_day(staff, page):
    assert staff.fill(page, f"{page}/follow-ups", what="Meet", owner="", due="2026-12-01").status == 422
    assert staff.fill(page, f"{page}/follow-ups", what="Meet", owner="Anna", due="straks").status == 422
    assert staff.fill(page, f"{page}/follow-ups/99").status == 404
    assert not FollowUp.objects.exists()
