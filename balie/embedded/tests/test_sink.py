"""The embedded mail server as a process: takes mail, falls ill on command and recovers."""

import asyncio
import json
import mailbox
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import aiosmtplib
import pytest

from balie.embedded.smsbox import file_beside, gateway_url, list_texts
from balie.sms.gateway import Gateway, Verdict

pytestmark = pytest.mark.slow  # each starts the process anew
CONTENT = b"Message-ID: <%d@x.example>\r\nSubject: Vast\r\n\r\nRegel.\r\n..met punten\r\n"


@dataclass(frozen=True)
class Running:
    """The process, and where it listens."""

    process: asyncio.subprocess.Process
    smtp: int
    control: int
    folder: Path

    async def faults(self, **faults) -> int:
        """Switch faults; the status of the answer."""
        body = {name.replace("_", "-"): value for name, value in faults.items()}
        async with aiohttp.request("PUT", f"http://127.0.0.1:{self.control}/faults", json=body) as answer:
            return answer.status

    async def send(self, number=1, content=CONTENT, to="post@praktijk.example") -> str:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=self.smtp, timeout=30)
        async with client:
            _, words = await client.sendmail("a@x.example", [to], content.replace(b"%d", b"%d" % number))
        return words

    def accepted(self) -> list[dict]:
        return [json.loads(line) for line in (self.folder / "accepted.jsonl").read_text().splitlines()]


@pytest.fixture
async def sink(tmp_path) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "balie.embedded.sink", "--port", "0", "--control", "0"),
        *("--maildir", tmp_path / "mail", "--accepted-log", tmp_path / "accepted.jsonl"),
        *("--watch", tmp_path / "watch"),
        stdout=asyncio.subprocess.PIPE,
    )
    ready = json.loads(await process.stdout.readline())
    yield Running(process, ready["smtp"], ready["control"], tmp_path)
    if process.returncode is None:
        process.terminate()
    assert await process.wait() == 0


async def held_back(sending: asyncio.Task) -> None:
    """Sending is still waiting, after time enough for a mail without a fault."""
    done, _ = await asyncio.wait({sending}, timeout=0.3)
    assert not done


async def test_keeps_the_mail_with_its_envelope_and_logs_it(sink):
    assert await sink.send() == "OK, kept"
    (mail,) = mailbox.Maildir(sink.folder / "mail", create=False)
    assert mail["Return-Path"] == "<a@x.example>"
    assert mail["Delivered-To"] == "post@praktijk.example"
    assert mail.get_payload() == "Regel.\n..met punten\n"
    (line,) = sink.accepted()
    assert line.pop("at") > 1_700_000_000
    assert line == {"message_id": "1@x.example", "recipient": "post@praktijk.example", "sender": "a@x.example"}


STEPS = ("slow", "slow_banner", "slow_ehlo", "slow_mail", "slow_rcpt", "slow_data")


@pytest.mark.parametrize("fault", [*({step: 3600} for step in STEPS), {"silent": True}], ids=str)
async def test_stalls_until_the_fault_is_switched_off(sink, fault):
    assert await sink.faults(**fault) == 200
    sending = asyncio.create_task(sink.send())
    await held_back(sending)
    assert len(sink.accepted()) == ("slow" in fault)  # kept before the stall: an impatient sender makes copies
    assert await sink.faults() == 200
    assert await sending == "OK, kept"
    assert len(sink.accepted()) == 1


async def test_a_stall_lasts_its_seconds(sink):
    await sink.faults(slow=0.4)
    sending = asyncio.create_task(sink.send())
    await held_back(sending)
    assert await sending == "OK, kept"


async def test_refuses_and_listens_again_on_the_same_port(sink):
    await sink.faults(refuse=True)
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await sink.send()
    await sink.faults()
    assert await sink.send() == "OK, kept"


async def test_drops_the_connection_after_it_kept_the_mail(sink):
    await sink.faults(drop_after_data=True)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await sink.send()
    assert len(sink.accepted()) == 1


async def test_takes_a_mail_and_delivers_none_of_it(sink):
    await sink.faults(lose=True)
    assert await sink.send() == "OK, kept"
    assert len(sink.accepted()) == 1  # it said so
    assert not list(mailbox.Maildir(sink.folder / "mail", create=False))


async def test_mail_of_the_watch_goes_to_a_mailbox_of_its_own(sink):
    assert await sink.send(to="watch@x.example") == "OK, kept"
    assert sink.accepted() == []
    assert not list(mailbox.Maildir(sink.folder / "mail", create=False))
    (mail,) = mailbox.Maildir(sink.folder / "watch", create=False)
    assert mail["Delivered-To"] == "watch@x.example"


@pytest.mark.parametrize("faults", [{"slow": -1}, {"slow": "30"}, {"snail": 1}, {"silent": 1}], ids=str)
async def test_a_fault_that_is_none_changes_nothing(sink, faults):
    await sink.faults(slow=0.1)
    assert await sink.faults(**faults) == 400
    async with aiohttp.request("GET", f"http://127.0.0.1:{sink.control}/faults") as answer:
        assert (await answer.json())["slow"] == 0.1


async def test_a_mail_may_be_too_large(sink):
    with pytest.raises(aiosmtplib.SMTPSenderRefused, match="552"):
        await sink.send(content=CONTENT + b"lang\r\n" * 2_000_000)
    assert sink.accepted() == []


async def test_many_wait_at_once_and_each_is_kept_once(sink):
    await sink.faults(slow=3600)
    sending = [asyncio.create_task(sink.send(number)) for number in range(100)]
    await held_back(asyncio.gather(*sending))
    await sink.faults()
    await asyncio.gather(*sending)
    assert sorted(int(line["message_id"].partition("@")[0]) for line in sink.accepted()) == list(range(100))


async def test_ends_at_once_although_somebody_waits(sink):
    await sink.faults(slow=3600)
    sending = asyncio.create_task(sink.send())
    await held_back(sending)
    sink.process.terminate()
    assert await sink.process.wait() == 0
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await sending


async def test_a_text_message_that_work_hands_over_is_kept(sink):
    gateway = Gateway(gateway_url(sink.control), answer_s=20)
    outcome = await gateway.hand_over(recipient="+31612345678", words="Balie: één bestelling")
    assert outcome.verdict is Verdict.ACCEPTED
    (text,) = list_texts(file_beside(sink.folder / "mail"), words="06 één")
    assert (text.recipient, text.words) == ("06 12345678", "Balie: één bestelling")


async def test_a_gateway_that_refuses_or_says_nothing(sink):
    gateway = Gateway(gateway_url(sink.control), answer_s=1)
    await sink.faults(sms_refuse=True)
    assert (await gateway.hand_over(recipient="+31612345678", words="een")).verdict is Verdict.REFUSED
    await sink.faults(sms_silent=True)
    assert (await gateway.hand_over(recipient="+31612345678", words="twee")).verdict is Verdict.UNKNOWN
    assert [text.words for text in list_texts(file_beside(sink.folder / "mail"), words="")] == ["twee"]
