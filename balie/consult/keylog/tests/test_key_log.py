"""The key log: every statement about keys is in it, in order and for good; what clients are told of it holds."""

import asyncio

import psycopg
import pytest

from balie.consult.keylog.log import KeyLog
from balie.consult.keylog.tests.conftest import SERVERS
from balie.consult.keyservers import cosigners
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.keylog import accept_checkpoint, check_entry, check_follows, entry_of, origin_of
from balie.consult.testing import new_id
from balie.consult.tests.keyholders import named
from balie.keyserver.tests.house import ISSUER

PATH = "/live/consult/key-log"
ORIGIN = origin_of(ISSUER)
ENTRIES = "select index, of, name from consult_key_log_entry order by index"


def entries(installation):
    with installation.connect() as line:
        return line.execute(ENTRIES).fetchall()


def accepted(told):
    return accept_checkpoint(told["checkpoint"], origin=ORIGIN, cosigners=cosigners(SERVERS)).checkpoint


async def ask(client, *persons, since=0):
    return (await client.browser.post(PATH, {"since": since, "persons": list(persons)})).json


async def test_keys_and_devices_are_in_it_in_the_order_of_the_feed(strangers, installation):
    anna, bilal, *_ = strangers
    first, second = (anna.holder.new_key(), anna.holder.certify()), (bilal.holder.new_key(),)
    for client, post in ((anna, first), (bilal, second)):
        assert (await client.post(*post)).status == 200
    await anna.begin("conversation", bilal.holder)
    third = anna.holder.revoke()
    await anna.post(third)
    await anna.post(third)  # posted again, logged once
    said = [(anna, each) for each in first] + [(bilal, each) for each in second] + [(anna, third)]
    expected = [(at, entry_of(client.holder.id), named(each)) for at, (client, each) in enumerate(said)]
    assert entries(installation) == expected


async def test_a_refused_post_leaves_nothing_in_it(strangers, installation):
    anna = strangers[0]
    assert (await anna.post(anna.holder.new_key(), strangers[1].holder.new_key())).status == 422
    assert entries(installation) == []


async def test_those_who_post_at_once_leave_no_gap(strangers, installation):
    async def join(client):
        for _ in range(4):
            assert (await client.post(client.holder.new_key(), client.holder.certify(new_id()))).status == 200

    await asyncio.gather(*map(join, strangers))
    found = entries(installation)
    assert [index for index, *_ in found] == list(range(32))
    with installation.connect() as line:
        by_feed = line.execute("select name from consult_statement order by feed").fetchall()
        assert line.execute("select size from consult_key_log").fetchall() == [(32,)]
    assert [(name,) for _, _, name in found] == by_feed


async def test_nothing_is_put_elsewhere_changed_or_removed(clients, installation):
    aside = """
    insert into consult_key_log_entry (index, statement_id, name, of)
    select 99, statement_id, name, of from consult_key_log_entry limit 1
    """
    with installation.connect() as line:
        for change in ("update consult_key_log_entry set of = 'x'", "delete from consult_key_log_entry"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                line.execute(change)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            line.execute("truncate consult_key_log_entry")
        with pytest.raises(psycopg.errors.IntegrityError, match="no place 99"):
            line.execute(aside)
        # The control: it is the triggers that keep it so.
        line.execute("alter table consult_key_log_entry disable trigger all")
        line.execute("alter table consult_key_log_entry drop constraint consult_key_log_entry_statement_id_key")
        line.execute(aside)
        line.execute("update consult_key_log_entry set of = 'x'")
    assert [index for index, *_ in entries(installation)] == [*range(8), 99]


async def test_what_was_stated_before_there_was_a_log_gets_into_it(strangers, installation):
    with installation.connect() as line:
        line.execute("alter table consult_statement disable trigger consult_key_log_numbered")
    for each in strangers[:2]:
        await each.post(each.holder.new_key(), each.holder.certify())
    assert entries(installation) == []
    with installation.connect() as line:
        line.execute("select consult_key_log_append_v1(array(select id from consult_statement order by id desc))")
        by_feed = line.execute("select name from consult_statement order by feed").fetchall()
    assert [(name,) for _, _, name in entries(installation)] == by_feed


async def test_what_a_client_is_told_holds(clients, conn, cosigning):
    anna, bilal, *_ = clients
    assert await ask(anna, bilal.holder.id) == {"checkpoint": None, "consistency": [], "entries": {}}
    await cosigning.act(conn, 0)
    told = await ask(anna, bilal.holder.id, anna.holder.id, new_id())
    seen = accepted(told)
    assert seen.size == 8
    assert [len(each) for each in told["entries"].values()] == [2, 2, 0]
    for each in told["entries"][bilal.holder.id]:
        proof = [unb64(hashed) for hashed in each["proof"]]
        said = {"statement": each["statement"], "index": each["index"], "proof": proof}
        check_entry(seen, person=bilal.holder.id, **said)
    await bilal.post(bilal.holder.new_key())
    assert len((await ask(anna, bilal.holder.id))["entries"][bilal.holder.id]) == 2
    await cosigning.act(conn, 0)
    told = await ask(anna, bilal.holder.id, since=8)
    assert len(told["entries"][bilal.holder.id]) == 3
    check_follows(accepted(told), seen, [unb64(each) for each in told["consistency"]])


async def test_whoever_reads_all_of_it_comes_to_the_same_root(clients, conn, cosigning, monkeypatch):
    monkeypatch.setattr("balie.consult.keylog.api.ENTRIES_MOST", 5)
    await cosigning.act(conn, 0)
    page = await clients[0].get("key-log")
    rest = await clients[0].get("key-log?after=5")
    assert (page["more"], rest["more"]) == (True, False)
    found = KeyLog(ORIGIN)
    await found.catch_up(conn)
    assert found.checkpoint() == accepted(rest)
    assert [each["of"] for each in page["entries"] + rest["entries"]].count(entry_of(clients[1].holder.id)) == 2


async def test_with_one_key_server_away_it_is_cosigned_and_with_two_it_is_not(clients, conn, cosigning, network):
    network.dead = {"north", "east"}
    await cosigning.act(conn, 0)
    assert (await ask(clients[0]))["checkpoint"] is None
    network.dead = {"north"}
    await cosigning.act(conn, 0)
    assert accepted(await ask(clients[0])).size == 8


async def test_nothing_is_asked_while_there_is_nothing_new(clients, conn, cosigning, network):
    await cosigning.act(conn, 0)
    asked = len(network.asked)
    await cosigning.act(conn, 0)
    assert len(network.asked) == asked
    await conn.execute("update consult_key_log_checkpoint set cosigned_at = now() - interval '2 hours'")
    await cosigning.act(conn, 0)
    assert len(network.asked) == asked + 3


async def test_another_process_goes_on_from_where_the_servers_are(clients, conn, cosigning, network):
    await cosigning.act(conn, 0)
    newcomer = type(cosigning)(KeyLog(ORIGIN), SERVERS, cosigning._issuer, network.transport)
    await clients[0].post(clients[0].holder.new_key())
    await newcomer.act(conn, 0)
    assert accepted(await ask(clients[0])).size == 9


async def test_a_log_that_was_rewritten_is_cosigned_by_nobody(clients, conn, cosigning, network, installation):
    await cosigning.act(conn, 0)
    with installation.connect() as line:
        line.execute("alter table consult_key_log_entry disable trigger all")
        line.execute("update consult_key_log_entry set name = of where index = 3")
    await clients[0].post(clients[0].holder.new_key())
    forked = type(cosigning)(KeyLog(ORIGIN), SERVERS, cosigning._issuer, network.transport)
    await forked.act(conn, 0)
    assert accepted(await ask(clients[0])).size == 8


@pytest.mark.parametrize("body", [{"since": -1, "persons": []}, {"since": 0}, {"since": 0, "persons": ["x"]}, {}])
async def test_what_is_no_question_is_refused(clients, body):
    assert (await clients[0].browser.post(PATH, body)).code == "bad_request"
