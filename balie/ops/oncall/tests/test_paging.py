"""Who is woken by what, when, and what stops it."""

from datetime import UTC, datetime

from balie.ops.oncall import paging
from balie.ops.oncall.models import Escalation, Notification, Page
from balie.ops.oncall.tests.conftest import Night, always, calendar

ANNA = [("anna", "mail"), ("anna", "text")]
BRAM = [("bram", "mail"), ("bram", "text")]


def who(night: Night) -> list[tuple[str, str]]:
    found = [(person, channel) for person, channel, _ in night.sender.titles()]
    night.sender.got.clear()
    return found


def outage() -> Page:
    return Page.objects.get(kind=Page.Kind.OUTAGE)


def test_the_first_level_hears_at_once_and_the_next_when_nobody_answers(night):
    night.verdict()
    night.tick()
    assert who(night) == ANNA
    night.pass_by(295, step=59)
    assert who(night) == []
    night.tick(6)
    assert who(night) == BRAM
    night.pass_by(600, step=15)
    assert who(night) == ANNA  # and again, as often as the file says
    night.pass_by(3600, step=60)
    assert who(night) == BRAM


def test_words_are_short_and_in_the_language_of_whoever_gets_them(night):
    night.verdict()
    night.pass_by(341, step=31)
    anna, bram = night.sender.got[0], night.sender.got[-1]
    assert anna.title == f"Balie {outage().number}: Webpagina's werken niet"
    assert anna.body.startswith("Niemand kan bestellen. Pak het op:\nhttp://localhost:8400/oncall/")
    assert bram.title == f"Balie {outage().number}: Web pages do not work"
    assert bram.body.startswith("Nobody can order. Take it:\n")
    assert anna.address not in repr(anna)


def test_who_takes_it_stops_every_step_to_come_also_across_a_restart(night):
    night.verdict()
    night.tick()
    who(night)
    assert paging.acknowledge(outage(), "anna", night.now)
    assert not paging.acknowledge(outage(), "bram", night.now)
    night.pass_by(400, step=50)
    night.restart()
    night.pass_by(3600, step=60)
    assert who(night) == []
    assert Escalation.objects.get(page=outage()).acknowledged_by == "anna"


def test_worse_wakes_again_whoever_took_it_and_better_or_the_same_does_not(night):
    night.verdict(effect="degraded")
    night.tick()
    paging.acknowledge(outage(), "anna", night.now)
    who(night)
    night.verdict("changed", effect="degraded")
    night.tick()
    assert who(night) == []
    night.verdict("changed", effect="stopped")
    night.tick()
    assert who(night) == ANNA
    paging.acknowledge(outage(), "anna", night.now)
    for effect in ("degraded", "stopped"):  # as bad as it was: she knows
        night.verdict("changed", effect=effect)
        night.tick()
    assert who(night) == []


def test_everybody_who_was_paged_hears_that_it_is_over_once(night):
    night.verdict()
    night.pass_by(341, step=31)
    who(night)
    night.verdict("closed")
    night.tick()
    assert {title for *_, title in night.sender.titles()} == {
        f"Balie {outage().number} is opgelost",
        f"Balie {outage().number} is over",
    }
    assert who(night) == ANNA + BRAM
    night.tick()
    night.restart()
    night.pass_by(7200, step=60)
    assert who(night) == []


def test_who_was_not_paged_hears_nothing_of_the_end(night):
    night.verdict()
    night.tick()
    who(night)
    night.verdict("closed")
    night.tick()
    assert who(night) == ANNA


def test_no_effect_wakes_nobody_and_is_one_mail_in_working_hours(night):
    night.verdict(effect="none")
    night.verdict("closed", effect="none")
    night.verdict(number=2, effect="none")
    night.pass_by(5 * 3600 + 1500, step=300)  # 8.25
    assert who(night) == []
    night.pass_by(600, step=60)
    assert [(p, c) for p, c, _ in night.sender.titles()] == [("anna", "mail")]
    assert night.sender.got[0].title.endswith("2 punten voor vandaag")
    assert "voorbij" in night.sender.got[0].body.splitlines()[0]
    assert "geen reserve" in night.sender.got[0].body.splitlines()[1]
    who(night)
    night.pass_by(24 * 3600, step=1800)
    assert who(night) == []


def test_no_mail_about_tickets_at_weekends_and_on_holidays(night):
    night.now = datetime(2026, 12, 25, 2, 0, tzinfo=UTC)  # a Friday; then a weekend
    night.verdict(effect="none")
    night.pass_by(3 * 24 * 3600 + 4 * 3600, step=3600)
    assert who(night) == []
    night.pass_by(7200, step=1200)
    assert who(night) == [("anna", "mail")]


def test_what_had_no_effect_wakes_when_it_gets_one(night):
    night.verdict(effect="none")
    night.tick()
    night.verdict("changed", effect="degraded")
    night.tick()
    assert who(night) == ANNA


def test_calm_stops_the_steps_and_a_relapse_begins_anew(night):
    night.verdict(effect="degraded")
    night.tick()
    night.verdict("changed", effect="none")
    night.pass_by(900, step=60)
    assert who(night) == ANNA
    night.verdict("changed", effect="degraded")
    night.tick()
    assert who(night) == ANNA


def test_two_verdicts_that_turn_out_to_be_one_outage_end_as_one(night):
    night.verdict(number=1)
    night.tick()
    night.verdict(number=2)
    night.tick()
    who(night)
    first, second = Page.objects.filter(kind=Page.Kind.OUTAGE).order_by("pk")
    night.verdict("merged", number=1, into=2)
    night.tick()
    assert {title for *_, title in night.sender.titles()} == {f"Balie {first.number} hoort bij {second.number}"}
    assert who(night) == ANNA
    night.verdict("closed", number=2)
    night.tick()
    assert {title for *_, title in night.sender.titles()} == {f"Balie {second.number} is opgelost"}
    assert who(night) == ANNA


def test_a_page_goes_on_under_the_verdict_that_explains_it(night):
    night.verdict(number=1)
    night.tick()
    paging.acknowledge(outage(), "anna", night.now)
    who(night)
    night.verdict("merged", number=1, into=2)
    night.verdict(number=2)
    night.tick()
    assert who(night) == []
    assert outage().verdict == 2


def test_an_outage_that_came_and_went_while_nobody_looked_wakes_nobody(night):
    night.verdict()
    night.verdict("closed")
    night.tick()
    assert who(night) == []


def test_passing_on_tells_the_next_at_once(night):
    night.verdict()
    night.tick()
    who(night)
    assert paging.pass_on(outage(), "anna", night.now)
    night.tick()
    assert who(night) == BRAM
    assert paging.pass_on(outage(), "bram", night.now)
    night.tick()
    assert who(night) == ANNA


def test_a_shift_without_anybody_is_a_page_to_all_until_somebody_has_it(night):
    monday = "SUMMARY:anna\nDTSTART;TZID=Europe/Amsterdam:20261123T000000\nDTEND;TZID=Europe/Amsterdam:20261123T040000"
    (night.team_file.parent / "first.ics").write_text(calendar(monday))
    night.tick(10)
    assert who(night) == []
    night.now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 4.00
    night.tick()
    assert {title.partition(": ")[2] for *_, title in night.sender.titles()} == {
        "Niemand heeft nu dienst: Voorwacht",
        "Nobody is on call now: First line",
    }
    assert who(night) == ANNA + BRAM
    night.tick()
    night.restart()
    night.tick()
    assert who(night) == []
    (night.team_file.parent / "first.ics").write_text(always("bram"))
    night.tick(10)
    assert [title.endswith(("is over", "is opgelost")) for *_, title in night.sender.titles()] == [True] * 4


def test_a_team_file_that_became_wrong_leaves_the_team_as_it_was(night):
    night.team_file.write_text("person = 1")
    night.verdict()
    night.tick()
    assert who(night) == ANNA


def test_of_a_rota_with_an_untested_channel_everybody_is_told(ops, graph, team_file):
    (team_file.parent / "first.ics").write_text(
        calendar(
            "SUMMARY:anna\nDTSTART;VALUE=DATE:20200101\nDTEND;VALUE=DATE:20200102\nRRULE:FREQ=DAILY",
            "SUMMARY:bram\nDTSTART;VALUE=DATE:20200101\nDTEND;VALUE=DATE:20200102",
        )
    )
    night = Night(graph, team_file)
    night.tick()
    assert [title.partition(": ")[2] for *_, title in night.sender.titles()] == ["Dit is een proef"] * 2 + [
        "This is a test"
    ] * 2
    assert who(night) == ANNA + BRAM
    night.verdict()
    night.tick()
    assert who(night) == ANNA + BRAM
    paging.acknowledge(outage(), "anna", night.now)
    night.confirm_channels()
    night.verdict(number=2)
    night.tick()
    assert who(night) == ANNA


def test_a_changed_address_must_be_tested_again(night, monkeypatch):
    monkeypatch.setenv("ANNA_TEXT", "xml://127.0.0.1:1/other")
    night.restart()
    night.tick()
    assert who(night) == [("anna", "text")]
    assert Page.objects.filter(kind=Page.Kind.TEST, resolved_at=None).count() == 1


def test_what_was_refused_is_tried_three_times_and_says_so(night):
    night.sender.answer = Notification.Outcome.REFUSED
    night.verdict()
    night.pass_by(100)
    mails = [title for _, channel, title in night.sender.titles() if channel == "mail"]
    number = outage().number
    assert [title.partition(f"Balie {number}")[0] for title in mails] == ["", "Herhaling 2: ", "Herhaling 3: "]
    who(night)
    night.pass_by(100)
    assert who(night) == []


def test_what_fails_for_one_person_keeps_nobody_else_from_hearing(night, monkeypatch):
    monkeypatch.setattr("balie.ops.oncall.team.Team.channel", lambda *_: None)
    night.verdict()
    night.tick()
    assert who(night) == []
    monkeypatch.undo()
    for name, address in {"ANNA_MAIL": "json://127.0.0.1:1/ANNA", "ANNA_TEXT": "xml://127.0.0.1:1/ANNA"}.items():
        monkeypatch.setenv(name, address)
    night.pass_by(15)
    assert who(night) == ANNA
