"""Writing mails, seeing what became of them, and the rules the table itself keeps."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from balie.mail.models import OutboxMail
from balie.mail.rendering import Rendered
from balie.mail.services import ACCOUNT_MESSAGE, Trouble, enqueue, mail_states, mails_in_trouble, send_again

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
    assert OutboxMail.objects.get().body == {
        "subject": WORDS.subject,
        "text": WORDS.text,
        "html": "",
        "language": "nl",
    }


@pytest.mark.parametrize(("kind", "body"), [(ACCOUNT_MESSAGE, None), (KIND, WORDS)])
def test_a_body_belongs_to_account_messages_only(kind, body):
    with pytest.raises(ValueError, match="body"):
        enqueue(kind=kind, reference="17", recipient="arts@praktijk.example", body=body)


NOW = datetime.now(UTC)
LOST = {"state": "failed", "undelivered_at": NOW, "answer": "550 5.1.1 Onbekend"}


@pytest.mark.parametrize(
    "fields", [LOST, {"state": "sent", "sent_at": NOW}, LOST | {"state": "bounced", "sent_at": NOW}]
)
def test_what_has_ended_can_be_sent_again_as_the_same_message(fields):
    make_mail(**fields)
    make_mail("B27-2", **fields)
    assert send_again(reference="B27-1", recipient="post@praktijk.example")
    (again,), (other,) = mail_states(reference="B27-1"), mail_states(reference="B27-2")
    assert (again.state, again.round, again.sent_at, again.answer, again.trouble) == ("queued", 2, None, "", None)
    assert again.requested_at == again.next_attempt_at
    assert OutboxMail.objects.get(reference="B27-1").message_id == "B27-1@x.example"
    assert (other.state, other.round) == (fields["state"], 1)


def test_what_is_on_its_way_is_not_sent_again():
    make_mail()
    assert not send_again(reference="B27-1", recipient="post@praktijk.example")
    assert not send_again(reference="B27-1", recipient="iemand@anders.example")
    assert mail_states(reference="B27-1")[0].round == 1


def test_an_account_message_cannot_be_sent_again_because_its_words_are_forgotten():
    make_mail(kind=ACCOUNT_MESSAGE, **LOST)
    assert not send_again(reference="B27-1", recipient="post@praktijk.example")


def test_trouble_comes_with_the_other_mails_about_the_same():
    make_mail(**LOST)
    make_mail(recipient="arts@praktijk.example", state="sent", sent_at=NOW)
    make_mail("B27-2", state="sent", sent_at=NOW)
    make_mail("B27-3", kind="something_else", **LOST)
    found = [(mail.reference, mail.recipient, mail.trouble) for mail in mails_in_trouble(kind=KIND)]
    assert found == [("B27-1", "post@praktijk.example", Trouble.NO_MAILBOX), ("B27-1", "arts@praktijk.example", None)]


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("(state_is_known|sent_has_its_time)", {"state": "lost"}),
        ("sent_has_its_time", {"state": "sent"}),
        ("sent_has_its_time", {"state": "queued", "sent_at": NOW}),
        ("sent_has_its_time", {"state": "failed", "sent_at": NOW, "undelivered_at": NOW}),
        ("undelivered_has_its_time", {"state": "failed"}),
        ("undelivered_has_its_time", {"state": "bounced", "sent_at": NOW}),
        ("undelivered_has_its_time", {"state": "sent", "sent_at": NOW, "undelivered_at": NOW}),
        (
            "taken_only_while_queued",
            {"state": "failed", "undelivered_at": NOW, "taken_until": NOW, "taken_by": "worker"},
        ),
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
