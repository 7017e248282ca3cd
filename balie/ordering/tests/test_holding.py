"""What a request to hold may hear, and what it changes."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from balie.ordering import hot
from balie.ordering.hot import Line
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, pass_time, value


async def test_it_takes_doses_of_all_lines_and_counts_an_address_once(desk, conn):
    request = desk.wants(desk.linde, desk.flu_for(desk.linde), Line(desk.pneumo, desk.linde.home, 100, MONDAY))
    (answer,) = await desk.hold(conn, request)
    assert (answer.outcome, answer.key, answer.lines) == ("held", request.key, request.lines)
    assert answer.expires_at - answer.now == timedelta(seconds=300)
    assert answer.remaining_ms == 300_000
    assert await desk.taken(conn) == {MONDAY: (600, 1)}


async def test_it_counts_each_address_and_each_day(desk, conn):
    linde = desk.linde
    lines = [Line(desk.flu, place, 100, day) for place in (linde.home, linde.annex) for day in (MONDAY, TUESDAY)]
    assert (await desk.hold(conn, desk.wants(linde, *lines)))[0].outcome == "held"
    assert await desk.taken(conn) == {MONDAY: (200, 2), TUESDAY: (200, 2)}


async def test_the_same_key_gets_the_same_answer(desk, conn):
    request = desk.wants(desk.linde, desk.flu_for(desk.linde))
    (first,) = await desk.hold(conn, request)
    await pass_time(conn, 100)
    (again,) = await desk.hold(conn, desk.wants(desk.linde, desk.flu_for(desk.linde, 900), key=request.key))
    assert (again.outcome, again.lines, again.expires_at) == ("held", first.lines, first.expires_at)
    assert again.remaining_ms == 200_000
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_a_repeat_that_comes_too_late_begins_no_new_window(desk, conn):
    request = desk.wants(desk.linde, desk.flu_for(desk.linde))
    (first,) = await desk.hold(conn, request)
    await pass_time(conn, 400)
    (again,) = await desk.hold(conn, request)
    assert (again.outcome, again.expires_at, again.remaining_ms) == ("held", first.expires_at, 0)


async def test_replacing_moves_everything_and_keeps_the_end(desk, conn):
    first = await desk.hold_flu(conn, desk.linde, 500, MONDAY)
    await pass_time(conn, 60)
    second = await desk.hold_flu(conn, desk.linde, 300, TUESDAY)
    assert second.outcome == "held"
    assert second.expires_at == first.expires_at
    assert await desk.taken(conn) == {TUESDAY: (300, 1)}


async def test_replacing_may_use_what_the_practice_itself_holds(desk, conn):
    await desk.hold_flu(conn, desk.linde, 1000, MONDAY)
    lines = [Line(desk.flu, place, 500, MONDAY) for place in (desk.linde.home, desk.linde.annex)]
    assert (await desk.hold(conn, desk.wants(desk.linde, *lines)))[0].outcome == "held"
    assert await desk.taken(conn) == {MONDAY: (1000, 2)}


async def test_who_cannot_replace_keeps_what_it_has(desk, conn):
    await desk.hold_flu(conn, desk.eik, 1000, TUESDAY)
    first = await desk.hold_flu(conn, desk.linde, 500, MONDAY)
    refused = await desk.hold_flu(conn, desk.linde, 500, TUESDAY)
    assert (refused.outcome, refused.detail) == ("full", {"days": ["2027-10-05"]})
    assert (await hot.read_mine(conn, desk.campaign, desk.linde.practice)).hold.key == first.key
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (1000, 1)}


@pytest.mark.parametrize("swept", [False, True])
async def test_after_a_lapse_a_new_window_begins(desk, conn, swept):
    await desk.hold_flu(conn, desk.linde, 500, MONDAY)
    await pass_time(conn, 301)
    if swept:
        assert await hot.sweep(conn, grace_s=0, limit=10) == 1
    answer = await desk.hold_flu(conn, desk.linde, 300, TUESDAY)
    assert (answer.outcome, answer.remaining_ms) == ("held", 300_000)
    assert await desk.taken(conn) == {TUESDAY: (300, 1)}


async def test_it_is_refused_where_the_doses_do_not_fit(desk, conn):
    await desk.hold_flu(conn, desk.linde, 510, MONDAY)
    answer = await desk.hold_flu(conn, desk.eik, 500, MONDAY)
    assert (answer.outcome, answer.key, answer.lines) == ("full", None, [])
    assert await desk.taken(conn) == {MONDAY: (510, 1)}
    assert (await desk.hold_flu(conn, desk.eik, 490, MONDAY)).outcome == "held"


async def test_it_is_refused_where_the_addresses_do_not_fit(desk, conn):
    for member in (desk.linde, desk.eik):
        assert (await desk.hold_flu(conn, member, 10, MONDAY)).outcome == "held"
    assert (await desk.hold_flu(conn, desk.beuk, 10, MONDAY)).detail == {"days": ["2027-10-04"]}
    assert await desk.taken(conn) == {MONDAY: (20, 2)}


async def test_it_is_all_or_nothing(desk, conn):
    await desk.hold_flu(conn, desk.eik, 1000, TUESDAY)
    request = desk.wants(desk.linde, *(desk.flu_for(desk.linde, 100, day) for day in (MONDAY, TUESDAY, WEDNESDAY)))
    (answer,) = await desk.hold(conn, request)
    assert (answer.outcome, answer.detail) == ("full", {"days": ["2027-10-05"]})
    assert await desk.taken(conn) == {TUESDAY: (1000, 1)}


async def test_a_huge_amount_is_only_full(desk, conn):
    assert (await desk.hold_flu(conn, desk.linde, 2_147_483_640)).outcome == "full"


async def test_the_earlier_request_of_a_batch_is_served_first(desk, conn):
    members = (desk.iep, desk.linde, desk.eik)
    answers = await desk.hold(conn, *(desk.wants(each, desk.flu_for(each, 600)) for each in members))
    assert [answer.outcome for answer in answers] == ["held", "full", "full"]


async def test_a_ranking_goes_to_the_first_day_with_room_for_everything(desk, conn):
    await desk.hold_flu(conn, desk.eik, 600, MONDAY)
    lines = [desk.flu_for(desk.linde, 300, None), Line(desk.pneumo, desk.linde.home, 200, None)]
    request = desk.wants(desk.linde, *lines, ranking=[MONDAY, WEDNESDAY, TUESDAY])
    (answer,) = await desk.hold(conn, request)
    assert [(line.product, line.doses, line.day) for line in answer.lines] == [
        (desk.flu, 300, WEDNESDAY),
        (desk.pneumo, 200, WEDNESDAY),
    ]
    assert (await desk.hold(conn, request)) == [answer]
    assert await desk.taken(conn) == {MONDAY: (600, 1), WEDNESDAY: (500, 1)}


async def test_lines_that_say_their_day_go_there_whatever_the_ranking(desk, conn):
    """Else one day would be taken and another be ordered: more than there is of it, and given back untaken."""
    request = desk.wants(desk.linde, desk.flu_for(desk.linde, 500, MONDAY), ranking=[TUESDAY])
    (answer,) = await desk.hold(conn, request)
    assert (answer.outcome, answer.lines) == ("held", request.lines)
    assert await desk.taken(conn) == {MONDAY: (500, 1)}
    assert (await desk.release(conn, desk.linde, answer.key)).outcome == "released"
    assert await desk.taken(conn) == {}


async def test_a_ranking_passes_over_days_without_addresses_or_that_do_not_exist(desk, conn):
    for member in (desk.eik, desk.beuk):
        await desk.hold_flu(conn, member, 10, MONDAY)
    ranking = [date(2027, 10, 3), MONDAY, TUESDAY]
    answer = await desk.hold_flu(conn, desk.linde, 100, None, ranking=ranking)
    assert [line.day for line in answer.lines] == [TUESDAY]


async def test_a_ranking_without_room_names_its_days_and_changes_nothing(desk, conn):
    for day, member in ((MONDAY, desk.eik), (TUESDAY, desk.beuk)):
        await desk.hold_flu(conn, member, 1000, day)
    answer = await desk.hold_flu(conn, desk.linde, 100, None, ranking=[TUESDAY, MONDAY])
    assert (answer.outcome, answer.detail) == ("full", {"days": ["2027-10-05", "2027-10-04"]})
    assert await desk.state(conn, desk.linde) == "none"


async def test_a_ranking_may_fall_on_the_day_that_is_replaced(desk, conn):
    await desk.hold_flu(conn, desk.linde, 1000, MONDAY)
    answer = await desk.hold_flu(conn, desk.linde, 900, None, ranking=[MONDAY, TUESDAY])
    assert [line.day for line in answer.lines] == [MONDAY]
    assert await desk.taken(conn) == {MONDAY: (900, 1)}


@pytest.mark.parametrize(
    ("change", "outcome", "detail"),
    [
        ("update waitingroom_room set called = 0", "not_called", {"number": 1, "called": 0}),
        ("update waitingroom_ticket set number = null", "not_called", {"number": None, "called": 4}),
        ("delete from waitingroom_ticket", "no_ticket", {}),
        ("update ordering_campaign set closes_at = opens_at + interval '1 second'", "closed", {}),
    ],
)
async def test_it_is_refused_without_a_turn(desk, conn, change, outcome, detail):
    await conn.execute(change)
    answer = await desk.hold_flu(conn, desk.linde)
    assert (answer.outcome, answer.detail, answer.lines) == (outcome, detail, [])
    assert await value(conn, "select count(*) from ordering_hold") == 0


async def test_before_the_opening_it_hears_when_that_is(desk, conn):
    await conn.execute("update ordering_campaign set opens_at = '2027-06-01T00:00:00+02', closes_at = '2027-07-01'")
    answer = await desk.hold_flu(conn, desk.linde)
    assert answer.outcome == "not_open"
    assert datetime.fromisoformat(answer.detail["opens_at"]) == datetime(2027, 5, 31, 22, tzinfo=UTC)


async def test_opening_and_closing_are_judged_when_the_request_reached_us(desk, conn):
    await conn.execute("update ordering_campaign set opens_at = clock_timestamp() - interval '3 seconds'")
    assert (await desk.hold_flu(conn, desk.linde, elapsed_ms=4000)).outcome == "not_open"
    await conn.execute(
        "update ordering_campaign set opens_at = '2020-01-01', closes_at = clock_timestamp() - interval '3 seconds'"
    )
    assert (await desk.hold_flu(conn, desk.linde, elapsed_ms=4000)).outcome == "held"
    assert (await desk.hold_flu(conn, desk.eik)).outcome == "closed"


async def test_closing_does_not_touch_who_is_inside(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    await conn.execute("update ordering_campaign set closes_at = clock_timestamp()")
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "ordered"


async def test_who_has_ordered_hears_the_number(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    order = await desk.confirm(conn, desk.linde, held.key)
    for key in (held.key, uuid4()):
        answer = await desk.hold_flu(conn, desk.linde, key=key)
        assert (answer.outcome, answer.detail) == ("already_ordered", {"number": order.number})
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_every_change_gives_the_hold_a_new_version(desk, conn):
    async def version():
        return (await hot.read_mine(conn, desk.campaign, desk.linde.practice)).version

    seen = [await version()]
    held = await desk.hold_flu(conn, desk.linde)
    seen.append(await version())
    await desk.hold_flu(conn, desk.linde, key=held.key)
    assert await version() == seen[-1]
    other = await desk.hold_flu(conn, desk.linde, 300)
    seen.append(await version())
    await desk.release(conn, desk.linde, other.key)
    seen.append(await version())
    last = await desk.hold_flu(conn, desk.linde, 300)
    seen.append(await version())
    await desk.confirm(conn, desk.linde, last.key)
    seen.append(await version())
    assert seen == sorted(set(seen))


async def test_an_empty_batch_is_settled(desk, conn):
    assert await desk.hold(conn) == []
    assert await hot.confirm_batch(conn, desk.campaign, []) == []
    assert await hot.release_batch(conn, desk.campaign, []) == []


async def test_a_practice_twice_in_a_batch_is_a_mistake_of_the_caller(desk, conn):
    request = desk.wants(desk.linde, desk.flu_for(desk.linde))
    with pytest.raises(psycopg.errors.CardinalityViolation):
        await desk.hold(conn, request, request)
    assert await desk.taken(conn) == {}


async def test_an_unknown_campaign_is_a_mistake_of_the_caller(desk, conn):
    with pytest.raises(psycopg.errors.NoDataFound):
        await hot.hold_batch(conn, 999, [desk.wants(desk.linde, desk.flu_for(desk.linde))])
