"""Whatever keeps a step from being told is told itself."""

from balie.ops.oncall import audit, deliveries, paging
from balie.ops.oncall.models import Escalation, Page


def missed() -> list[Page]:
    return list(Page.objects.filter(kind=Page.Kind.MISSED))


def test_a_night_in_which_all_was_told_in_time_has_nothing_missed(night):
    night.verdict()
    night.pass_by(1300, step=14)
    assert missed() == []
    assert audit.missed_of(Escalation.objects.get(page__kind=Page.Kind.OUTAGE), night.now) == []


def test_a_step_that_nobody_planned_is_told_to_the_last_level_once(night, monkeypatch):
    """The control: plan no step of the outage, as a fault of ours would."""
    plan = deliveries.plan_steps

    def lame(escalation, now):
        if escalation.page.kind != Page.Kind.OUTAGE:
            plan(escalation, now)

    monkeypatch.setattr(deliveries, "plan_steps", lame)
    night.verdict()
    night.pass_by(40, step=10)
    [page] = missed()
    assert [(p, c) for p, c, _ in night.sender.titles()] == [("bram", "mail"), ("bram", "text")]
    assert "did not go out in time" in night.sender.got[0].title
    assert len(audit.missed_of(Escalation.objects.get(page__kind=Page.Kind.OUTAGE), night.now)) == 2
    paging.acknowledge(Page.objects.get(kind=Page.Kind.OUTAGE), "bram", night.now)
    night.tick(10)
    assert missed()[0].resolved_at is not None
    assert missed() == [page]


def test_a_watch_that_was_away_when_a_step_was_due_says_so(night):
    night.verdict()
    night.tick()
    night.now = night.now.replace(minute=night.now.minute + 20)
    night.restart()
    night.pass_by(20, step=5)
    assert len(missed()) == 1


def test_what_was_taken_or_over_needed_no_further_step(night):
    night.verdict()
    night.tick()
    paging.acknowledge(Page.objects.get(kind=Page.Kind.OUTAGE), "anna", night.now)
    night.now = night.now.replace(minute=night.now.minute + 20)
    night.pass_by(20, step=5)
    assert missed() == []


def test_who_was_not_told_that_it_is_over_is_found(night, monkeypatch):
    night.verdict()
    night.tick()
    monkeypatch.setattr(deliveries, "waiting", lambda _now: [])
    night.verdict("closed")
    night.pass_by(40, step=10)
    assert len(audit.untold(night.now)) == 2
