"""Roots of the log in the key log: a log that is written anew comes to others, and whoever looks sees it."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from django.db import connections

from balie.consult.client import log_roots
from balie.consult.client.keylog import FollowedLog
from balie.consult.client.tests.conftest import passes, people
from balie.consult.client.tests.people import Someone
from balie.consult.client.transport import Response
from balie.consult.keylog.rooting import publish_root
from balie.consult.keylog.tests.conftest import SERVERS
from balie.consult.keylog.verifying import RewrittenError, Verified, verify_log
from balie.consult.keyservers import cosigners
from balie.consult.protocol.keylog import origin_of
from balie.consult.protocol.reasons import Reason, Rejected
from balie.keyserver.tests.house import ISSUER

__all__ = ["passes", "people"]

TABLES = ("consult_log_entry", "consult_log_root", "consult_log_head", "consult_key_log_entry")
# As whoever has the database would do it: the first entry says something else, and every hash after it follows.
REWRITE = """
do $$
declare
  e record;
  hashed text := '';
begin
  update consult_log_entry x set what = 'created' from consult_log_book b
   where b.id = x.book_id and b.identity_id = '{book}' and x.number = 1;
  for e in select x.* from consult_log_entry x join consult_log_book b on b.id = x.book_id
            where b.identity_id = '{book}' order by x.number loop
    update consult_log_entry x set previous = hashed, hash = translate(encode(sha256(
      convert_to('balie/1/log-entry', 'UTF8') || '\\x00'::bytea || consult_field_v1('{book}')
      || consult_field_v1(e.number::text) || consult_field_v1(consult_moment_v1(e.at)) || consult_field_v1(e.what)
      || consult_field_v1(e.identity_id) || consult_field_v1(e.detail) || consult_field_v1(hashed)), 'base64'),
      '+/=', '-_') where x.id = e.id
    returning x.hash into hashed;
  end loop;
  update consult_log_book set hash = hashed where identity_id = '{book}';
end $$
"""


NO_ROOTS = """
delete from consult_log_head; delete from consult_log_root; delete from consult_key_log_entry where statement_id is null
"""


@pytest.fixture
def anna(people) -> Someone:
    anna = people[0]
    anna.world.log = FollowedLog(anna.application, origin_of(ISSUER), cosigners(SERVERS))
    return anna


@pytest.fixture
def forge(installation):
    """Whatever the database refuses to everybody else."""

    def run(sql: str) -> None:
        with installation.connect() as line:
            line.execute("set session_replication_role = replica")
            line.execute(sql)

    return run


@pytest.fixture
async def root(conn, cosigning):
    """Make one now, whenever the last was, and have it cosigned."""

    async def make() -> None:
        await publish_root(conn, 0, every=timedelta(0))
        await cosigning.act(conn, 0)

    return make


@pytest.fixture
async def rooted(anna, root, monkeypatch):
    """Two roots, with something of Anna's in each; after it something that is under none yet."""
    monkeypatch.setattr(log_roots, "SETTLED", timedelta(0))
    await root()
    await write(anna)
    await root()
    await write(anna)
    return anna


async def verified() -> Verified:
    def run() -> Verified:
        try:
            return verify_log()
        finally:
            connections.close_all()  # those of this thread

    return await asyncio.to_thread(run)


async def write(someone: Someone) -> None:
    await someone.application.tell_exported(None, someone.device.device, "iets")


COUNT = "select (select count(*) from consult_log_root), (select count(*) from consult_log_head)"


async def test_a_root_is_made_once_an_hour_and_only_when_something_was_written(anna, conn, root):
    async def counted():
        return await (await conn.execute(COUNT)).fetchone()

    await publish_root(conn, 0)
    roots, heads = await counted()
    assert (roots, heads > 0) == (1, True)
    await root()  # nothing was written
    await write(anna)
    await publish_root(conn, 0)  # the hour is not over
    assert await counted() == (1, heads)
    await root()
    assert await counted() == (2, heads + 1)


async def test_a_root_is_in_the_key_log_and_who_reads_it_finds_their_own_book_under_it(rooted):
    log = rooted.world.log
    assert await log.audit(rooted.keyring) == []
    assert len(log._in_log) == len(log._roots.names) == 2
    assert log._roots.under[0] < len(await rooted.application.log(None))


@pytest.mark.parametrize("rooted_anew", [False, True])
async def test_whoever_reads_sees_that_their_book_was_written_anew(rooted, forge, root, rooted_anew):
    """Also when a root is made of what the log says now."""
    forge(REWRITE.format(book=rooted.id))
    if rooted_anew:
        await root()
    with pytest.raises(Rejected) as rejected:
        await rooted.world.log.audit(rooted.keyring)
    assert rejected.value.reason == Reason.LOG_REWRITTEN


async def test_who_has_looked_before_sees_it_at_the_next_look(rooted, forge):
    await rooted.world.log.audit(rooted.keyring)
    forge(REWRITE.format(book=rooted.id))
    with pytest.raises(Rejected) as rejected:
        await rooted.world.log.audit(rooted.keyring)
    assert rejected.value.reason == Reason.LOG_REWRITTEN


async def test_without_roots_a_book_that_was_written_anew_looks_as_good(anna, forge, cosigning, conn):
    """The control: a chain alone shows nothing to who kept nothing of it."""
    await cosigning.act(conn, 0)
    await write(anna)
    forge(REWRITE.format(book=anna.id))
    assert await anna.world.log.audit(anna.keyring) == []


async def test_roots_that_the_application_changes_or_leaves_out_are_seen(rooted):
    honest = rooted.transport
    bends = [
        lambda told: told | {"roots": told["roots"][1:]},
        lambda told: told | {"roots": told["roots"][::-1]},
        lambda told: told | {"roots": [each | {"heads": each["heads"][:-1]} for each in told["roots"]]},
        lambda told: told | {"roots": []},
    ]
    for bend in bends:

        async def transport(method, url, body, headers, *, bend=bend):
            answer = await honest(method, url, body, headers)
            bent = json.dumps(bend(json.loads(answer.body))).encode() if "log-roots" in url else answer.body
            return Response(answer.status, bent)

        application = replace(rooted.application, transport=transport)
        log = FollowedLog(application, origin_of(ISSUER), cosigners(SERVERS))
        with pytest.raises(Rejected) as rejected:
            await log.audit(rooted.keyring)
        assert rejected.value.reason == Reason.LOG_REWRITTEN


async def test_the_verifier_reads_all_of_it(rooted):
    found = await verified()
    assert (found.roots, found.cosigned > 0, found.entries >= found.books > 1) == (2, True, True)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (REWRITE, "was another at entry"),
        ("update consult_log_entry set what = 'nothing' where number = 1", "is not what follows"),
        ("delete from consult_log_entry where number = (select max(number) from consult_log_entry)", "ends at"),
        ("update consult_log_root set at = at - interval '1 hour' where previous = ''", "is not over what it says"),
        ("delete from consult_log_head; delete from consult_log_root", "says otherwise"),
        (
            NO_ROOTS,
            "is not the one that key servers have cosigned",
        ),
    ],
)
async def test_the_verifier_sees_whatever_was_changed(rooted, forge, sql, why):
    await verified()
    forge(sql.format(book=rooted.id) if sql == REWRITE else sql)
    with pytest.raises(RewrittenError, match=why):
        await verified()


async def test_nothing_of_roots_is_changed_by_anybody_else(rooted, installation):
    for table in TABLES:
        for act in (f"delete from {table}", f"update {table} set id = id", f"truncate {table} cascade"):
            with installation.connect() as line, pytest.raises(psycopg.errors.InsufficientPrivilege):
                line.execute(act.replace("id = id", "name = name") if table == "consult_key_log_entry" else act)


async def test_of_two_at_once_one_makes_a_root(anna, ward, conn):
    async with ward.line() as other, ward.line() as third:
        done = await asyncio.gather(
            *(publish_root(each, 0, every=timedelta(0)) for each in (other, third)), return_exceptions=True
        )
    assert [type(each) for each in done if each is not None] in ([], [psycopg.errors.UniqueViolation])
    assert (await (await conn.execute(COUNT)).fetchone())[0] == 1
