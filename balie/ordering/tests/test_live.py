"""The hot paths over HTTP, on the real SQL: what each request answers when all is well, and why it may be refused."""

import asyncio
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from balie.asgi import Site
from balie.ordering import picture
from balie.ordering.testing import make_campaign
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, pass_time, value
from balie.ordering.tests.web import Browser, off_loop, pass_for, running


@pytest.fixture
async def site(desk):
    async with running(Site("live")) as site:
        yield site


@pytest.fixture
def linde(site, desk):
    return Browser(site, pass_for(desk.linde))


def line(desk, member, doses=500, day=MONDAY):
    return {"product": desk.flu, "location": member.home, "doses": doses, **({"day": day} if day else {})}


def wish(desk, member, *lines, **more):
    lines = lines or (line(desk, member),)
    return {"practice": member.practice, "key": str(uuid4()), "lines": list(lines), **more}


class Counter:
    """The three requests about an order, as one practice makes them."""

    def __init__(self, site, desk, member) -> None:
        self.browser, self.desk, self.member = Browser(site, pass_for(member)), desk, member

    async def hold(self, *lines, **more):
        return await self.browser.post(
            f"/live/orders/{self.desk.campaign}/hold", wish(self.desk, self.member, *lines, **more)
        )

    async def hold_flu(self, doses=500, day=MONDAY, **more):
        return await self.hold(line(self.desk, self.member, doses, day), **more)

    async def confirm(self, key):
        return await self._click("confirm", key)

    async def release(self, key):
        return await self._click("release", key)

    async def mine(self):
        return await self.browser.get(f"/live/orders/{self.desk.campaign}/mine?practice={self.member.practice}")

    async def _click(self, what, key):
        body = {"practice": self.member.practice, "key": key}
        return await self.browser.post(f"/live/orders/{self.desk.campaign}/{what}", body)


@pytest.fixture
def at_linde(site, desk):
    return Counter(site, desk, desk.linde)


@pytest.fixture
def at_eik(site, desk):
    return Counter(site, desk, desk.eik)


async def test_from_hold_to_order(desk, at_linde, conn):
    held = await at_linde.hold_flu()
    assert held.status == 200
    assert held.json["outcome"] == "held"
    assert held.json["lines"] == [{"product": desk.flu, "location": desk.linde.home, "doses": 500, "day": "2027-10-04"}]
    assert held.json["remaining_ms"] == 300_000
    assert held.headers["cache-control"] == "no-store"
    placed = await at_linde.confirm(held.json["key"])
    assert placed.status == 200
    assert placed.json["outcome"] == "ordered"
    assert placed.json["number"] == await value(conn, "select number from judge.orders")
    assert (await at_linde.confirm(held.json["key"])).json == placed.json


async def test_the_order_says_who_clicked(desk, at_linde, conn):
    await at_linde.confirm((await at_linde.hold_flu()).json["key"])
    assert await value(conn, "select placed_by_id from ordering_order") == desk.linde.person


async def test_the_first_day_of_the_ranking_with_room(desk, at_linde, at_eik):
    await at_eik.hold_flu(1000, MONDAY)
    held = await at_linde.hold(line(desk, desk.linde, day=None), ranking=[MONDAY, WEDNESDAY])
    assert [each["day"] for each in held.json["lines"]] == ["2027-10-06"]


async def test_mine_tells_where_a_practice_stands(desk, at_linde, conn):
    before = (await at_linde.mine()).json
    assert before["ticket"]["number"] == 1
    assert before["ticket"]["called"] is True
    assert (before["hold"], before["order"], before["window_s"], before["version"]) == (None, None, 300, 0)
    held = (await at_linde.hold_flu()).json
    await pass_time(conn, 60)
    inside = (await at_linde.mine()).json
    assert inside["hold"] == {
        "key": held["key"],
        "lines": held["lines"],
        "expires_at": held["expires_at"],
        "remaining_ms": 240_000,
        "live": True,
    }
    assert inside["version"] > before["version"]
    await pass_time(conn, 300)
    assert (await at_linde.mine()).json["hold"]["live"] is False
    placed = (await at_linde.confirm((await at_linde.hold_flu()).json["key"])).json
    after = (await at_linde.mine()).json
    assert after["order"] == {"number": placed["number"], "placed_at": placed["placed_at"]}
    assert after["hold"] is None


async def test_a_release_gives_back_also_what_had_lapsed(desk, at_linde, conn):
    held = (await at_linde.hold_flu()).json
    assert (await at_linde.release(held["key"])).json == {"outcome": "released"}
    assert await desk.taken(conn) == {}
    assert (await at_linde.release(held["key"])).json == {"outcome": "released"}


async def test_full_says_which_days_and_what_is_near(desk, at_linde, at_eik):
    await at_eik.hold_flu(1000, TUESDAY)
    refused = await at_linde.hold_flu(500, TUESDAY)
    assert (refused.status, refused.code, refused.json["days"]) == (409, "full", ["2027-10-05"])
    assert refused.json["alternatives"] == ["2027-10-04", "2027-10-06"]


async def test_full_for_a_whole_ranking(desk, site, at_linde, at_eik):
    await at_eik.hold(line(desk, desk.eik, 1000, MONDAY), line(desk, desk.eik, 600, TUESDAY))
    await site.pictures.read_anew()
    refused = await at_linde.hold(line(desk, desk.linde, day=None), ranking=[MONDAY, TUESDAY])
    assert (refused.code, refused.json["days"]) == ("full", ["2027-10-04", "2027-10-05"])
    assert refused.json["alternatives"] == ["2027-10-06"]


async def test_who_was_not_called_hears_how_far_it_is(desk, at_linde, conn):
    await conn.execute("update waitingroom_room set called = 0")
    refused = await at_linde.hold_flu()
    assert (refused.status, refused.code, refused.json["number"], refused.json["called"]) == (409, "not_called", 1, 0)


async def test_who_has_no_ticket_hears_so(desk, at_linde, conn):
    await conn.execute("delete from waitingroom_ticket where holder = %s", (desk.linde.practice,))
    assert (await at_linde.hold_flu()).code == "no_ticket"


async def test_before_the_opening_it_says_when(desk, at_linde, conn):
    await conn.execute("update ordering_campaign set opens_at = '2030-06-01 00:00+02', closes_at = '2030-07-01'")
    refused = await at_linde.hold_flu()
    assert (refused.status, refused.code) == (409, "not_open")
    assert refused.json["opens_at"] == "2030-05-31T22:00:00.000Z"


async def test_after_the_end_it_is_closed(desk, at_linde, conn):
    await conn.execute("update ordering_campaign set closes_at = clock_timestamp()")
    assert (await at_linde.hold_flu()).code == "closed"


async def test_who_has_ordered_hears_the_number(desk, at_linde):
    placed = (await at_linde.confirm((await at_linde.hold_flu()).json["key"])).json
    again = await at_linde.hold_flu(300, TUESDAY)
    assert (again.status, again.code, again.json["number"]) == (409, "already_ordered", placed["number"])
    refused = await at_linde.release(str(uuid4()))
    assert (refused.code, refused.json["number"]) == ("already_ordered", placed["number"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"doses": 655}, ("doses", "step", "655 kan niet: kies 650 of 660.", [650, 660])),
        ({"doses": -10}, ("doses", "minimum", "-10 is te weinig: het minimum is 10.", [10])),
        ({"doses": 0}, ("doses", "minimum", "0 is te weinig: het minimum is 10.", [10])),
        ({"product": 999}, ("product", "product", "Dit vaccin hoort niet bij deze ronde.", None)),
        ({"location": 999}, ("location", "location", "Dit adres is niet van uw praktijk.", None)),
        ({"day": "2027-12-25"}, ("day", "day", "Op deze dag wordt niet bezorgd.", None)),
    ],
)
async def test_broken_rules_are_said_where_they_are(desk, at_linde, conn, change, error):
    refused = await at_linde.hold({**line(desk, desk.linde), **change})
    assert (refused.status, refused.code) == (422, "bad_lines")
    (said,) = refused.json["errors"]
    assert (said["at"].removeprefix("lines[0]."), said["code"], said["say"], said.get("suggest")) == error
    assert await desk.taken(conn) == {}


async def test_the_cap_is_said_for_all_lines_together(desk, at_linde, conn):
    await conn.execute("update ordering_campaign set cap_percent = 100")
    await conn.execute(
        "insert into practices_past_use (practice_id, year, product_code, ordered) values (%s, 2026, 'flu', 1200)",
        (desk.linde.practice,),
    )
    two = [line(desk, desk.linde, 700), {**line(desk, desk.linde, 700), "location": desk.linde.annex}]
    (error,) = (await at_linde.hold(*two)).json["errors"]
    assert (error["at"], error["code"]) == ("lines[1].doses", "cap")
    assert error["say"] == "Samen is dit te veel: het maximum is dit jaar 1.200."


async def test_an_empty_order_and_a_repeated_line_are_said(desk, at_linde):
    (empty,) = (
        await at_linde.browser.post(
            f"/live/orders/{desk.campaign}/hold", {"practice": desk.linde.practice, "key": str(uuid4()), "lines": []}
        )
    ).json["errors"]
    assert (empty["at"], empty["code"]) == ("lines", "empty")
    (repeated,) = (await at_linde.hold(line(desk, desk.linde), line(desk, desk.linde))).json["errors"]
    assert repeated["code"] == "repeated"


async def test_a_huge_number_is_full_or_a_bad_request_and_nothing_else(desk, at_linde):
    assert (await at_linde.hold_flu(2_000_000_000)).code == "full"
    assert (await at_linde.hold_flu(10**30)).code == "bad_request"


async def test_a_lapsed_window_can_be_begun_again(desk, at_linde, conn):
    held = (await at_linde.hold_flu()).json
    await pass_time(conn, 301)
    refused = await at_linde.confirm(held["key"])
    assert (refused.status, refused.code) == (409, "lapsed")
    again = (await at_linde.hold_flu()).json
    assert (await at_linde.confirm(again["key"])).status == 200


async def test_a_confirmation_of_nothing_and_of_what_was_replaced(desk, at_linde):
    assert (await at_linde.confirm(str(uuid4()))).code == "no_hold"
    first = (await at_linde.hold_flu()).json
    second = (await at_linde.hold_flu(300, TUESDAY)).json
    refused = await at_linde.confirm(first["key"])
    assert (refused.status, refused.code, refused.json["key"]) == (409, "replaced", second["key"])


async def test_the_calendar_shows_what_is_free_and_what_may_come_back(desk, site, at_linde, at_eik):
    await at_eik.confirm((await at_eik.hold_flu(200, MONDAY)).json["key"])
    await at_linde.hold_flu(500, MONDAY)
    await site.pictures.read_anew()
    calendar = (await at_linde.browser.get(f"/live/orders/{desk.campaign}/calendar")).json
    assert calendar["campaign"] == desk.campaign
    assert calendar["age_ms"] < 1000
    assert calendar["days"][0] == {
        "day": "2027-10-04",
        "doses": {"limit": 1000, "free": 300, "held": 500},
        "addresses": {"limit": 2, "free": 0, "held": 1},
    }


async def test_what_one_process_writes_another_shows_because_it_was_told(desk, monkeypatch, at_linde):
    monkeypatch.setattr(picture, "READ_EVERY_S", 60.0)
    async with running(Site("live")) as other, asyncio.timeout(10):
        read = asyncio.Event()
        other.pictures.after_read(read.set)
        await at_linde.hold_flu()
        while other.pictures.campaigns[desk.campaign].days[0].doses_taken == 0:
            read.clear()
            await read.wait()


async def test_the_forecast_is_shown_as_it_was_made(desk, site, conn):
    browser = Browser(site)
    path = f"/live/queue/{desk.campaign}/forecast"
    assert ((await browser.get(path)).status, (await browser.get(path)).code) == (404, "no_forecast")
    for made_at in ("2027-06-01T00:00:00.000Z", "2027-06-01T00:00:10.000Z"):
        forecast = {"campaign": desk.campaign, "made_at": made_at, "at": [1], "weeks": []}
        await conn.execute("update ordering_campaign set forecast = %s", (Jsonb(forecast),))
        await site.pictures.read_anew()
        shown = await browser.get(path)
        assert (shown.json, shown.headers["cache-control"]) == (forecast, "public, max-age=15")


async def test_a_campaign_that_is_made_later_is_served_too(desk, site, conn):
    browser = Browser(site)
    assert (await browser.get("/live/queue/9999/state")).status == 404
    campaign = await off_loop(make_campaign)
    await site.pictures.read_anew()
    assert (await browser.get(f"/live/queue/{campaign.pk}/state")).json["campaign"] == campaign.pk
