"""What is announced wakes nobody for as long as was announced, and everybody can read it; what is not, does."""

import re
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from balie.ops.incidents.availability import announced, of_year, stopped
from balie.ops.incidents.models import Incident, Update
from balie.ops.incidents.planning import until
from balie.ops.maintenance.acts import MaintenanceError, announce, cancel, extend
from balie.ops.maintenance.models import Maintenance, MaintenanceAct
from balie.ops.maintenance.windows import covered, touched
from balie.ops.models import Verdict

HOUR = timedelta(hours=1)
TEXTS = {"text_nl": "Wij vervangen een schijf.", "text_en": "We replace a disk."}


def plan(story, *, after: float = 60, lasts: float = 600, parts=("web",)) -> Maintenance:
    """`after` so many seconds; it lasts `lasts`."""
    begins_at = story.night.now + timedelta(seconds=after)
    until = begins_at + timedelta(seconds=lasts)
    return announce(begins_at=begins_at, ends_at=until, parts=parts, author="person 7", now=story.night.now, **TEXTS)


def woken(story) -> list[str]:
    """Titles of what was sent to anybody, once each."""
    return list(dict.fromkeys(message.title for message in story.night.sender.got))


def read(story, tmp_path, page: str = "index") -> str:
    story.tick(0)
    html = (tmp_path / "public" / f"{page}.html").read_text()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_nobody_is_woken_and_nothing_is_promised_while_it_lasts_as_announced(story):
    plan(story)
    story.tick(60)
    story.verdict()
    story.tick(300)
    story.verdict("closed")
    story.tick(HOUR.total_seconds())
    assert woken(story) == []
    assert not Incident.objects.exists()
    assert Verdict.objects.get().effect == "stopped", "what it did is recorded as ever"


def test_the_same_without_an_announcement_wakes_somebody(story):
    """The control."""
    story.tick(60)
    story.verdict()
    assert woken(story)
    assert Incident.objects.exists()


@pytest.mark.parametrize("before", [60, -5])
def test_it_counts_from_its_beginning_until_its_end(story, before):
    """One that fails a minute before it, or five seconds after it was over."""
    plan(story, after=120, lasts=120)
    story.tick(120 - before if before > 0 else 240 - before)
    story.verdict()
    assert woken(story)


def test_what_lasts_longer_than_announced_wakes_somebody_and_is_told(story):
    plan(story, lasts=600)
    story.tick(60)
    story.verdict()
    story.tick(598)
    assert woken(story) == []
    story.tick(10)
    assert woken(story) == ["Balie S-005: Webpagina's werken niet"]
    assert "Het onderhoud duurt langer dan aangekondigd." in story.night.sender.got[0].body
    incident = Incident.objects.get()
    assert incident.began_at == Maintenance.objects.get().ends_at
    assert Update.objects.get().text_nl.startswith(
        "Het onderhoud duurt langer dan aangekondigd. Niemand kan bestellen."
    )
    story.tick(5)
    assert len(woken(story)) == 1
    assert Incident.objects.count() == 1


def test_another_part_that_fails_meanwhile_is_no_maintenance(story):
    plan(story, parts=("mail",))
    story.tick(60)
    story.verdict()
    assert woken(story)
    assert not covered([], story.night.now), "nor what nobody knows the cause of"


def test_what_becomes_another_outage_meanwhile_wakes_somebody(story):
    plan(story)
    story.tick(60)
    story.verdict()
    assert woken(story) == []
    row = Verdict.objects.get()
    row.entries.create(
        at=story.night.now,
        what="changed",
        culprits=["web", "mail"],
        word="down",
        effect="stopped",
        functions={"ordering": "stopped"},
    )
    story.tick(2)
    assert woken(story)
    assert Incident.objects.exists()


def test_what_was_held_survives_a_restart_and_is_no_ticket_in_the_morning(story):
    plan(story)
    story.tick(60)
    story.verdict()
    story.restart()
    story.night.sender.got.clear()
    story.tick(60)
    story.verdict("closed")
    story.tick(8 * 3600)
    assert woken(story) == []


def test_extending_lets_people_sleep_and_being_ready_ends_it(story):
    window = plan(story, lasts=600)
    story.tick(60)
    story.verdict()
    extend(window, window.ends_at + HOUR, author="person 7", now=story.night.now)
    story.tick(700)
    assert woken(story) == []
    cancel(window, author="person 7", now=story.night.now)
    story.tick(2)
    assert woken(story)
    acts = MaintenanceAct.objects.order_by("pk").values_list("what", "who")
    assert list(acts) == [(what, "person 7") for what in ("announced", "extended", "cancelled")]


def test_acts_that_come_too_late_are_refused(story):
    window = plan(story, lasts=60)
    stale = Maintenance.objects.get()
    extend(window, window.ends_at + HOUR, author="7", now=story.night.now)
    with pytest.raises(MaintenanceError, match="over"):
        extend(stale, stale.ends_at + 2 * HOUR, author="8", now=story.night.now)
    with pytest.raises(MaintenanceError, match="turned"):
        extend(window, window.ends_at, author="7", now=story.night.now)
    with pytest.raises(MaintenanceError, match="too-long"):
        extend(window, window.ends_at + 24 * HOUR, author="7", now=story.night.now)
    with pytest.raises(MaintenanceError, match="over"):
        extend(window, window.ends_at + HOUR, author="7", now=window.ends_at)
    cancel(window, author="7", now=story.night.now)
    with pytest.raises(MaintenanceError, match="over"):
        cancel(window, author="7", now=story.night.now)
    assert MaintenanceAct.objects.count() == 3


@pytest.mark.parametrize(
    ("begins", "ends", "parts", "why"),
    [(0, 1, ["web"], "past"), (2, 1, ["web"], "turned"), (1, 26, ["web"], "too-long"), (1, 2, [], "no-parts"),
     (24 * 91, 24 * 91 + 1, ["web"], "too-far")],
)  # fmt: skip
def test_what_cannot_be_announced(story, begins, ends, parts, why):
    now = story.night.now
    with pytest.raises(MaintenanceError, match=why):
        announce(begins_at=now + begins * HOUR, ends_at=now + ends * HOUR, parts=parts, author="7", now=now, **TEXTS)


def test_everybody_reads_it_beforehand_meanwhile_and_after(story, tmp_path):
    plan(story)
    told = read(story, tmp_path)
    assert "Alles werkt" in told
    assert "Aangekondigd maandag 23 november om 03.01 uur tot 03.11 uur" in told
    assert "Wij vervangen een schijf. Kan er last van hebben: Bestellen." in told
    story.tick(60)
    told = read(story, tmp_path)
    assert "Er is aangekondigd onderhoud" in told
    assert re.search(r"Bestellen\s+onderhoud", told)
    assert "We replace a disk." in read(story, tmp_path, "index-en")
    story.tick(3600)
    assert "Klaar maandag" in read(story, tmp_path)
    story.tick(8 * 24 * 3600)
    assert "Wij vervangen" not in read(story, tmp_path)
    assert "Wij vervangen een schijf." in read(story, tmp_path, "2026"), "where it stays"


def test_what_was_announced_is_added_up_apart(story):
    story.tick(0)
    began = story.night.now
    plan(story, lasts=600)
    story.tick(60)
    story.verdict()
    Verdict.objects.update(first_failing_at=story.night.now)
    story.tick(600 + 300)
    now = story.night.now
    apart, counted = announced("ordering", now), stopped("ordering", now)
    year = of_year(counted, 2026, began, now, apart)
    assert (year.used, year.announced) == (6, 10)
    assert year.available > year.available_with_announced


def test_it_touches_what_stands_on_its_parts(story):
    assert touched(story.night.graph, ["web"]) == {"ordering"}
    assert touched(story.night.graph, ["mail"]) == set()


def test_people_announce_extend_and_cancel_on_the_console(staff, story):
    here = "/watch/maintenance/"
    given = {"begins": "2026-11-23T04:00", "ends": "2026-11-23T05:00", "part_web": "on", "part_gone": "on"}
    assert staff.fill(here, here, **given, **TEXTS).status == 303
    window = Maintenance.objects.get()
    assert (window.parts, window.begins_at) == (["web"], datetime.fromisoformat("2026-11-23T03:00:00+00:00"))
    assert staff.fill(here, f"{here}{window.pk}/extend", until="2026-11-23T06:00").status == 303
    assert staff.fill(here, f"{here}{window.pk}/extend", until="2026-11-23T05:30").status == 422
    assert staff.fill(here, f"{here}{window.pk}/cancel").status == 303
    seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", staff.ask("GET", here).text))
    assert "O-001: Afgezegd · persoon 7" in seen
    assert "O-001: Verlengd tot maandag 23 november om 06.00 uur · persoon 7" in seen


def test_what_is_wrong_with_an_announcement_is_said_and_what_was_typed_stays(staff):
    here = "/watch/maintenance/"
    answer = staff.fill(here, here, begins="2026-11-20T04:00", ends="2026-11-20T05:00", part_web="on", **TEXTS)
    assert answer.status == 422
    assert "Kondig het aan voordat het begint" in answer.text
    assert "Wij vervangen een schijf." in answer.text
    assert re.search(r'name="part_web" checked', answer.text)
    assert staff.fill(here, f"{here}9/cancel").status == 404
    assert not Maintenance.objects.exists()


def test_whoever_follows_the_feed_hears_each_thing_once(story, tmp_path):
    window = plan(story)
    story.tick(30)
    extend(window, window.ends_at + HOUR, author="person 7", now=story.night.now)
    story.tick(60)
    window.refresh_from_db()
    cancel(window, author="person 7", now=story.night.now)
    read(story, tmp_path)
    space = "{http://www.w3.org/2005/Atom}"
    entries = ET.parse(tmp_path / "public" / "feed.xml").getroot().findall(f"{space}entry")
    titles = [str(each.findtext(f"{space}title")) for each in entries]
    assert [title.partition(" – ")[2].split()[0] for title in titles] == ["Eerder", "Verlengd", "Aangekondigd,"]
    assert all(title.startswith(f"{window.number}: Onderhoud") for title in titles)
    assert all("Wij vervangen een schijf." in str(each.findtext(f"{space}content")) for each in entries)
    assert len({each.findtext(f"{space}id") for each in entries}) == 3


def test_its_end_is_said_with_its_day_only_where_that_is_another():
    begins_at = datetime.fromisoformat("2026-11-23T22:30:00+00:00")  # half past eleven in the evening
    assert until(begins_at, begins_at + timedelta(minutes=29)) == "23.59 uur"
    assert until(begins_at, begins_at + HOUR) == "dinsdag 24 november om 00.30 uur"
