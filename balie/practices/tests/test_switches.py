"""Closing and opening: hand before rule before hours; one act, one log row, one notice, one mail to each address."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from balie.mail.models import OutboxMail
from balie.practices.functions.hours import AMSTERDAM, after_hours, office_hours
from balie.practices.functions.models import Call, Notice, Switch
from balie.practices.functions.services import (
    apply_hours,
    close_by_hand,
    end_hand,
    open_by_hand,
    read_spans,
    set_hours,
    tick_phoned,
)
from balie.practices.models import AuditEvent
from balie.practices.testing import make_cast

pytestmark = pytest.mark.django_db

SUNDAY = datetime(2026, 11, 29, 12, tzinfo=AMSTERDAM)
MONDAY_NINE = datetime(2026, 11, 30, 9, tzinfo=AMSTERDAM)
MONDAY_NIGHT = datetime(2026, 11, 30, 23, tzinfo=AMSTERDAM)


@pytest.fixture
def cast():
    return make_cast()


def rule(*, closed, culprit="proxy", practice=None, stable_s=300.0, function="conversations"):
    """What `balie watch` says; whether the function is closed now."""
    with connection.cursor() as cursor:
        asked = [function, closed, culprit, practice.pk if practice else None, stable_s, "voorbeeld.example"]
        cursor.execute("select practices_switch_by_rule_v1(%s, %s, %s, %s, %s, %s)", asked)
        return cursor.fetchone()[0]


def tick():
    with connection.cursor() as cursor:
        cursor.execute("select practices_switch_tick_v1('voorbeeld.example')")
        return cursor.fetchone()[0]


def close(cast, **more):
    return close_by_hand(
        **{"function": "conversations", "practice": cast.practice, "reason": "outage", "actor": cast.organiser}
        | {"why": "Gebeld door de post."}
        | more
    )


def effective(practice, function="conversations"):
    with connection.cursor() as cursor:
        cursor.execute("select practices_function_closed_v1(%s, %s, null)", [function, practice.pk])
        return Switch.objects.filter(pk=cursor.fetchone()[0]).first()


def test_closing_is_one_act_with_its_log_notice_and_mail(cast):
    switch = close(cast, text="Bel ons.", phone="088 000 56 78")
    assert (switch.closed, switch.decided_by, switch.reason, switch.text) == (True, "hand", "outage", "Bel ons.")
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.practice) == ("function.closed", cast.organiser, cast.practice)
    assert event.reason == "Gebeld door de post."
    notice = Notice.objects.get()
    assert (notice.closed, notice.cause, notice.phone) == (True, "hand", "088 000 56 78")
    mail = OutboxMail.objects.get()
    assert (mail.kind, mail.recipient) == ("function_switched", cast.practice.email)
    assert effective(cast.practice) == switch
    assert effective(cast.other_practice) is None


def test_closing_twice_is_closing_once(cast):
    close(cast)
    close(cast)
    assert Notice.objects.count() == AuditEvent.objects.count() == OutboxMail.objects.count() == 1


def test_other_words_are_logged_and_told_to_nobody_again(cast):
    close(cast)
    assert close(cast, text="Bel de post.").text == "Bel de post."
    assert (Notice.objects.count(), AuditEvent.objects.count()) == (1, 2)


def test_a_decision_by_hand_is_not_overruled_by_a_rule(cast):
    open_by_hand(function="conversations", actor=cast.organiser, why="Vals alarm.")
    assert rule(closed=True) is False
    assert effective(cast.practice) is None
    close(cast)
    rule(closed=False, stable_s=0)
    assert effective(cast.practice).decided_by == "hand"


def test_a_rule_closes_for_everybody_and_hand_opens_for_one(cast):
    assert rule(closed=True)
    assert effective(cast.practice).decided_by == "rule"
    open_by_hand(function="conversations", practice=cast.practice, actor=cast.owner, why="Bij ons werkt het.")
    assert effective(cast.practice) is None
    assert effective(cast.other_practice).decided_by == "rule"
    close_by_hand(function="conversations", reason="outage", actor=cast.organiser, why="Overal dicht.")
    assert effective(cast.practice).decided_by == "hand"


def test_when_a_hand_lets_go_the_rule_counts_again(cast):
    rule(closed=True)
    open_by_hand(function="conversations", actor=cast.organiser, why="Vals alarm.")
    switch = end_hand(function="conversations", actor=cast.organiser)
    assert (switch.closed, switch.decided_by, switch.reason) == (True, "rule", "outage")


def test_a_decision_by_hand_with_an_end_ends(cast):
    close(cast, until=timezone.now() + timedelta(minutes=30))
    assert tick() == 0
    Switch.objects.update(hand_until=timezone.now())
    assert tick() == 1
    switch = Switch.objects.get()
    assert (switch.closed, switch.hand, switch.decided_by) == (False, None, "")
    assert [each.closed for each in Notice.objects.order_by("pk")] == [True, False]


def test_after_a_rule_it_opens_only_when_all_has_been_well_for_a_while(cast):
    rule(closed=True)
    assert rule(closed=False) is True
    assert tick() == 0
    rule(closed=True)  # ill again: the time begins anew
    assert Switch.objects.get().closings.get().ends_at is None
    assert rule(closed=False, stable_s=0) is False
    assert [each.closed for each in Notice.objects.order_by("pk")] == [True, False]


def test_saying_so_again_does_not_put_the_opening_off(cast):
    rule(closed=True)
    rule(closed=False)
    ends_at = Switch.objects.get().closings.get().ends_at
    rule(closed=False, stable_s=9000)
    assert Switch.objects.get().closings.get().ends_at == ends_at


def test_two_culprits_must_both_be_well(cast):
    rule(closed=True, culprit="proxy")
    rule(closed=True, culprit="database")
    assert rule(closed=False, culprit="proxy", stable_s=0) is True
    assert rule(closed=False, culprit="database", stable_s=0) is False
    assert Notice.objects.count() == 2


def test_work_opens_what_has_been_well_for_long_enough(cast):
    rule(closed=True)
    rule(closed=False)
    Switch.objects.get().closings.update(ends_at=timezone.now())
    assert tick() == 1
    assert effective(cast.practice) is None


def test_a_closing_for_everybody_is_mailed_to_who_has_a_switch_and_is_not_closed_by_hand(cast):
    close(cast)
    open_by_hand(function="conversations", practice=cast.other_practice, actor=cast.organiser, why="Vast open.")
    end_hand(function="conversations", practice=cast.other_practice, actor=cast.organiser)
    OutboxMail.objects.all().delete()
    rule(closed=True)
    assert [each.recipient for each in OutboxMail.objects.all()] == [cast.other_practice.email]


def test_what_is_wrong_is_said_by_field(cast):
    with pytest.raises(ValidationError) as refused:
        close(cast, reason="zomaar", phone="bel maar", why=" ", text="x" * 501, until=timezone.now())
    assert set(refused.value.message_dict) == {"reason", "phone", "why", "text", "until"}
    assert not Switch.objects.exists()


def test_hours_open_and_close_and_are_news_to_nobody(cast):
    switch = set_hours(function="conversations", practice=cast.practice, spans=office_hours(), actor=cast.owner)
    for moment, closed in ((SUNDAY, True), (MONDAY_NINE, False), (MONDAY_NIGHT, True)):
        apply_hours(switch, read_spans(switch), moment)
        switch.refresh_from_db()
        assert (switch.closed, switch.decided_by) == (closed, "schedule")
    assert switch.until == MONDAY_NINE + timedelta(days=1, hours=-1)
    assert not Notice.objects.exists()
    assert not OutboxMail.objects.exists()
    assert effective(cast.practice).reason == "hours"


def test_hours_do_not_overrule_a_hand_and_count_when_it_lets_go(cast):
    switch = set_hours(function="conversations", practice=cast.practice, spans=office_hours(), actor=cast.owner)
    apply_hours(switch, office_hours(), MONDAY_NINE)
    switch = close(cast)
    for moment in (MONDAY_NIGHT, MONDAY_NINE, SUNDAY):
        apply_hours(switch, office_hours(), moment)
        switch.refresh_from_db()
        assert (switch.closed, switch.decided_by) == (True, "hand")
    switch = end_hand(function="conversations", practice=cast.practice, actor=cast.owner)
    assert (switch.closed, switch.decided_by) == (True, "schedule")


def test_the_log_says_what_hours_were_set_once(cast):
    for _ in range(2):
        set_hours(function="conversations", practice=cast.practice, spans=after_hours(), actor=cast.owner)
    assert AuditEvent.objects.filter(action="function.hours_set").count() == 1


def test_a_call_is_ticked_by_whoever_was_first(cast):
    close(cast)
    call = Call.objects.create(notice=Notice.objects.get(), practice=cast.practice, name="Noor", phone="", why="unread")
    tick_phoned(call=call, phoned=True, actor=cast.owner)
    tick_phoned(call=call, phoned=True, actor=cast.colleague)
    call.refresh_from_db()
    assert call.phoned_by == cast.owner
    tick_phoned(call=call, phoned=False, actor=cast.colleague)
    call.refresh_from_db()
    assert call.phoned_at is None
