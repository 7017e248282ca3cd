"""Mails that come back: a real mail server's dialogue with the door for bounces, and the rows it leaves."""

import asyncio
import smtplib
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from balie.embedded.sink import Faults
from balie.mail.bounce_address import Round, bounce_address
from balie.mail.bounces import LARGEST, Bind, Door, listen
from balie.mail.tests.test_reports import POSTFIX, VACATION, report

DELAYED = report("Action: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; no answer yet")
DELIVERED = report("Action: delivered\nStatus: 2.0.0")


@pytest.fixture
async def door(installation, tmp_path):
    """An open door; gives a function that brings a mail there and returns the last answer."""
    path = Path(tmp_path) / "door"
    opened = Door(installation.dsn)
    server = await listen(opened, Bind(path=path))

    def bring_now(recipient: str, content: bytes) -> tuple[int, bytes]:
        with smtplib.LMTP(str(path)) as client:
            client.ehlo_or_helo_if_needed()
            client.mail("")
            code, words = client.rcpt(recipient)
            return client.data(content.replace(b"\n", b"\r\n")) if code == 250 else (code, words)

    async def bring(recipient: str, content: bytes) -> tuple[int, bytes]:
        return await asyncio.to_thread(bring_now, recipient, content)

    bring.path = path  # type: ignore[attr-defined]
    yield bring
    server.close()
    await opened.close()


@pytest.fixture
def sent(table):
    """A mail that was accepted; gives where its bounces go."""
    table.fill(2)
    table.conn.execute("update mail_outbox set state = 'sent', sent_at = now(), attempts = 1, answer = '250 OK'")
    return bounce_address(Round(table.one("id")[0], 1))


def test_where_to_listen_is_a_port_or_a_socket():
    assert Bind.read("127.0.0.1:2424") == Bind(host="127.0.0.1", port=2424)
    assert Bind.read("[::1]:2424") == Bind(host="::1", port=2424)
    assert Bind.read("/run/balie/bounces.sock") == Bind(path=Path("/run/balie/bounces.sock"))
    for wrong in ("", "2424", "localhost", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999", "a@b:1", "host:1/path"):
        with pytest.raises(ValueError, match=r"."):
            Bind.read(wrong)


async def test_a_mail_that_came_back_says_so_and_why(door, sent, table):
    assert await door(sent, POSTFIX) == (250, b"2.0.0 Noted")
    state, answer, known = table.one("state, answer, undelivered_at >= sent_at")
    assert (state, known) == ("bounced", True)
    assert answer.startswith("5.1.1 550 5.1.1 <weg@praktijk.example>")
    assert table.one("state", "B27-2") == ("sent",)


async def test_the_same_report_twice_changes_nothing_more(door, sent, table):
    await door(sent, POSTFIX)
    first = table.one("undelivered_at, answer")
    assert (await door(sent, report("Action: failed\nStatus: 5.2.2")))[0] == 250
    assert table.one("undelivered_at, answer") == first


async def test_control_without_the_guard_the_second_would_win(door, sent, table):
    await door(sent, POSTFIX)
    table.conn.execute("update mail_outbox set state = 'sent', undelivered_at = null where reference = 'B27-1'")
    await door(sent, report("Action: failed\nStatus: 5.2.2"))
    assert table.one("answer") == ("5.2.2",)


async def test_a_delay_is_told_and_the_mail_still_counts_as_sent(door, sent, table):
    assert (await door(sent, DELAYED))[0] == 250
    assert table.one("state, answer, undelivered_at") == ("sent", "4.4.1 no answer yet", None)
    await door(sent, POSTFIX)
    assert table.one("state") == ("bounced",)
    await door(sent, DELAYED)
    assert table.one("state") == ("bounced",)


@pytest.mark.parametrize("content", [DELIVERED, VACATION, b"", b"\xff\0"])
async def test_what_is_no_bounce_is_taken_and_changes_nothing(door, sent, table, content):
    assert (await door(sent, content))[0] == 250
    assert table.one("state, answer, undelivered_at") == ("sent", "250 OK", None)


async def test_a_bounce_of_the_round_before_counts_no_longer(door, sent, table):
    mail = table.one("id")[0]
    table.conn.execute("update mail_outbox set round = 2 where id = %s", [mail])
    assert (await door(sent, POSTFIX))[0] == 250
    assert table.one("state") == ("sent",)
    await door(bounce_address(Round(mail, 2)), POSTFIX)
    assert table.one("state") == ("bounced",)


async def test_nobody_can_invent_a_bounce_for_the_mail_of_another(door, sent, table):
    other = sent.replace(f"+{table.one('id')[0]}.", f"+{table.one('id', 'B27-2')[0]}.")
    for stranger in (other, "postmaster@localhost", "<>", sent.replace("@", "@x.")):
        assert (await door(stranger, POSTFIX))[0] in {501, 550, 553}
    assert table.states() == {"sent": 2}


async def test_each_message_has_one_recipient(door, sent):
    def two_at_once() -> int:
        with smtplib.LMTP(str(door.path)) as client:
            client.ehlo_or_helo_if_needed()
            client.mail("")
            assert client.rcpt(sent)[0] == 250
            return client.rcpt(sent)[0]

    assert await asyncio.to_thread(two_at_once) == 452


async def test_what_is_too_large_is_refused(door, sent, table):
    assert (await door(sent, POSTFIX + b"xyz\n" * (LARGEST // 5)))[0] == 552
    assert table.one("state") == ("sent",)


async def test_a_bounce_may_be_quicker_than_the_answer_to_the_mail(door, post, table, worker):
    """The server took the mail, hesitates to say so, and brings it back meanwhile: the bounce stands."""
    table.fill(1)
    await post.sink.set_faults(Faults(slow=3600))
    async with worker():
        await post.arrived(1)
        assert (await door(bounce_address(Round(table.one("id")[0], 1)), POSTFIX))[0] == 250
        assert table.one("state, taken_by") == ("bounced", "")
        await post.sink.set_faults(Faults())
    assert table.one("state, sent_at is not null, attempts") == ("bounced", True, 1)


async def test_a_mail_that_never_left_cannot_come_back(door, table):
    table.fill(1)
    assert (await door(bounce_address(Round(table.one("id")[0], 1)), POSTFIX))[0] == 250
    assert table.one("state") == ("queued",)


async def test_the_envelope_of_a_mail_is_where_its_bounce_goes(door, post, table, worker):
    senders = []
    keep = post.sink._keep
    post.sink._keep = lambda envelope: (senders.append(envelope.mail_from), keep(envelope))
    table.fill(1)
    async with worker():
        await table.until("state = 'sent'")
    assert (await door(senders[0], POSTFIX))[0] == 250
    assert table.one("state") == ("bounced",)


async def test_without_a_database_the_bounce_comes_again(installation, tmp_path, table):
    table.fill(1)
    mail = Round(table.one("id")[0], 1)
    away = Door(installation.dsn.replace("/test_", "/no_such_"))
    server = await listen(away, Bind(path=tmp_path / "away"))

    def bring() -> int:
        with smtplib.LMTP(str(tmp_path / "away")) as client:
            client.ehlo_or_helo_if_needed()
            client.mail("")
            client.rcpt(bounce_address(mail))
            return client.data(DELAYED)[0]

    assert await asyncio.to_thread(bring) == 451
    server.close()


@pytest.mark.parametrize(
    "noise", [b"\xff\xfe\r\n" * 3, b"LHLO x\r\nDATA\r\n.\r\n", b"GET / HTTP/1.1\r\n\r\n", b"x" * 9000]
)
async def test_noise_on_the_line_hurts_nobody(door, sent, table, noise):
    def shout() -> None:
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.connect(str(door.path))
            line.sendall(noise)
            line.settimeout(0.2)
            line.recv(1000)

    await asyncio.to_thread(shout)
    assert (await door(sent, POSTFIX))[0] == 250
    assert table.one("state") == ("bounced",)
