"""Mail about what nobody read: that there is something, and nothing of what it is."""

import asyncio
import re

import pytest

from balie.consult.models import Identity
from balie.consult.testing import new_id
from balie.consult.unread import UNREAD_MAIL, choose_mail, render_unread, tell_unread, wants_mail
from balie.embedded.sink import Sink
from balie.mail.sending import run_sender
from balie.ordering.tests.web import off_loop
from balie.practices.testing import make_person, make_practice

NEVER_YET_S = 3600


@pytest.fixture
async def conversation(clients):
    """Of Anna, Bilal and Chris; its name and its key."""
    anna, bilal, chris, _ = clients
    return await anna.begin("conversation", bilal.holder, chris.holder)


@pytest.fixture
async def told(conn):
    """Gives who got a mail since the last time, once nobody has looked for `quiet_s`."""

    async def look(quiet_s: float = 0) -> set[str]:
        await tell_unread(conn, quiet_s=quiet_s)
        rows = await (
            await conn.execute("delete from mail_outbox where kind = %s returning reference", (UNREAD_MAIL,))
        ).fetchall()
        assert len(rows) == len(set(rows))
        return {reference for (reference,) in rows}

    return look


async def read(client, conversation, place):
    body = {"reads": [{"conversation": conversation, "read": place}]}
    assert (await client.browser.post("/live/consult/read", body)).status == 200


def ids(*clients) -> set[str]:
    return {each.holder.id for each in clients}


async def test_who_did_not_look_is_told_once_until_they_have_been_back(clients, conversation, told):
    anna, bilal, chris, _ = clients
    await anna.send(*conversation)
    assert await told(NEVER_YET_S) == set()
    assert await told() == ids(bilal, chris)
    await anna.send(*conversation)
    assert await told() == set()
    await read(bilal, conversation[0], 2)
    await anna.send(*conversation)
    assert await told() == ids(bilal)


async def test_a_program_of_a_practice_gets_no_mail(clients, conversation, told, conn):
    """It is told by its stream, and its address is nobody's."""
    anna, bilal, chris, _ = clients
    practice = await off_loop(make_practice)
    member = "insert into practices_membership (person_id, practice_id, role) values (%s, %s, 'software')"
    await conn.execute(member, (bilal.holder.person, practice.pk))
    await anna.send(*conversation)
    assert await told() == ids(chris)


async def test_one_reader_who_looked_is_enough(clients, conversation, told):
    anna, bilal, *_ = clients
    await anna.send(*conversation)
    await read(bilal, conversation[0], 1)
    assert await told() == set()


async def test_what_its_author_read_says_nothing(clients, conversation, told):
    anna, bilal, chris, _ = clients
    await anna.send(*conversation)
    await read(anna, conversation[0], 1)
    assert await told() == ids(bilal, chris)


async def test_who_came_later_is_not_told_of_what_was_before(clients, told):
    anna, bilal, chris, _ = clients
    conversation, key = await anna.begin("conversation", bilal.holder)
    await anna.send(conversation, key)
    assert chris.holder.id not in await told()


async def test_who_wants_no_mail_gets_none(clients, conversation, conn, told):
    anna, bilal, chris, _ = clients
    await conn.execute("insert into consult_unread_mail (identity_id, wanted) values (%s, false)", [bilal.holder.id])
    await anna.send(*conversation)
    assert await told() == ids(chris)
    await conn.execute("update consult_unread_mail set wanted = true")
    await anna.send(*conversation)
    assert await told() == ids(bilal)


async def test_two_workers_tell_once(clients, conversation, ward, told):
    anna, bilal, chris, _ = clients
    await anna.send(*conversation)
    async with ward.line() as one, ward.line() as other:
        await asyncio.gather(*(tell_unread(each, quiet_s=0) for each in (one, other)))
    assert await told() == ids(bilal, chris)


async def test_the_mail_says_that_there_is_something_and_nothing_else(clients, conversation, conn, installation):
    """As a mail server gets it: the same to everybody, whoever wrote, wherever, whatever."""
    anna, bilal, chris, _ = clients
    people = [each.holder.person for each in (bilal, chris)]
    letters, stop = [], asyncio.Event()

    def keep(envelope) -> None:
        letters.append(envelope)
        if len(letters) == 2:
            stop.set()

    await anna.send(*conversation)
    sink = Sink(port=0, keep=keep)
    await sink.start()
    try:
        await tell_unread(conn, quiet_s=0)
        server = f"smtp://127.0.0.1:{sink.port}"
        await run_sender(dsn=installation.dsn, smtp_url=server, renderers={UNREAD_MAIL: render_unread}, stop=stop)
    finally:
        await sink.stop()
    wanted = await conn.execute("select email from practices_person where id = any(%s)", [people])
    assert {each.rcpt_tos[0] for each in letters} == {email for (email,) in await wanted.fetchall()}
    own = rb"(?im)^(message-id|to|date|.*boundary=|--).*$"
    one, other = (re.sub(own, b"", each.original_content) for each in letters)
    assert one == other
    for secret in (conversation[0].encode(), anna.holder.id.encode(), b"Anna", b"Bilal"):
        assert secret not in one


@pytest.fixture
def person(db):
    person = make_person("Bilal")
    Identity.objects.create(id=new_id(), person=person)
    return person


def test_it_is_written_in_the_readers_language(person):
    person.language = "en"
    person.save()
    mail = render_unread(person.identity.pk)
    assert (mail.language, mail.subject) == ("en", "There is a new message in Balie")


def test_one_chooses_and_chooses_again(person):
    assert wants_mail(person)
    for wanted in (False, True):
        choose_mail(person=person, wanted=wanted)
        assert wants_mail(person) is wanted
