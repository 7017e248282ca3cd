"""Helpers of the hot paths: bodies with a limit, cookies, fair shares, times."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
import time_machine

from balie.lib.asgi import (
    Allowance,
    DisconnectedError,
    TooLargeError,
    find_cookie,
    find_header,
    moment,
    read_body,
    reply,
)


def receiver(*messages):
    queue = iter(messages)

    async def receive():
        return next(queue)

    return receive


def part(body, *, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_may_come_in_parts():
    assert await read_body(receiver(part(b"ab", more=True), part(b"cd")), limit=4, within_s=1) == b"abcd"


async def test_a_body_that_is_too_long_is_not_read_to_its_end():
    with pytest.raises(TooLargeError):  # a third part would be asked for in vain: the receiver has none
        await read_body(receiver(part(b"abc", more=True), part(b"de", more=True)), limit=4, within_s=1)


async def test_a_client_that_leaves_halfway_has_no_body():
    with pytest.raises(DisconnectedError):
        await read_body(receiver(part(b"ab", more=True), {"type": "http.disconnect"}), limit=4, within_s=1)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([(b"cookie", b"a=1; balie_pass=x=y; b=2")], b"x=y"),
        ([(b"cookie", b"a=1"), (b"cookie", b"balie_pass=z")], b"z"),
        ([(b"cookie", b"not_balie_pass=1; balie_passport=2")], None),
        ([(b"host", b"balie_pass=1")], None),
    ],
)
def test_a_cookie_is_found_by_its_whole_name(headers, found):
    assert find_cookie({"headers": headers}, b"balie_pass") == found


def test_a_header_is_found_by_its_name():
    scope = {"headers": [(b"host", b"a"), (b"origin", b"https://b")]}
    assert find_header(scope, b"origin") == b"https://b"
    assert find_header(scope, b"referer") is None


def test_an_allowance_is_an_average_over_seconds(monkeypatch):
    now = 100.0
    monkeypatch.setattr("balie.lib.asgi.time", SimpleNamespace(monotonic=lambda: now))
    allowance = Allowance(rate=20, most=100)
    assert [allowance.take() for _ in range(101)] == [True] * 100 + [False]
    now += 1
    assert [allowance.take() for _ in range(21)] == [True] * 20 + [False]
    now += 3600
    assert [allowance.take() for _ in range(101)] == [True] * 100 + [False]


def test_a_moment_is_written_in_utc_with_milliseconds():
    there = timezone(timedelta(hours=2))
    assert moment(datetime(2027, 6, 1, 0, 0, 0, 7_999, tzinfo=there)) == "2027-05-31T22:00:00.007Z"
    with time_machine.travel(datetime(2027, 6, 1, tzinfo=UTC), tick=False):
        assert moment(datetime.now(UTC)) == "2027-06-01T00:00:00.000Z"


def test_a_header_more_leaves_the_shared_answer_as_it_was():
    shared = reply(200, b"x", (b"a", b"1"))
    assert shared.with_header((b"b", b"2")).start["headers"] == [(b"a", b"1"), (b"b", b"2")]
    assert shared.start["headers"] == [(b"a", b"1")]
