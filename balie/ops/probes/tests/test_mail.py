"""A mail server in all its illnesses, and what stock checks make of them."""

import time

import aiosmtplib
import pytest

from balie.embedded.sink import Faults, Sink, Store
from balie.ops.lacking import NotSetUpError
from balie.ops.probes import Unwell
from balie.ops.probes.mail import Arrival, Mail


class Grumpy(Sink):
    """Answers a mail as the test says."""

    answer = ""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        return self.answer or await super().handle_DATA(server, session, envelope)


@pytest.fixture
async def sink(tmp_path, settings):
    found = Grumpy(port=0, keep=Store(tmp_path / "mail", None).keep)
    await found.start()
    settings.SMTP_URL = f"smtp://127.0.0.1:{found.port}"
    settings.WATCH_MAILBOX, settings.WATCH_MAILDIR = "watch@voorbeeld.example", str(tmp_path / "mail")
    yield found
    await found.stop()


async def stock_check(sink) -> str:
    """What is usual: connect, say hello, and leave content."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=sink.port, timeout=5) as client:
        return str((await client.noop()).code)


@pytest.fixture
def pass_time(monkeypatch):
    """Moves the clock on the wall on by so many seconds."""
    now = time.time

    def passing(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: now() + seconds)

    return passing


async def test_a_mail_is_taken_and_arrives(sink):
    assert "took a mail" in await Mail().look()
    assert "left 0 s ago" in await Arrival().look()


STALLS = {
    "slow": (Faults(slow=3600), "DATA: no answer after"),
    "slow_data": (Faults(slow_data=3600), "DATA: no answer after"),
    "slow_rcpt": (Faults(slow_rcpt=3600), "RCPT TO: no answer after"),
    "slow_mail": (Faults(slow_mail=3600), "MAIL FROM: no answer after"),
}


@pytest.mark.parametrize("name", STALLS)
async def test_a_stall_is_named_by_its_step_in_time_where_a_stock_check_is_content(sink, name):
    faults, evidence = STALLS[name]
    await sink.set_faults(faults)
    began = time.monotonic()
    with pytest.raises(Unwell, match=evidence):
        await Mail(within_s=1).look()
    assert time.monotonic() - began < 3
    assert await stock_check(sink) == "250"  # control
    await sink.set_faults(Faults())
    assert await Mail().look()


@pytest.mark.parametrize("faults", [Faults(slow_banner=3600), Faults(silent=True)])
async def test_a_server_without_a_greeting_is_unwell(sink, faults):
    await sink.set_faults(faults)
    with pytest.raises(Unwell, match="and its greeting: no answer"):
        await Mail(within_s=1).look()


async def test_a_server_that_refuses_drops_or_defers_is_unwell(sink):
    sink.answer = "451 later"
    with pytest.raises(Unwell, match=r"DATA: .*451.*later"):
        await Mail().look()
    assert await stock_check(sink) == "250"  # control
    sink.answer = ""
    await sink.set_faults(Faults(drop_after_data=True))
    with pytest.raises(Unwell, match="DATA: "):
        await Mail().look()
    await sink.set_faults(Faults(refuse=True))
    with pytest.raises(Unwell, match="greeting: "):
        await Mail().look()


async def test_mail_that_is_taken_and_never_arrives_is_seen_by_its_absence_alone(sink, pass_time):
    await Mail().look()
    limit = Arrival(age_s=30)
    assert await limit.look()
    await sink.set_faults(Faults(lose=True))
    pass_time(40)
    assert "took a mail" in await Mail().look()  # control: handing over looks well
    with pytest.raises(Unwell, match=r"left 4\d s ago; 30 s are allowed"):
        await limit.look()
    await sink.set_faults(Faults())
    await Mail().look()
    assert await limit.look()


async def test_a_watch_that_began_just_now_gives_the_first_mail_its_time(sink, pass_time):
    await sink.set_faults(Faults(lose=True))
    limit = Arrival(age_s=30, within_s=1.7)
    assert await limit.look() == "no mail has arrived"
    pass_time(40)
    with pytest.raises(Unwell, match="no mail has arrived"):
        await limit.look()


async def test_what_was_seen_is_taken_away_and_other_mail_stays(sink, tmp_path):
    others = tmp_path / "mail/new/1.other"
    for _ in range(3):
        await Mail().look()
    others.write_bytes(b"Subject: Uw bestelling\n\nBalie watch, 1.000\n")
    await Arrival().look()
    assert len(list((tmp_path / "mail/new").iterdir())) == 2
    assert others.exists()


async def test_without_a_mailbox_nothing_is_said_of_the_mail_server(sink, settings):
    settings.WATCH_MAILBOX = settings.WATCH_MAILDIR = ""
    with pytest.raises(NotSetUpError, match="BALIE_WATCH_MAILBOX"):
        await Mail().look()
    with pytest.raises(NotSetUpError, match="BALIE_WATCH_MAILDIR"):
        await Arrival().look()
