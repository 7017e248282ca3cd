"""Each rule of a campaign, broken in each way: what is said, where, and what would do instead."""

from datetime import date
from uuid import uuid4

import pytest

from balie.ordering.hot import Line
from balie.ordering.tests.desk import MONDAY, TUESDAY
from balie.practices.models import PastUse

NO_DAY = date(2027, 10, 3)


async def errors(desk, conn, *lines, ranking=()):
    (answer,) = await desk.hold(conn, desk.wants(desk.linde, *lines, ranking=ranking))
    assert await desk.taken(conn) == {}
    assert answer.outcome == "bad_lines", answer
    return answer.detail["errors"]


@pytest.mark.parametrize(
    ("doses", "error"),
    [
        (655, {"code": "step", "step": 10, "suggest": [650, 660]}),
        (11, {"code": "step", "step": 10, "suggest": [10, 20]}),
        (2_147_483_647, {"code": "step", "step": 10, "suggest": [2_147_483_640, 2_147_483_650]}),
        (9, {"code": "minimum", "minimum": 10, "suggest": [10]}),
        (0, {"code": "minimum", "minimum": 10, "suggest": [10]}),
        (-10, {"code": "minimum", "minimum": 10, "suggest": [10]}),
        (-2_147_483_648, {"code": "minimum", "minimum": 10, "suggest": [10]}),
    ],
)
async def test_doses_go_by_step_from_a_minimum(desk, conn, doses, error):
    assert await errors(desk, conn, desk.flu_for(desk.linde, doses)) == [{"at": "lines[0].doses", **error}]


async def test_the_lowest_amount_is_a_step_even_where_the_minimum_is_not(desk, conn):
    await conn.execute("update ordering_product set step = 10, minimum = 25")
    assert await errors(desk, conn, desk.flu_for(desk.linde, 25)) == [
        {"at": "lines[0].doses", "code": "minimum", "minimum": 30, "suggest": [30]}
    ]
    await conn.execute("update ordering_product set minimum = 0")
    assert (await errors(desk, conn, desk.flu_for(desk.linde, 0)))[0]["minimum"] == 10


async def test_a_product_must_be_of_this_campaign(desk, conn):
    await conn.execute(
        """
        with room as (
          insert into waitingroom_room (doors_at, closes_at, pace, arrivals, last, called, paused, message)
          values (now(), now() + interval '1 day', 60, 0, 0, 0, false, '') returning id),
        other as (
          insert into ordering_campaign
            (slug, name, year, version, room_id, opens_at, closes_at, window_s, help_phone)
          select 'andere', 'Andere', 2027, 1, id, now(), now() + interval '1 day', 300, '' from room returning id)
        insert into ordering_product (id, campaign_id, code, name, position, cohorts, step, minimum)
        select 777, id, 'flu', 'Griepvaccin', 1, '{}', 10, 10 from other
        """
    )
    for product in (777, 999_999):
        line = Line(product, desk.linde.home, 100, MONDAY)
        assert await errors(desk, conn, line) == [{"at": "lines[0].product", "code": "product"}]


async def test_a_location_must_be_the_practices_own(desk, conn):
    for location in (desk.eik.home, 999_999):
        line = Line(desk.flu, location, 100, MONDAY)
        assert await errors(desk, conn, line) == [{"at": "lines[0].location", "code": "location"}]


async def test_a_day_must_be_a_delivery_day(desk, conn):
    wrong = {"at": "lines[0].day", "code": "day"}
    assert await errors(desk, conn, desk.flu_for(desk.linde, 100, NO_DAY)) == [wrong]
    assert await errors(desk, conn, desk.flu_for(desk.linde, 100, None)) == [wrong]


async def test_either_every_line_has_a_day_or_none_has(desk, conn):
    lines = [desk.flu_for(desk.linde, 100, None), Line(desk.pneumo, desk.linde.home, 100, MONDAY)]
    assert await errors(desk, conn, *lines, ranking=[TUESDAY]) == [{"at": "lines[1].day", "code": "day"}]
    lines.reverse()
    assert await errors(desk, conn, *lines, ranking=[TUESDAY]) == [{"at": "lines[1].day", "code": "day"}]


async def test_a_ranking_needs_one_delivery_day(desk, conn):
    line = desk.flu_for(desk.linde, 100, None)
    assert await errors(desk, conn, line, ranking=[NO_DAY]) == [{"at": "ranking", "code": "day"}]


async def test_a_line_is_there_once(desk, conn):
    line = desk.flu_for(desk.linde, 100)
    assert await errors(desk, conn, line, Line(desk.pneumo, desk.linde.home, 100, MONDAY), line) == [
        {"at": "lines[2]", "code": "repeated"}
    ]
    line = desk.flu_for(desk.linde, 100, None)
    assert await errors(desk, conn, line, line, ranking=[MONDAY]) == [{"at": "lines[1]", "code": "repeated"}]


async def test_there_must_be_lines(desk, conn):
    assert await errors(desk, conn) == [{"at": "lines", "code": "empty"}]
    assert await errors(desk, conn, ranking=[MONDAY]) == [{"at": "lines", "code": "empty"}]


async def test_everything_that_is_wrong_is_said_at_once(desk, conn):
    lines = [Line(999_999, desk.eik.home, 5, NO_DAY), Line(desk.flu, desk.linde.home, 15, NO_DAY)]
    assert [(error["at"], error["code"]) for error in await errors(desk, conn, *lines)] == [
        ("lines[0].product", "product"),
        ("lines[0].location", "location"),
        ("lines[0].day", "day"),
        ("lines[1].doses", "step"),
        ("lines[1].day", "day"),
    ]


class TestCap:
    """At 114 % of 570 doses last year, rounded up to the step: 650."""

    @pytest.fixture
    def desk(self, desk):
        for member in (desk.linde, desk.eik):
            for code, ordered in (("flu", 570), ("pneumo", 0)):
                PastUse.objects.create(practice_id=member.practice, year=2026, product_code=code, ordered=ordered)
        return desk

    @pytest.fixture
    async def conn(self, conn):
        await conn.execute("update ordering_campaign set cap_percent = 114")
        return conn

    async def test_up_to_it_all_is_well(self, desk, conn):
        assert (await desk.hold_flu(conn, desk.linde, 650)).outcome == "held"

    async def test_beyond_it_the_highest_that_would_do_is_said(self, desk, conn):
        assert await errors(desk, conn, desk.flu_for(desk.linde, 660)) == [
            {"at": "lines[0].doses", "code": "cap", "cap": 650, "suggest": [650]}
        ]

    async def test_it_is_for_all_lines_of_a_product_and_said_at_the_one_that_goes_over_it(self, desk, conn):
        lines = [desk.flu_for(desk.linde, doses, day) for doses, day in ((300, MONDAY), (400, TUESDAY))]
        lines.append(Line(desk.flu, desk.linde.annex, 100, MONDAY))
        assert await errors(desk, conn, *lines) == [
            {"at": "lines[1].doses", "code": "cap", "cap": 650, "suggest": [350]}
        ]

    async def test_steps_beyond_it_are_not_suggested(self, desk, conn):
        assert (await errors(desk, conn, desk.flu_for(desk.linde, 655)))[0]["suggest"] == [650]

    async def test_each_product_has_its_own_and_none_without_an_order_last_year(self, desk, conn):
        lines = [desk.flu_for(desk.linde, 650), Line(desk.pneumo, desk.linde.home, 350, MONDAY)]
        assert (await desk.hold(conn, desk.wants(desk.linde, *lines)))[0].outcome == "held"
        assert (await desk.hold_flu(conn, desk.beuk, 1000, TUESDAY)).outcome == "held"

    async def test_it_judges_each_practice_of_a_batch_by_its_own_year(self, desk, conn):
        await conn.execute(
            "update practices_past_use set ordered = 100 where practice_id = %s and ordered > 0", (desk.eik.practice,)
        )
        requests = [desk.wants(each, desk.flu_for(each, 200)) for each in (desk.linde, desk.eik, desk.beuk)]
        assert [answer.outcome for answer in await desk.hold(conn, *requests)] == ["held", "bad_lines", "held"]


async def test_one_bad_request_harms_no_other_in_its_batch(desk, conn):
    requests = [
        desk.wants(desk.linde, desk.flu_for(desk.linde, 100)),
        desk.wants(desk.eik, desk.flu_for(desk.eik, 5), Line(999_999, -1, 7, NO_DAY)),
        desk.wants(desk.beuk),
        desk.wants(desk.iep, desk.flu_for(desk.iep, 100, None), ranking=[TUESDAY], key=uuid4()),
    ]
    answers = await desk.hold(conn, *requests)
    assert [answer.outcome for answer in answers] == ["held", "bad_lines", "bad_lines", "held"]
    assert await desk.taken(conn) == {MONDAY: (100, 1), TUESDAY: (100, 1)}
