"""Whoever reads the status page by other ways hears of planned maintenance too: each thing once."""

import email
import json
from datetime import timedelta

import pytest

from balie.ops.maintenance import acts
from balie.ops.maintenance.acts import cancel, end_past, extend
from balie.ops.maintenance.models import Maintenance, MaintenanceAct
from balie.ops.maintenance.tests.test_maintenance import HOUR, plan
from balie.ops.models import Verdict
from balie.ops.subscribers import ledger
from balie.ops.subscribers.joining import Channel, join_post
from balie.ops.subscribers.models import Sending, Spread

ANNA = "anna@praktijk.example"


def mails(readers) -> list[tuple[str, str]]:
    """(subject, text) of everything that was told by mail, in order."""
    read = [
        email.message_from_bytes(each.content, policy=email.policy.default)
        for each in readers.post.got
        if not each.asks and each.channel == Channel.MAIL
    ]
    return [(str(each["Subject"]), each.get_content()) for each in read]


def subjects(readers) -> list[str]:
    return [subject for subject, _text in mails(readers)]


def wait(readers, seconds: float) -> None:
    """The watch goes on, its subscribers beside it."""
    readers.story.tick(seconds)
    readers.settle()


def test_they_hear_that_it_is_announced_takes_longer_and_is_over(readers):
    readers.join(ANNA)
    window = plan(readers.story, after=60, lasts=600)
    wait(readers, 1)
    extend(window, window.ends_at + HOUR, author="person 7", now=readers.now)
    wait(readers, 600 + 3600 + 120)
    wait(readers, 3600)
    number = window.number
    assert subjects(readers) == [
        f"Balie {number}: onderhoud aangekondigd",
        f"Balie {number}: onderhoud duurt langer",
        f"Balie {number}: onderhoud is klaar",
    ]
    announced, longer, over = (text for _subject, text in mails(readers))
    assert "Van maandag 23 november om 03.01 uur tot 03.11 uur." in announced
    assert "Wij vervangen een schijf." in announced
    assert "Kan er last van hebben: Bestellen." in announced
    assert "om 03.01 uur tot 04.11 uur." in longer
    assert "Het onderhoud is klaar sinds maandag 23 november om" in over
    assert "/report/" in over
    assert all("Geen bericht meer? Meld u af:" in text for text in (announced, longer, over))


@pytest.mark.parametrize(
    ("after", "said"), [(1, "onderhoud gaat niet door"), (120, "onderhoud is klaar")], ids=["before", "meanwhile"]
)
def test_what_is_called_off_never_was_and_what_is_ready_early_is_over(readers, after, said):
    readers.join(ANNA)
    window = plan(readers.story, after=60, lasts=600)
    wait(readers, after)
    cancel(window, author="person 7", now=readers.now)
    wait(readers, 2)
    wait(readers, 3600)
    assert subjects(readers)[1:] == [f"Balie {window.number}: {said}"]


def test_what_still_fails_at_its_end_is_an_outage_and_over_only_after(readers):
    readers.join(ANNA)
    window = plan(readers.story, after=60, lasts=600)
    wait(readers, 120)
    readers.story.verdict()
    wait(readers, 700)
    assert [each.partition(": ")[2] for each in subjects(readers)] == [
        "onderhoud aangekondigd",
        "Niemand kan bestellen",
    ]
    assert "Het onderhoud duurt langer dan aangekondigd." in mails(readers)[1][1]
    readers.story.verdict("closed", effect="none")
    wait(readers, 2)
    assert subjects(readers)[-1] == f"Balie {window.number}: onderhoud is klaar"
    assert subjects(readers).count(f"Balie {window.number}: onderhoud is klaar") == 1


def test_what_nobody_notices_does_not_keep_it_from_being_over(readers):
    plan(readers.story, after=60, lasts=600)
    wait(readers, 120)
    readers.story.verdict(effect="none")
    wait(readers, 700)
    assert Maintenance.objects.get().ended_at
    assert Verdict.objects.get().closed_at is None


def test_somebody_hears_only_of_what_they_chose(readers):
    readers.join(ANNA, components=("ordering",))
    readers.join("bram@praktijk.example", components=("mail",))
    plan(readers.story)
    wait(readers, 1)
    assert [address for address, _ in readers.told()] == [ANNA]


def test_whoever_subscribes_later_hears_what_comes_after(readers):
    window = plan(readers.story, after=3600)
    readers.join(ANNA)
    wait(readers, 1)
    assert subjects(readers) == []
    extend(window, window.ends_at + HOUR, author="person 7", now=readers.now)
    wait(readers, 1)
    assert subjects(readers) == [f"Balie {window.number}: onderhoud duurt langer"]


def test_a_program_reads_it_as_json_and_a_practice_in_its_mail(readers):
    readers.join("https://praktijk.example/hook", channel=Channel.WEBHOOK)
    join_post(5, readers.now)
    window = plan(readers.story)
    wait(readers, 1)
    told = {each.channel: json.loads(each.content) for each in readers.post.got if not each.asks}
    assert told["webhook"] == {
        "type": "maintenance.announced",
        "maintenance": window.number,
        "at": told["webhook"]["at"],
        "begins_at": window.begins_at.isoformat(),
        "ends_at": window.ends_at.isoformat(),
        "text": {"nl": "Wij vervangen een schijf.", "en": "We replace a disk."},
        "components": ["ordering"],
        "page": told["webhook"]["page"],
        "id": told["webhook"]["id"],
        "leave": told["webhook"]["leave"],
    }
    assert told["post"]["subject"] == f"Balie {window.number}: onderhoud aangekondigd"


def test_what_is_written_down_again_is_one_row(readers):
    """As by a second watch that had not seen the first one's mark."""
    readers.join(ANNA)
    plan(readers.story)
    graph = readers.story.night.graph
    ledger.plan(graph, readers.now)
    Spread.objects.all().delete()
    ledger.plan(graph, readers.now)
    assert Sending.objects.exclude(act_told=None).count() == 1


def test_two_watches_say_once_that_it_is_over(readers):
    window = plan(readers.story, after=60, lasts=60)
    stale = Maintenance.objects.get()
    later = readers.now + timedelta(seconds=121)
    end_past(later)
    assert not acts._end(stale, later), "whoever read it before the other said so"
    assert [each.what for each in window.acts.order_by("pk")] == ["announced", "ended"]


def test_without_that_guard_they_say_it_twice(readers, monkeypatch):
    """The control: whoever finds it past says so."""
    plan(readers.story, after=60, lasts=60)
    monkeypatch.setattr(acts, "_end", lambda *_given: True)
    for _watch in range(2):
        end_past(readers.now + timedelta(seconds=121))
    assert MaintenanceAct.objects.filter(what="ended").count() == 2


def test_what_was_extended_meanwhile_is_not_over(readers):
    window = plan(readers.story, after=60, lasts=60)
    stale = Maintenance.objects.get()
    extend(window, window.ends_at + HOUR, author="person 7", now=readers.now)
    assert not acts._end(stale, readers.now + timedelta(seconds=121))
