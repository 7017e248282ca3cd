"""Mail to mailboxes that are not there comes back as a report that the product understands."""

import asyncio

import aiosmtplib
import pytest
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope

from balie.embedded.returns import returned
from balie.embedded.sink import Sink
from balie.mail.reports import Action, Report, read_report

CONTENT = b"Message-ID: <1@x.example>\r\nSubject: Vast\r\n\r\nRegel.\r\n"


def envelope(*recipients: str, sender: str = "bounces+1.1-x@balie.example") -> Envelope:
    made = Envelope()
    made.mail_from, made.rcpt_tos, made.original_content = sender, list(recipients), CONTENT
    return made


@pytest.mark.parametrize(
    ("recipient", "answer"),
    [
        ("bounce@praktijk.example", "5.1.1 550 5.1.1 No such mailbox"),
        ("Bounce.beheer@praktijk.example", "5.1.1 550 5.1.1 No such mailbox"),
        ("bounce-vol@praktijk.example", "5.2.2 552 5.2.2 Mailbox is full"),
    ],
)
def test_an_address_that_begins_with_bounce_is_a_mailbox_that_is_not_there(recipient, answer):
    (back,) = returned(envelope(recipient))
    assert back.to == "bounces+1.1-x@balie.example"
    assert read_report(back.report()) == Report(Action.FAILED, answer)
    assert b"Message-ID: <1@x.example>" in back.report()


def test_other_mail_stays_and_a_bounce_never_bounces():
    assert returned(envelope("praktijk@bounce.example")) == []
    assert returned(envelope("bounce@praktijk.example", sender="<>")) == []


async def test_the_mail_server_brings_it_back_once_somebody_listens():
    came = asyncio.get_running_loop().create_future()

    class Door:
        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
            came.set_result((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
            return "250 OK"

    loop = asyncio.get_running_loop()
    door = await loop.create_server(lambda: LMTP(Door(), hostname="localhost", loop=loop), "127.0.0.1", 0)
    sink = Sink(port=0, keep=lambda _: None, bounces=door.sockets[0].getsockname()[1])
    await sink.start()
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=sink.port, timeout=30)
    async with client:
        await client.sendmail("bounces+1.1-x@balie.example", ["bounce@praktijk.example"], CONTENT)
    sender, recipients, content = await asyncio.wait_for(came, 30)
    assert (sender, recipients) == ("<>", ["bounces+1.1-x@balie.example"])
    assert read_report(content) is not None
    await sink.stop()
    door.close()
