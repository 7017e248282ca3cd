"""Orders per second: over HTTP through the real hold and confirm, and in pgbench through hand-written functions."""

from __future__ import annotations

import asyncio
import re
import subprocess
import time
from collections import deque
from collections.abc import Sequence

from balie.embedded.binaries import bundled
from balie.rehearse.bench.ground import DAYS, DOSES, FIRST_DAY, Ground, Order
from balie.rehearse.bench.wire import Connection, close, connect
from balie.rehearse.measure import Histogram

CLIENTS = 16
HOT_TRANSACTIONS = 3200
SPREAD_TRANSACTIONS = 4800
HTTP_ORDERS = 6000

NEXT = r"""
\set n :n + 1
\set practice :client_id + 1 + (:n - 1) * 16
"""
WISH = (
    "{campaign}, :practice::bigint, md5(:practice::text)::uuid, :practice::bigint, '{{{flu},{pneumo}}}', "
    "array[:practice, :practice]::bigint[], '{{{doses[0]},{doses[1]}}}', "
    "array_fill('{first}'::date + (:practice::int % {days}), array[2])"
)
TWO_TRANSACTIONS = (
    NEXT
    + """
select bench.hold({wish});
select bench.confirm({campaign}, :practice::bigint, md5(:practice::text)::uuid, :practice::bigint);
"""
)
ONE_TRANSACTION = (
    NEXT
    + """
select bench.place({wish});
"""
)


def pgbench(ground: Ground, *, script: str, days: int, transactions: int) -> float:
    """Orders per second of 16 clients; all practices order once."""
    flu, pneumo = ground.products
    wish = WISH.format(
        campaign=ground.campaign, flu=flu, pneumo=pneumo, doses=DOSES, first=FIRST_DAY.isoformat(), days=days
    )
    file = ground.installation.folder / "pgbench.sql"
    file.write_text(script.format(wish=wish, campaign=ground.campaign), encoding="utf-8")
    each = transactions // CLIENTS
    options = ["--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2", f"--transactions={each}"]
    command = [str(bundled() / "pgbench"), *options, "--define=n=0", f"--file={file}", ground.installation.dsn]
    ground.reset()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    _expect_orders(ground, each * CLIENTS)
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    return float(found[1])


def over_http(ground: Ground, *, days: int, connections: int) -> tuple[float, Histogram, Histogram]:
    """Orders per second of so many connections in a closed loop, and how long holding and confirming took."""
    orders = ground.orders(days=days, count=HTTP_ORDERS)
    ground.reset()
    rate, hold, confirm = asyncio.run(_place_all(ground.url, orders, connections))
    _expect_orders(ground, len(orders))
    return rate, hold, confirm


async def _place_all(url: str, orders: Sequence[Order], count: int) -> tuple[float, Histogram, Histogram]:
    left, hold, confirm = deque(orders), Histogram(), Histogram()
    connections = await connect(url, count)
    began = time.perf_counter()

    async def place_some(connection: Connection) -> None:
        while left:
            order = left.popleft()
            await timed(connection, order.hold, hold)
            await timed(connection, order.confirm, confirm)

    await asyncio.gather(*(place_some(connection) for connection in connections))
    rate = len(orders) / (time.perf_counter() - began)
    close(connections)
    return rate, hold, confirm


async def timed(connection: Connection, request: bytes, into: Histogram, *, since: float | None = None) -> None:
    """Ask, and note the time since the intended start."""
    began = time.perf_counter() if since is None else since
    status, answer = await connection.ask(request)
    into.add((time.perf_counter() - began) * 1000)
    assert status == 200, answer


def _expect_orders(ground: Ground, count: int) -> None:
    """A figure counts only if the work was done."""
    import psycopg

    with psycopg.connect(ground.installation.dsn) as connection:
        stored = connection.execute("select count(*) from judge.orders").fetchone()
    assert stored == (count,), f"{stored} orders stored instead of {count}"


def measure_ordering(ground: Ground) -> dict[str, float]:
    """One round, everything once."""
    found: dict[str, float] = {}
    for name, days, transactions in (("hot_day", 1, HOT_TRANSACTIONS), ("spread", DAYS, SPREAD_TRANSACTIONS)):
        forms = {"two_transactions": TWO_TRANSACTIONS, "one_transaction": ONE_TRANSACTION}
        for form, script in forms.items():
            if name == "spread" or form == "two_transactions":
                rate = pgbench(ground, script=script, days=days, transactions=transactions)
                found[f"{name}_pgbench_{form}_per_s"] = rate
        for connections in (128, 32):
            rate, hold, confirm = over_http(ground, days=days, connections=connections)
            tail = "" if connections == 128 else "_c32"
            found |= {
                f"{name}_http_per_s{tail}": rate,
                f"{name}_hold_p50_ms{tail}": hold.at(50),
                f"{name}_hold_p99_ms{tail}": hold.at(99),
                f"{name}_confirm_p99_ms{tail}": confirm.at(99),
            }
    return found


def with_ratios(found: dict[str, float]) -> dict[str, float]:
    """The ratios that the issue asks for, from medians; the baseline of the spread is the faster form."""
    hot = found["hot_day_pgbench_two_transactions_per_s"]
    spread = max(found["spread_pgbench_two_transactions_per_s"], found["spread_pgbench_one_transaction_per_s"])
    return {
        "hot_day_vs_pgbench": found["hot_day_http_per_s"] / hot,
        "hot_day_vs_pgbench_c32": found["hot_day_http_per_s_c32"] / hot,
        "spread_vs_pgbench": found["spread_http_per_s"] / spread,
        "spread_vs_pgbench_c32": found["spread_http_per_s_c32"] / spread,
    }
