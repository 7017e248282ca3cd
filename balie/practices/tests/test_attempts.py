"""How attempts at a password are counted: in one statement, and by many processes at once no more than may."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from balie.practices.attempts import Attempt, count_attempt, forget_attempts
from balie.practices.testing import PASSWORD, make_membership, make_person, make_practice

AT_ONCE = 12
PER_ADDRESS, PER_CLIENT = 5, 10  # in five minutes; in one minute, as allauth has it


def attempt(key: str = "anna", *, client: str = "192.0.2.7") -> Attempt | None:
    return count_attempt(RequestFactory().post("/", REMOTE_ADDR=client), key=key)


def counted(*tries: Attempt | None) -> list[bool]:
    return [one is not None for one in tries]


@pytest.mark.django_db
def test_so_many_count_within_the_time_and_one_that_is_over_makes_room(time_machine):
    time_machine.move_to(at := timezone.now(), tick=False)
    assert counted(attempt()) == [True]
    time_machine.move_to(at + timedelta(seconds=100), tick=False)
    assert counted(*(attempt() for _ in range(PER_ADDRESS))) == [True] * (PER_ADDRESS - 1) + [False]
    time_machine.move_to(at + timedelta(seconds=299), tick=False)
    assert counted(attempt()) == [False]
    time_machine.move_to(at + timedelta(seconds=300), tick=False)
    assert counted(attempt(), attempt()) == [True, False]


@pytest.mark.django_db
def test_one_client_has_so_many_at_whatever_address():
    assert counted(*(attempt(f"person-{number}") for number in range(PER_CLIENT + 1))) == [True] * PER_CLIENT + [False]
    assert counted(attempt("another", client="192.0.2.8")) == [True]


@pytest.mark.django_db
def test_one_that_is_taken_back_leaves_its_room_and_takes_no_other_along():
    tries = [attempt() for _ in range(PER_ADDRESS)]
    assert tries[0] is not None
    tries[0].rollback()
    tries[0].rollback()
    assert counted(attempt(), attempt()) == [True, False]


@pytest.mark.django_db
def test_what_is_forgotten_begins_anew():
    assert counted(*(attempt() for _ in range(PER_ADDRESS + 1)))[-1] is False
    forget_attempts(RequestFactory().post("/", REMOTE_ADDR="192.0.2.7"), key="anna")
    assert counted(attempt()) == [True]


def how_many_get_through(try_one: Callable[[], bool]) -> int:
    def connect_and_try(_number: int) -> bool:
        connection.ensure_connection()
        try:
            all_here.wait(timeout=30)
            return try_one()
        finally:
            connection.close()

    all_here = Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(connect_and_try, range(AT_ONCE)))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_get_through_than_may():
    assert how_many_get_through(lambda: attempt() is not None) == PER_ADDRESS


@pytest.mark.django_db(transaction=True)
def test_control_whoever_looks_first_and_counts_then_lets_all_of_them_through():
    all_looked = Barrier(AT_ONCE)

    def look_and_count() -> bool:
        so_far: int = cache.get("anna", 0)
        all_looked.wait(timeout=30)
        cache.set("anna", so_far + 1, timeout=300)
        return so_far < PER_ADDRESS

    assert how_many_get_through(look_and_count) == AT_ONCE


@pytest.mark.django_db
@pytest.mark.urls("balie.practices.tests.pages")
def test_a_login_asks_the_database_so_often():
    person = make_person(email="anna@delinde.example", password=PASSWORD)
    make_membership(person, make_practice())
    with CaptureQueriesContext(connection) as asked:
        Client().post("/account/login/", {"login": person.email, "password": PASSWORD})
    counting = [
        query
        for query in asked.captured_queries
        if "practices_cache" in query["sql"] or "practices_limit" in query["sql"]
    ]
    assert len(counting) == 6  # two are for these limits, four for that of all logins from one place
