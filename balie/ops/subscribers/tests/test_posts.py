"""A practice that subscribed gets each update once from Balie's own outbox, written by the watch as its own role."""

import psycopg
import pytest

from balie.ops.subscribers.duty import letter
from balie.ops.subscribers.joining import join_post, leave_post, post_reads
from balie.ops.subscribers.models import Sending
from balie.ops.subscribers.sending import deliver

PRACTICE = """
insert into practices_practice (agb_code, name, registered_count, email, second_email, phone)
values ('01007316', 'De Post', 1, 'post@post.example', 'tweede@post.example', '') returning id
"""
MAILS = "select recipient, body ->> 'subject' from mail_outbox where reference = 'practice:' || %s order by recipient"


@pytest.fixture
def post(installation, settings):
    """Its number; and the database as its owner sees it."""
    with installation.connect() as conn:
        conn.execute("call practices_admit_watch_v1()")
        conn.execute("call practices_admit_telling_v1()")
        settings.WATCH_DSN = psycopg.conninfo.make_conninfo(installation.dsn, user="balie_watch")
        (number,) = conn.execute(PRACTICE).fetchone()
        yield number, conn


def test_a_practice_gets_each_update_once_at_both_its_addresses(post, readers):
    number, conn = post
    join_post(number, readers.now)
    join_post(number, readers.now)
    readers.story.verdict()
    readers.settle()
    (told,) = readers.post.got
    assert deliver(told)[0] == "sent"
    assert deliver(told)[0] == "sent"
    mails = conn.execute(MAILS, (number,)).fetchall()
    assert [recipient for recipient, _ in mails] == ["post@post.example", "tweede@post.example"]
    assert mails[0][1].endswith("Niemand kan bestellen")


@pytest.mark.usefixtures("post")
def test_the_watch_writes_no_other_mail(settings):
    with psycopg.connect(settings.WATCH_DSN) as watch, pytest.raises(psycopg.errors.InsufficientPrivilege):
        watch.execute("insert into mail_outbox (kind) values ('account_message')")


def test_a_database_that_is_away_is_asked_again(post, readers, settings):
    number, _conn = post
    join_post(number, readers.now)
    readers.story.verdict()
    readers.settle()
    settings.WATCH_DSN = "postgresql://nobody@127.0.0.1:1/balie"
    assert deliver(letter(Sending.objects.get(), readers.story.night.graph))[0] == "refused"


def test_it_stops(readers):
    join_post(5, readers.now)
    leave_post(5, readers.now)
    assert not post_reads(5)
    readers.story.verdict()
    readers.settle()
    assert not readers.post.got
