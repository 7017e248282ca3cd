"""The budget of a token is one for all processes, whoever of them is asked."""

import threading
from concurrent.futures import ThreadPoolExecutor

from balie.practices.tokens import Budgets, Token

TAKE = "select taken, remaining from practices_budget_take_v1('api:7', %s, %s)"
SLOW, MOST = 1e-6, 5.0  # next to nothing comes back while a test runs


def take(conn, rate=SLOW, most=MOST):
    return conn.execute(TAKE, (rate, most)).fetchone()


def test_two_processes_take_from_one_budget(installation):
    with installation.connect() as one, installation.connect() as two:
        taken = [take(one if turn % 2 else two) for turn in range(7)]
    assert [each[0] for each in taken] == [True] * 5 + [False] * 2
    assert [int(each[1] + 0.01) for each in taken] == [4, 3, 2, 1, 0, 0, 0]


def test_control_counted_by_each_process_it_is_two_budgets():
    token = Token(7, 1, frozenset())
    one, two = Budgets(), Budgets()
    both = [one.take(token)[0] for _ in range(100)] + [two.take(token)[0] for _ in range(100)]
    assert all(both)


def test_of_all_who_ask_at_once_no_more_get_through_than_may(installation):
    begin = threading.Barrier(8)

    def asks(_turn: int) -> bool:
        with installation.connect() as conn:
            begin.wait(10)
            return take(conn)[0]

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(asks, range(8))) == 5


def test_it_comes_back_with_time_and_never_beyond_all_of_it(installation):
    with installation.connect() as conn:
        for _ in range(6):
            take(conn)
        assert take(conn)[0] is False
        conn.execute("update practices_cache set value = array[0, (value::float8[])[2] - 2, 0]::text")
        assert take(conn, rate=1.0)[0] is True
        conn.execute("update practices_cache set value = array[0, (value::float8[])[2] - 1e6, 0]::text")
        taken, remaining = take(conn, rate=1.0)
        assert (taken, int(remaining + 0.01)) == (True, 4)


def test_a_budget_that_is_whole_again_is_forgotten(installation):
    with installation.connect() as conn:
        take(conn, rate=20.0, most=100.0)
        (left_s,) = conn.execute(
            "select extract(epoch from expires - clock_timestamp()) from practices_cache"
        ).fetchone()
        assert 0 < left_s <= 5
