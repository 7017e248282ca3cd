"""The log of acts only grows."""

import pytest
from django.db import DatabaseError, connection, transaction

from balie.practices.models import AuditEvent
from balie.practices.services import record
from balie.practices.testing import make_person

pytestmark = pytest.mark.django_db

TAMPERING = [
    "update practices_audit_event set reason = 'anders'",
    "delete from practices_audit_event",
    "truncate practices_audit_event",
]


def tamper(statement: str) -> None:
    connection.check_constraints()  # truncate refuses tables with checks still to come
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def event() -> AuditEvent:
    return record(
        actor=make_person(), practice=None, action="room.paused", subject="room:3", reason="mailserver", detail={"x": 1}
    )


@pytest.mark.parametrize("statement", TAMPERING)
def test_what_was_logged_cannot_be_changed_or_removed(event, statement):
    with pytest.raises(DatabaseError, match="only grows"):
        tamper(statement)
    event.refresh_from_db()
    assert (event.reason, event.detail) == ("mailserver", {"x": 1})


def test_control_without_the_triggers_it_could(event):
    tamper("drop trigger practices_audit_is_append_only on practices_audit_event")
    tamper(TAMPERING[0])
    event.refresh_from_db()
    assert event.reason == "anders"
    tamper(TAMPERING[1])
    assert not AuditEvent.objects.exists()
    tamper("drop trigger practices_audit_is_never_emptied on practices_audit_event")
    tamper(TAMPERING[2])


def test_a_person_in_the_log_cannot_be_deleted(event):
    with pytest.raises(DatabaseError), transaction.atomic():
        event.actor.delete()
