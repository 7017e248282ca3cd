"""Delivery reports as the world writes them, and everything else that comes to a bounce address."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balie.mail.reports import LONGEST_ANSWER, Action, Report, read_report

POSTFIX = b"""\
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: bounces+17.1-0123456789abcdef@balie.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="9B095B.1/mx.example"

--9B095B.1/mx.example
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--9B095B.1/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 9B095B
Arrival-Date: Tue,  1 Jun 2027 00:31:52 +0200 (CEST)

Final-Recipient: rfc822; weg@praktijk.example
Original-Recipient: rfc822;weg@praktijk.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.praktijk.example
Diagnostic-Code: smtp; 550 5.1.1 <weg@praktijk.example>: Recipient address
    rejected: User unknown in virtual mailbox table

--9B095B.1/mx.example
Content-Type: message/rfc822

Subject: B27-01198: uw bestelling staat vast

Action: delivered
--9B095B.1/mx.example--
"""

VACATION = b"""\
From: arts@praktijk.example
Subject: Afwezig
Auto-Submitted: auto-replied
Content-Type: text/plain

Action: failed
Status: 5.1.1
"""


def report(*groups: str, kind: str = "multipart/report; report-type=delivery-status") -> bytes:
    """A notification with these groups of fields."""
    fields = "\n\n".join(["Reporting-MTA: dns; mx.example", *groups])
    return (
        f"MIME-Version: 1.0\nContent-Type: {kind}; boundary=grens\n\n"
        f"--grens\nContent-Type: message/delivery-status\n\n{fields}\n\n--grens--\n"
    ).encode()


def test_reads_what_a_mail_server_reports():
    words = "550 5.1.1 <weg@praktijk.example>: Recipient address rejected: User unknown in virtual mailbox table"
    assert read_report(POSTFIX) == Report(Action.FAILED, f"5.1.1 {words}")
    assert read_report(POSTFIX.replace(b"\n", b"\r\n")) == read_report(POSTFIX)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("Action: failed\nStatus: 5.2.2", Report(Action.FAILED, "5.2.2")),
        ("action: FAILED (permanent)\nStatus: 5.2.2", None),
        ("Action: Failed\nStatus: 4.4.7 (expired)", Report(Action.FAILED, "4.4.7")),
        ("Action: failed", Report(Action.FAILED, "5.0.0")),
        (
            "Action: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; no route",
            Report(Action.DELAYED, "4.4.1 no route"),
        ),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: kapot", Report(Action.FAILED, "5.0.0 kapot")),
        ("Action: delivered\nStatus: 2.0.0", None),
        ("Action: relayed\nStatus: 2.0.0", None),
        ("Action: expanded\nStatus: 2.0.0", None),
        ("Action: exploded", None),
        ("Status: 5.1.1", None),
        ("Action: delivered\n\nAction: delayed\nStatus: 4.0.0\n\nAction: failed", Report(Action.FAILED, "5.0.0")),
    ],
)
def test_acts_upon_failures_and_delays_only(fields, found):
    assert read_report(report(fields)) == found


@pytest.mark.parametrize(
    "content",
    [
        VACATION,
        b"",
        b"\0\xff\xfe",
        report("Action: failed", kind="multipart/mixed"),
        report("Action: failed").replace(b"message/delivery-status", b"text/plain"),
        b"Content-Type: multipart/report\n\nAction: failed",
        b"Content-Type: message/delivery-status\n\nAction: failed\n",
        POSTFIX[:500],
    ],
)
def test_replies_of_people_and_machines_and_noise_report_nothing(content):
    assert read_report(content) is None


def test_the_words_of_strangers_are_short_and_storable():
    content = report("Action: failed\nDiagnostic-Code: smtp; 550 \0Onbekend ").replace(
        b"bekend", b"\xff\xfe" + b"x" * 5000
    )
    found = read_report(content)
    assert found is not None
    assert len(found.answer) == LONGEST_ANSWER
    assert found.answer.startswith("5.0.0 550 On")
    assert "\0" not in found.answer
    found.answer.encode()


def test_nesting_without_end_is_noise():
    deep = b"".join(b'Content-Type: multipart/report; boundary="%d"\n\n--%d\n' % (at, at) for at in range(3000))
    assert read_report(deep) is None


# Pieces that make the parser go places, in any order, torn apart anywhere.
PIECES = [piece + b"\n" for piece in POSTFIX.split(b"\n")] + [
    b"--",
    b"\r",
    b"\n\n",
    b"\0",
    b"\xff",
    b"=?utf-8?b?////?=",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: x\n",
    b"Content-Type: message/delivery-status; charset=\xe9\n",
    b"Content-Type: multipart/report; boundary*0*=utf-8''%\n",
    b"Content-Type: message/partial; number=1\n",
]


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=2000), st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)))
def test_nothing_that_strangers_write_raises(content):
    found = read_report(content)
    assert found is None or found.answer.isprintable() or found.answer


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(POSTFIX)), st.integers(0, len(POSTFIX)), st.binary(max_size=30))
def test_nothing_that_was_damaged_on_its_way_raises(start, end, instead):
    read_report(POSTFIX[: min(start, end)] + instead + POSTFIX[max(start, end) :])
