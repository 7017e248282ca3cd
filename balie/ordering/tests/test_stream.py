"""Streams: what is pushed and when, to whom, and what ends them."""

import asyncio
import time
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
from psycopg.conninfo import make_conninfo

from balie.asgi import Site
from balie.ordering import hub as module
from balie.ordering.testing import make_campaign
from balie.ordering.tests.desk import MONDAY, TUESDAY, pass_time
from balie.ordering.tests.web import Browser, off_loop, pass_for, running
from balie.practices import streams
from balie.runtime.hot import connect, notify

WITHIN_S = 3.0  # a second, and what a busy machine adds


@pytest.fixture
async def site(desk):
    async with running(Site("streams")) as site:
        yield site


def path(desk, member=None):
    return f"/stream/{desk.campaign}?practice={(member or desk.linde).practice}"


async def test_it_begins_with_the_whole_picture(desk, site):
    async with Browser(site, pass_for(desk.linde)).listen(path(desk)) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store"
        room = await stream.next("room")
        assert (room["campaign"], room["phase"]) == (desk.campaign, "drawing")
        calendar = await stream.next("calendar")
        assert [day["day"] for day in calendar["days"]] == ["2027-10-04", "2027-10-05", "2027-10-06"]
        assert "partial" not in calendar
        assert set(await stream.next("beat")) == {"now", "as_of", "age_ms", "still"}
        assert await stream.next("mine") == {"version": 0}


async def test_days_that_change_are_pushed_alone(desk, site, conn):
    async with Browser(site, pass_for(desk.linde)).listen(path(desk)) as stream:
        await stream.next("calendar")
        await desk.hold_flu(conn, desk.eik, 300, TUESDAY)
        await notify(conn, f"days:{desk.campaign}")
        changed = await stream.next("calendar", where=lambda calendar: calendar["days"][0]["day"] == "2027-10-05")
        assert (changed["partial"], len(changed["days"])) == (True, 1)
        assert changed["days"][0]["doses"] == {"limit": 1000, "free": 700, "held": 300}


async def test_a_practice_hears_of_what_changes_for_it_and_others_do_not(desk, site, conn):
    linde, eik = (Browser(site, pass_for(member)).listen(path(desk, member)) for member in (desk.linde, desk.eik))
    async with linde as hers, eik as his:
        await hers.next("mine", where=lambda mine: mine["version"] == 0)
        await his.next("mine", where=lambda mine: mine["version"] == 0)
        held = await desk.hold_flu(conn, desk.linde, 300, MONDAY)
        await hers.next("mine", where=lambda mine: mine["version"] == 1)
        await desk.confirm(conn, desk.linde, held.key)
        await hers.next("mine", where=lambda mine: mine["version"] == 2)
        with pytest.raises(TimeoutError):
            await his.next("mine", within_s=0.5)


async def test_the_room_is_pushed_when_it_changes_and_not_otherwise(desk, site, conn):
    async with Browser(site, pass_for(desk.linde)).listen(path(desk)) as stream:
        await stream.next("room")
        await stream.next("beat")
        with pytest.raises(TimeoutError):
            await stream.next("room", within_s=1.5)
        await conn.execute("update waitingroom_room set called = 3, message = 'Even geduld.'")
        await notify(conn, f"room:{desk.room}")
        room = await stream.next("room", where=lambda room: room["called"] == 3)
        assert room["message"]["text"] == "Even geduld."


async def test_a_beat_comes_at_least_twice_in_two_seconds_and_is_young(desk, site):
    async with Browser(site, pass_for(desk.linde)).listen(path(desk)) as stream:
        await stream.next("beat")
        began = time.monotonic()
        beats = [await stream.next("beat") for _ in range(6)]
        assert time.monotonic() - began < 6
        assert all(beat["age_ms"] < 500 for beat in beats)


async def test_without_a_database_beats_go_on_and_say_the_age(desk, site, conn):
    async with Browser(site, pass_for(desk.linde)).listen(path(desk)) as stream:
        await stream.next("beat")
        async with await connect(make_conninfo(desk.dsn, dbname="postgres"), name="test") as outside:
            await outside.execute(f"alter database {conn.info.dbname} allow_connections false".encode())
            await conn.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = 'balie read'"
            )
            beat = await stream.next("beat", where=lambda beat: beat["age_ms"] > 2000, within_s=10)
            assert beat["still"] is True
            await outside.execute(f"alter database {conn.info.dbname} allow_connections true".encode())
        await stream.next("beat", where=lambda beat: beat["age_ms"] < 1000, within_s=10)


async def test_past_the_cap_clients_are_told_to_poll(desk, settings):
    settings.STREAMS_MOST = 2
    async with running(Site("streams")) as site, AsyncExitStack() as stack:
        browser = Browser(site, pass_for(desk.linde))
        for _ in range(2):
            await stack.enter_async_context(browser.listen(path(desk)))
        refused = await browser.get(path(desk))
        assert (refused.status, refused.code) == (503, "too_many_streams")
        assert refused.headers["retry-after"] == "1"
    async with running(Site("streams")) as site:
        browser = Browser(site, pass_for(desk.linde))
        for _ in range(3):  # one after the other there is no limit
            async with browser.listen(path(desk)) as stream:
                assert stream.status == 200


async def test_a_slow_reader_is_dropped_and_others_go_on(desk, site, monkeypatch):
    monkeypatch.setattr(streams, "PENDING_MOST", 3)
    slow, quick = (Browser(site, pass_for(member)) for member in (desk.linde, desk.eik))
    async with quick.listen(path(desk, desk.eik)) as good, slow.listen(path(desk)) as bad:
        await bad.next("beat")
        bad.stuck.set()
        assert site.seats.count == 2
        await asyncio.wait_for(bad.task, 10)
        assert site.seats.count == 1
        await good.next("beat")


async def test_a_reader_that_leaves_is_forgotten(desk, site):
    async with Browser(site, pass_for(desk.linde)).listen(path(desk)) as stream:
        await stream.next("beat")
        assert site.seats.count == 1
    assert site.seats.count == 0


async def test_the_end_of_the_process_ends_every_stream(desk, site):
    browser = Browser(site, pass_for(desk.linde))
    async with browser.listen(path(desk)) as stream:
        await stream.next("beat")
        site.seats.close()
        await asyncio.wait_for(stream.task, 2)
    assert (await browser.get(path(desk))).code == "try_again"


async def test_a_revoked_pass_ends_its_streams_at_once(desk, conn):
    async with running(Site("streams")) as site, AsyncExitStack() as stack:
        hers = Browser(site, pass_for(desk.linde))
        stream = await stack.enter_async_context(hers.listen(path(desk)))
        other = await stack.enter_async_context(Browser(site, pass_for(desk.eik)).listen(path(desk, desk.eik)))
        await stream.next("beat")
        await conn.execute(
            "insert into practices_pass_revocation (person_id, generation) values (%s, 1)", (desk.linde.person,)
        )
        await notify(conn, f"pass:{desk.linde.person}")
        await asyncio.wait_for(stream.task, WITHIN_S)
        assert not other.task.done()


async def test_who_may_not_listen(desk, site):
    assert (await Browser(site).get(path(desk))).code == "no_pass"
    assert (await Browser(site, pass_for(desk.eik)).get(path(desk))).code == "other_practice"
    assert (await Browser(site, pass_for(desk.linde)).get(f"/stream/{desk.campaign}")).code == "bad_request"
    for where in ("/stream/999", "/stream/x", "/stream/", f"/stream/{desk.campaign}/day", "/stream/" + "9" * 30):
        refused = await Browser(site, pass_for(desk.linde)).get(f"{where}?practice={desk.linde.practice}")
        assert (refused.status, refused.code) == (404, "not_found")


async def test_the_night_is_for_the_organiser_alone(desk, site):
    night = f"/stream/{desk.campaign}/night"
    assert (await Browser(site, pass_for(desk.linde)).get(night)).code == "not_found"
    assert (await Browser(site, pass_for(desk.linde, organiser=True)).get("/stream/999/night")).code == "not_found"
    async with Browser(site, pass_for(desk.linde, organiser=True)).listen(night) as stream:
        assert stream.status == 200


async def test_the_night_as_the_organiser_sees_it(desk, site, conn):
    held = [await desk.hold_flu(conn, member, 200, MONDAY) for member in (desk.linde, desk.eik)]
    await desk.confirm(conn, desk.linde, held[0].key)
    await conn.execute("update waitingroom_room set called = 3, arrivals = 4")
    await site.pictures.read_anew()
    async with Browser(site, pass_for(desk.linde, organiser=True)).listen(f"/stream/{desk.campaign}/night") as stream:
        history = await stream.next("history")
        night = await stream.next("night")
        await stream.next("beat")
    assert {name: night[name] for name in ("arrivals", "waiting", "inside", "called", "last")} == {
        "arrivals": 4,
        "waiting": 1,
        "inside": 2,
        "called": 3,
        "last": 4,
    }
    assert (night["orders"], night["orders_per_minute"]) == (1, 1)
    assert (night["doses"], night["doses_per_minute"], night["doses_limit"]) == (200, 200, 3000)
    assert 0 <= night["mail"].pop("oldest_s") < 60
    assert night["mail"] == {"waiting": 1, "accepted": 0, "expected": 1}
    assert night["weeks"] == [{"week": 40, "limit": 3000, "ordered": 200, "held": 200}]
    assert (night["oversold_days"], night["pace"], night["paused"], night["closed"]) == (0, 60, False, False)
    minutes = history["minutes"]
    assert len(minutes) >= 60
    counted = {"arrivals", "calls", "orders", "doses", "mails_sent"}
    assert set(minutes[-1]) == {"at", "waiting", "inside", "mail_waiting"} | counted
    assert sum(minute["orders"] for minute in minutes) == 1
    assert sum(minute["doses"] for minute in minutes) == 200
    assert minutes[-1]["mail_waiting"] == 1
    assert all(earlier["at"] < later["at"] for earlier, later in pairwise(minutes))


async def test_a_fault_in_the_night_ends_neither_the_process_nor_the_other_streams(desk, site, monkeypatch):
    failed = asyncio.Event()

    async def read_night(_conn, _campaign):
        failed.set()
        raise RuntimeError("planted")

    monkeypatch.setattr(module, "read_night", read_night)
    organiser = Browser(site, pass_for(desk.eik, organiser=True)).listen(f"/stream/{desk.campaign}/night")
    async with organiser, Browser(site, pass_for(desk.linde)).listen(path(desk)) as stream:
        await asyncio.wait_for(failed.wait(), 5)
        for _ in range(3):
            await stream.next("beat")
        assert site.seats.count == 2


async def test_what_was_given_away_twice_is_seen_whatever_the_counters_say(desk, site, conn):
    """The control for "0 oversold": two holds of 800 on a day of 1,000, and counters that know of nothing."""
    await desk.hold_flu(conn, desk.linde, 800, MONDAY)
    await desk.hold_flu(conn, desk.eik, 800, TUESDAY)
    await conn.execute("update ordering_hold set line_day = array['2027-10-04'::date]")
    await conn.execute("update ordering_delivery_day set doses_taken = 0, addresses_taken = 0")
    async with Browser(site, pass_for(desk.linde, organiser=True)).listen(f"/stream/{desk.campaign}/night") as stream:
        assert (await stream.next("night"))["oversold_days"] == 1


async def test_a_lapsed_hold_that_was_swept_is_news_too(desk, site, conn):
    held = await desk.hold_flu(conn, desk.linde, 500, MONDAY)
    async with Browser(site, pass_for(desk.linde)).listen(path(desk)) as stream:
        await stream.next("mine", where=lambda mine: mine["version"] == 1)
        await pass_time(conn, 400)
        await conn.execute("select ordering_sweep_v1(interval '12 seconds', 10)")
        await stream.next("mine", where=lambda mine: mine["version"] == 2)
        assert held.outcome == "held"


async def test_one_person_cannot_take_the_streams_of_all(desk, site, monkeypatch):
    monkeypatch.setattr(streams, "OF_ONE_PERSON_MOST", 2)
    linde, eik = Browser(site, pass_for(desk.linde)), Browser(site, pass_for(desk.eik))
    async with AsyncExitStack() as open_ones:
        for _ in range(2):
            await open_ones.enter_async_context(linde.listen(path(desk)))
        refused = await linde.get(path(desk))
        assert (refused.status, refused.code) == (503, "too_many_streams")
        other = await open_ones.enter_async_context(eik.listen(path(desk, desk.eik)))
        assert other.status == 200
    async with linde.listen(path(desk)) as again:
        assert again.status == 200


async def test_a_stream_is_asked_for_with_get(desk, site):
    refused = await Browser(site, pass_for(desk.linde)).post(path(desk), {})
    assert (refused.status, refused.code) == (404, "not_found")


async def test_a_campaign_that_began_a_moment_ago_has_its_stream(desk, site):
    other = (await off_loop(lambda: make_campaign(slug="oefenen"))).pk
    async with Browser(site, pass_for(desk.linde)).listen(f"/stream/{other}?practice={desk.linde.practice}") as stream:
        assert stream.status == 200
