"""A mail server in good health: what is sent, what is refused, and what a bad mail does to the others."""

import asyncio
from dataclasses import replace

import pytest
from django.db import connection

from balie.mail.rendering import Rendered
from balie.mail.services import ACCOUNT_MESSAGE, MailState

from .conftest import KIND, QUICK, render


async def test_every_mail_is_accepted_once_and_its_row_says_so(post, table, worker):
    table.fill(60)
    async with worker():
        await table.until("state = 'sent'")
    assert set(post.copies) == {(f"b27-{n}.2027@balie.example", f"balie@praktijk{n}.example") for n in range(1, 61)}
    assert set(post.copies.values()) == {1}
    assert table.one("attempts, answer, taken_by, taken_until, sent_at >= created_at") == (
        1,
        "250 OK, kept",
        "",
        None,
        True,
    )


async def test_mails_that_are_written_later_leave_without_a_restart(post, table, worker):
    async with worker():
        table.fill(1)
        await post.arrived(1)


@pytest.mark.slow
async def test_two_workers_send_each_mail_once(post, table, worker):
    table.fill(300)
    async with worker(), worker():
        await table.until("state = 'sent'")
    assert len(post.accepted) == 300
    assert set(post.copies.values()) == {1}


def test_control_two_workers_that_only_look_find_the_same_mails(installation, table):
    table.fill(10)
    look = "select id from mail_outbox where state = 'queued' order by next_attempt_at limit 10"
    with installation.connect() as one, installation.connect() as other:
        assert one.execute(look).fetchall() == other.execute(look).fetchall()


async def test_renderers_may_ask_the_database(post, table, worker):
    def from_database(reference):
        with connection.cursor() as cursor:
            cursor.execute("select recipient from mail_outbox where reference = %s", [reference])
            return Rendered(subject=cursor.fetchone()[0], text="", html="")

    table.fill(3)
    async with worker(renderers={KIND: from_database}):
        await table.until("state = 'sent'")


async def test_an_account_message_goes_with_its_own_words_which_are_then_forgotten(post, table, worker):
    words = """{"subject": "Nieuw wachtwoord", "text": "Open https://balie.example/geheim", "html": ""}"""
    table.conn.execute(
        "insert into mail_outbox (kind, reference, recipient, message_id, body)"
        " values (%s, '17', 'a@b.example', 'x', %s)",
        (ACCOUNT_MESSAGE, words),
    )
    async with worker():
        await table.until("state = 'sent'")
    assert table.one("body", "17") == (None,)
    assert len(post.accepted) == 1


async def test_a_renderer_that_fails_fails_alone(post, table, worker):
    def picky(reference):
        if reference == "B27-7":
            raise LookupError("no such order")
        return render(reference)

    table.fill(20)
    async with worker(renderers={KIND: picky}):
        await table.until("state = 'sent' or attempts > 1")
    assert table.states() == {"sent": 19, "queued": 1}
    assert "no such order" in table.one("answer", "B27-7")[0]


async def test_a_renderer_that_hangs_does_not_keep_its_row_for_ever(post, table, worker):
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow_once(reference):
        if not release.is_set():
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        return render(reference)

    table.fill(1)
    async with worker(replace(QUICK, rendering_s=0.05), {KIND: slow_once}):
        await table.until("answer like '%not ready within%'")
        release.set()
        await table.until("state = 'sent'")
    assert len(post.accepted) == 1


async def test_a_kind_that_we_do_not_know_waits_for_a_worker_that_does(post, table, worker):
    table.fill(2, kind="of_a_newer_release")
    table.conn.execute("update mail_outbox set kind = %s where reference = 'B27-2'", (KIND,))
    async with worker():
        await table.until("state = 'sent' or kind <> 'order_confirmation'")
    assert table.one("state, attempts") == (MailState.QUEUED, 0)


@pytest.mark.parametrize("moment", ["at_rcpt", "at_dot"])
async def test_a_refusal_is_final_and_kept_for_people(post, table, worker, moment):
    getattr(post.sink, moment)["weg"] = "550 5.1.1 Deze postbus bestaat niet"
    table.fill(1, recipient="weg@praktijk.example")
    async with worker():
        await table.until("state <> 'queued'")
    assert table.one("state, answer, sent_at") == ("failed", "550 5.1.1 Deze postbus bestaat niet", None)


@pytest.mark.parametrize("moment", ["at_rcpt", "at_dot"])
async def test_not_now_is_tried_again_later(post, table, worker, moment):
    getattr(post.sink, moment)["vol"] = "452 4.2.2 Postbus vol"
    table.fill(1, recipient="vol@praktijk.example")
    async with worker(replace(QUICK, address_pause_s=(600, 600))):
        await table.until("attempts = 1 and taken_by = ''")
        state, answer, later = table.one("state, answer, next_attempt_at > now()")
        assert (state, answer, later) == ("queued", "452 4.2.2 Postbus vol", True)
        getattr(post.sink, moment).clear()
        table.conn.execute("update mail_outbox set next_attempt_at = now()")
        await table.until("state = 'sent'")


async def test_who_is_not_now_for_days_has_failed(post, table, worker):
    post.sink.at_rcpt["vol"] = "452 4.2.2 Postbus vol"
    table.fill(1, recipient="vol@praktijk.example")
    table.conn.execute("update mail_outbox set requested_at = now() - interval '6 days'")
    async with worker():
        await table.until("state = 'failed'")
    assert table.one("answer") == ("452 4.2.2 Postbus vol",)


@pytest.mark.parametrize("answer", ["421 4.3.2 Ik sluit", "530 5.7.0 Eerst inloggen"])
async def test_an_answer_about_the_server_says_nothing_about_the_mail(post, table, worker, answer):
    post.sink.at_rcpt["post"] = answer
    table.fill(1, recipient="post@praktijk.example")
    async with worker():
        await table.until("attempts > 1 and answer <> ''")
        assert table.one("state, answer") == ("queued", answer)
        post.sink.at_rcpt.clear()
        await table.until("state = 'sent'")


async def test_an_answer_may_be_any_bytes(post, table, worker):
    post.sink.at_rcpt["post"] = b"550 Onbekend \xff\x00 " + b"x" * 3000
    table.fill(1, recipient="post@praktijk.example")
    async with worker():
        await table.until("state = 'failed'")
    assert table.one("answer")[0].startswith("550 Onbekend ?")


@pytest.mark.parametrize("recipient", ["", "geen adres", "a@b\r\nRCPT TO:<c@d>", "pöst@praktijk.example"])
async def test_an_address_that_is_none_fails_and_reaches_no_server(post, table, worker, recipient):
    table.fill(1, recipient=recipient)
    async with worker():
        await table.until("state = 'failed'")
    assert "e-mail address" in table.one("answer")[0]
    assert post.accepted == []


async def test_a_password_never_travels_in_the_clear(post, table, worker):
    table.fill(1)
    async with worker(url=f"smtp://balie:geheim@127.0.0.1:{post.sink.port}"):
        await table.until("answer like '%STARTTLS%'")
    assert table.one("state") == ("queued",)
