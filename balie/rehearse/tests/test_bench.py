"""The bench's own tools: a client that is not the limit, the baseline's functions, the ratios."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from balie.rehearse.bench.ordering import with_ratios
from balie.rehearse.bench.unlocking import key_servers, measure_unlocking, unlock_ratios
from balie.rehearse.bench.wire import close, connect, request_bytes


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


@pytest.mark.slow
def test_unlocking_goes_on_with_one_dead_or_silent(monkeypatch):
    monkeypatch.setattr("balie.rehearse.bench.unlocking.UNLOCKS", 3)
    with key_servers() as servers:
        found = measure_unlocking(servers)
        ratios = unlock_ratios(found)
    assert found["unlock_p50_one_silent_ms"] > 150 > found["unlock_p50_healthy_ms"] > 0
    assert ratios.keys() == {"unlock_p99_one_dead_vs_healthy", "unlock_p99_one_silent_vs_healthy"}
