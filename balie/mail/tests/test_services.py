"""Writing mails, seeing what became of them, and the rules the table itself keeps."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from balie.mail.models import OutboxMail
from balie.mail.rendering import Rendered
from balie.mail.services import ACCOUNT_MESSAGE, backlog, enqueue, mail_states

pytestmark = pytest.mark.django_db

KIND = "order_confirmation"
WORDS = Rendered(subject="Nieuw wachtwoord", text="Open https://balie.example/x", html="")


def make_mail(reference="B27-1", recipient="post@praktijk.example", **fields):
    return OutboxMail.objects.create(
        **{"kind": KIND, "reference": reference, "recipient": recipient, "message_id": f"{reference}@x.example"}
        | fields
    )


def test_a_mail_waits_from_the_moment_it_is_written():
    enqueue(kind=KIND, reference="B27-1", recipient="post@praktijk.example", message_id="b27-1.2027@balie.example")
    (state,) = mail_states(reference="B27-1")
    assert (state.state, state.attempts, state.sent_at, state.recipient) == ("queued", 0, None, "post@praktijk.example")
    assert state.created_at == state.next_attempt_at


def test_a_mail_is_undone_with_the_transaction_that_caused_it():
    with transaction.atomic():
        enqueue(kind=KIND, reference="B27-1", recipient="post@praktijk.example")
        assert len(mail_states(reference="B27-1")) == 1
        transaction.set_rollback(True)
    assert mail_states(reference="B27-1") == []


def test_the_same_message_to_the_same_address_is_one_mail():
    for recipient in ("post@praktijk.example", "post@praktijk.example", "arts@praktijk.example"):
        enqueue(kind=KIND, reference="B27-1", recipient=recipient, message_id="b27-1.2027@balie.example")
    assert [each.recipient for each in mail_states(reference="B27-1")] == [
        "post@praktijk.example",
        "arts@praktijk.example",
    ]


def test_without_a_message_id_it_gets_one_of_our_domain(settings):
    settings.MAIL_DOMAIN = "balie.example"
    first, second = (enqueue(kind=KIND, reference="B27-1", recipient="post@praktijk.example") for _ in range(2))
    assert first != second
    assert first.endswith("@balie.example")


def test_an_account_message_carries_its_own_words():
    enqueue(kind=ACCOUNT_MESSAGE, reference="17", recipient="arts@praktijk.example", body=WORDS)
    assert Rendered(**OutboxMail.objects.get().body) == WORDS


@pytest.mark.parametrize(("kind", "body"), [(ACCOUNT_MESSAGE, None), (KIND, WORDS)])
def test_a_body_belongs_to_account_messages_only(kind, body):
    with pytest.raises(ValueError, match="body"):
        enqueue(kind=kind, reference="17", recipient="arts@praktijk.example", body=body)


def test_the_backlog_counts_one_kind_since_a_moment():
    now = datetime.now(UTC)
    make_mail("old", created_at=now - timedelta(days=300), state="sent", sent_at=now)
    make_mail("1", created_at=now - timedelta(seconds=90))
    make_mail("2", state="sent", sent_at=now)
    make_mail("3", state="bounced", sent_at=now)
    make_mail("4", state="failed")
    make_mail("5", kind="something_else")
    found = backlog(kind=KIND, since=now - timedelta(hours=1))
    assert (found.expected, found.accepted, found.waiting, found.failed) == (4, 2, 1, 1)
    assert 90 <= found.oldest_s < 100


def test_an_empty_backlog_is_no_age():
    found = backlog(kind=KIND, since=datetime.now(UTC))
    assert (found.expected, found.waiting, found.oldest_s) == (0, 0, 0)


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("(state_is_known|sent_has_its_time)", {"state": "lost"}),
        ("sent_has_its_time", {"state": "sent"}),
        ("sent_has_its_time", {"state": "queued", "sent_at": NOW}),
        ("sent_has_its_time", {"state": "failed", "sent_at": NOW}),
        ("taken_only_while_queued", {"state": "failed", "taken_until": NOW, "taken_by": "worker"}),
        ("taken_only_while_queued", {"taken_until": NOW}),
        ("taken_only_while_queued", {"taken_by": "worker"}),
        ("body_while_account_message_waits", {"kind": ACCOUNT_MESSAGE}),
        ("body_while_account_message_waits", {"kind": ACCOUNT_MESSAGE, "body": {"subject": "", "text": ""}}),
        ("body_while_account_message_waits", {"body": {"subject": "", "text": "", "html": ""}}),
        (
            "body_while_account_message_waits",
            {
                "kind": ACCOUNT_MESSAGE,
                "state": "sent",
                "sent_at": NOW,
                "body": {"subject": "", "text": "", "html": ""},
            },
        ),
    ],
)
def test_the_table_refuses_what_cannot_be(rule, fields):
    with pytest.raises(IntegrityError, match=f"mail_outbox_{rule}"):
        make_mail(**fields)


@pytest.mark.parametrize("recipient", ["", "geen adres", "a@b\r\nBcc: c@d"])
def test_no_address_is_so_bad_that_it_undoes_an_order(recipient):
    make_mail(recipient=recipient)
