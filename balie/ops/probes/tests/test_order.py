"""Taking a place, holding a date, and what the calendar shows: as a practice of nobody, over HTTP."""

import pytest

from balie.ops.lacking import NotSetUpError
from balie.ops.probes import Unwell
from balie.ops.probes.http import Http
from balie.ops.probes.order import Calendar, Order


async def test_the_way_of_an_order_is_walked_and_nothing_is_left(town, installation):
    assert "joined, held and released in" in await Order().look()
    assert "joined, held and released in" in await Order().look()
    with installation.connect() as conn:
        assert conn.execute("select state from ordering_hold").fetchall() == [("none",)]
        assert conn.execute("select count(*) from ordering_order").fetchone() == (0,)
        assert conn.execute("select doses_taken, addresses_taken from ordering_delivery_day").fetchone() == (0, 0)
    assert "ms old, with 1 days" in await Calendar(age_ms=60_000).look()


async def test_a_database_that_takes_no_holds_is_seen_by_holding_alone(town, installation):
    with installation.connect(autocommit=False) as other:
        other.execute("select from ordering_delivery_day for update")
        with pytest.raises(Unwell, match="holding: "):
            await Order(within_s=1).look()
        assert await Http(
            url="/live/queue/" + str(town.card.campaign) + "/state"
        ).look()  # control: a page that answers
    assert await Order().look()


async def test_a_full_day_is_said(town, installation):
    with installation.connect() as conn:
        conn.execute("update ordering_delivery_day set doses_limit = 0, addresses_limit = 0")
    with pytest.raises(Unwell, match="holding: answers 409 full"):
        await Order().look()


async def test_a_calendar_of_before_is_unwell_although_it_answers(town):
    with pytest.raises(Unwell, match="ms old"):
        await Calendar(age_ms=1).look()


async def test_a_proxy_that_finds_nobody_is_named_by_the_step(town):
    town.front.broken = True
    with pytest.raises(Unwell, match="joining: answers 502"):
        await Order().look()
    with pytest.raises(Unwell, match="the calendar: answers 502"):
        await Calendar().look()


async def test_who_was_never_enrolled_says_nothing_of_ordering(address):
    with pytest.raises(NotSetUpError, match="run `balie watch enrol`"):
        await Order().look()
