"""The bench's own tools: a client that is not the limit, the baseline's functions, the ratios."""

import asyncio
import os

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from balie.consult.tests.ward import Ward
from balie.rehearse.bench.command import Part, measure_apart
from balie.rehearse.bench.desk import desk_ratios
from balie.rehearse.bench.messages import Arrivals, Reader, message_ratios
from balie.rehearse.bench.ordering import with_ratios
from balie.rehearse.bench.talking import fill
from balie.rehearse.bench.unlocking import key_servers, measure_unlocking, unlock_ratios
from balie.rehearse.bench.wire import close, connect, request_bytes
from balie.rehearse.tests.measuring import fail, measure_small_desk, tell_process


async def test_the_lean_client_reads_what_comes_in_pieces_and_keeps_the_connection():
    async def dribble(request: web.Request) -> web.StreamResponse:
        body = (await request.read()) * 3
        response = web.StreamResponse(status=409, headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        for at in range(0, len(body), 4):
            await response.write(body[at : at + 4])
            await asyncio.sleep(0)
        return response

    app = web.Application()
    app.router.add_post("/x", dribble)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        (connection,) = await connect(url, 1)
        for body in (b"abcdefgh", b"ij"):
            request = request_bytes("POST", "/x", origin=url, cookie="c", body=body)
            assert await connection.ask(request) == (409, body * 3)
        close([connection])


def test_the_spread_is_compared_with_the_faster_form():
    found = {
        "hot_day_pgbench_two_transactions_per_s": 700.0,
        "hot_day_http_per_s": 2800.0,
        "hot_day_http_per_s_c32": 1400.0,
        "spread_pgbench_two_transactions_per_s": 1200.0,
        "spread_pgbench_one_transaction_per_s": 1400.0,
        "spread_http_per_s": 2800.0,
        "spread_http_per_s_c32": 1400.0,
    }
    ratios = with_ratios(found)
    assert ratios["hot_day_vs_pgbench"] == pytest.approx(4.0)
    assert ratios["spread_vs_pgbench"] == pytest.approx(2.0)
    assert ratios["spread_vs_pgbench_c32"] == pytest.approx(1.0)


def test_a_listener_counts_each_message_once_however_it_is_cut():
    news = b'event: news\ndata: {"after":7,"feed":9,"events":[{"feed":9,"message":{"id":"%s","place":4}}]}\n\n' % (
        b"x" * 22
    )
    for cut in range(1, len(news)):
        arrivals = Arrivals()
        arrivals.expect(1)
        reader = Reader(b"", arrivals)
        reader.data_received(news[:cut])
        reader.data_received(news[cut:])
        assert arrivals.complete.is_set()
        assert [len(times) for times in arrivals.at.values()] == [1]
        assert not reader.open.is_set()


def test_a_listener_asks_when_it_is_told_to():
    reader = Reader(b"", Arrivals())
    reader.data_received(b'event: news\ndata: {"after":7,"feed":7}\n\n')
    assert (reader.open.is_set(), reader.asks.qsize()) == (True, 0)
    reader.data_received(b'event: news\ndata: {"after":7,"feed":90}\n\n')
    assert reader.asks.get_nowait() == 7


def test_the_rate_of_messages_is_the_one_that_holds_however_many_read():
    found = {"messages_per_s_1": 900.0, "messages_per_s_9": 800.0, "messages_per_s_49": 700.0}
    found |= {"send_10k_stored_ms": 1.0, "send_1m_stored_ms": 1.1}
    assert message_ratios(found) == {"messages_per_s": 700.0, "send_cost_1m_vs_10k": pytest.approx(1.1)}


def test_pages_are_compared_with_themselves():
    found = {"order_search_1k_ms": 200.0, "order_search_100k_ms": 240.0}
    found |= {"control_room_1k_ms": 50.0, "control_room_100k_ms": 55.0}
    ratios = {"order_search_100k_vs_1k": pytest.approx(1.2), "control_room_100k_vs_1k": pytest.approx(1.1)}
    assert desk_ratios(found) == ratios


@pytest.mark.slow
def test_every_page_of_the_desk_answers_with_little_and_with_more():
    found = measure_apart(Part(measure_small_desk, desk_ratios), 1)
    assert (found["others"], found["night"]) == (80, 10)
    assert found["order_search_100k_vs_1k"] > 0
    assert found["control_room_100k_vs_1k"] > 0


@pytest.fixture
def ward(installation):
    return Ward(installation.dsn)


async def test_messages_go_on_after_those_that_were_filled_in(ward):
    fill(ward.dsn, 20, "sealed")
    async with ward.line() as conn:
        (answer,) = await ward.send(conn, ward.message(ward.anna, ward.both))
        assert (answer.outcome, answer.place) == ("stored", 11)
        assert len(await ward.read(conn, ward.bilal)) == 11


@pytest.mark.slow
def test_unlocking_goes_on_with_one_dead_or_silent(monkeypatch):
    monkeypatch.setattr("balie.rehearse.bench.unlocking.UNLOCKS", 3)
    with key_servers() as servers:
        found = measure_unlocking(servers)
        ratios = unlock_ratios(found)
    assert found["unlock_p50_one_silent_ms"] > 150  # the third is asked no sooner
    assert found["unlock_p50_healthy_ms"] > 0
    assert ratios.keys() == {"unlock_p99_one_dead_vs_healthy", "unlock_p99_one_silent_vs_healthy"}


@pytest.mark.slow
def test_each_part_has_a_process_of_its_own_as_django_knows_one_database_in_its_life():
    parts = [measure_apart(Part(tell_process, dict), 1)["process"] for _ in range(2)]
    assert len({os.getpid(), *parts}) == 3


@pytest.mark.slow
def test_a_part_that_fails_ends_the_run(capfd):
    with pytest.raises(SystemExit) as ended:
        measure_apart(Part(fail, dict), 7)
    assert ended.value.code == 1
    assert "ValueError: 7" in capfd.readouterr().err
