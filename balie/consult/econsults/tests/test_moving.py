"""A post closes while patients wait: they hear it, and go on at the post that takes over, or phone."""

import pytest
from django.db import IntegrityError

from balie.consult.econsults.tests.post import ROOT, act, listed, write
from balie.consult.models import PostChoice
from balie.ordering.tests.web import off_loop


@pytest.fixture
async def sent(send):
    return await send("U3")


@pytest.fixture
async def team(post):
    return await off_loop(post.let_olga_take_over)


@pytest.fixture
async def again(post, begin, sent, team):
    """What Nadia's browser sends to the post that takes over."""
    return await begin(post.nadia, "U3", team=team, instead=sent["id"])


async def test_who_waits_hears_that_it_closed_and_whom_to_phone(post, browsers, sent, decide):
    [before] = await listed(browsers["Nadia"])
    assert before["shut"] is None
    await off_loop(lambda: PostChoice.objects.create(practice=post.practice, say="Bel de post in Hoek."))
    await decide("econsult", "closed")
    [after] = await listed(browsers["Nadia"])
    assert after["shut"]["closed"]["say"] == "Op dit moment leest niemand de chat."
    assert (after["shut"]["say"], after["shut"]["takes_over"]) == ("Bel de post in Hoek.", None)
    assert (after["phone"], after["place"]) == ("010 123 45 67", 1)


async def test_who_comes_when_it_is_closed_reads_it_too(post, browsers, begin, decide):
    await off_loop(lambda: PostChoice.objects.create(practice=post.practice, say="Bel de post in Hoek."))
    path = f"{ROOT}econsult/intakes"
    [before] = (await browsers["Nadia"].get(path)).json["practices"]
    await decide("econsult", "closed")
    [after] = (await browsers["Nadia"].get(path)).json["practices"]
    assert (before["say"], after["say"]) == ("", "Bel de post in Hoek.")


async def test_on_days_away_patients_read_it_before_and_while_they_wait(post, browsers, sent, conn):
    away = """
        insert into consult_post_choice (practice_id, away_from, away_until, away_say)
        select %s, d - 1, d + %s, 'De Eik neemt waar.'
          from (select (now() at time zone 'Europe/Amsterdam')::date as d) today"""
    path = f"{ROOT}econsult/intakes"
    for until, says in ((0, "De Eik neemt waar."), (-1, None)):
        await conn.execute("delete from consult_post_choice")
        await conn.execute(away, (post.practice.pk, until))
        [intake] = (await browsers["Nadia"].get(path)).json["practices"]
        [seen] = await listed(browsers["Nadia"])
        assert (intake["away"], seen["away"]) == (says, says)


async def test_who_was_picked_up_waits_no_more(browsers, sent, decide):
    await act(browsers["Emma"], "/pick-up", id=sent["id"])
    await decide("econsult", "closed")
    [seen] = await listed(browsers["Nadia"])
    assert seen["shut"] is None


async def test_who_waits_goes_on_at_the_post_that_takes_over(post, browsers, again, decide, conn):
    [before] = await listed(browsers["Nadia"])
    await decide("econsult", "closed")
    [shut] = await listed(browsers["Nadia"])
    assert shut["shut"]["takes_over"]["practice"] == "De Eik"
    assert shut["shut"]["takes_over"]["phone"] == "010 765 43 21"
    for _ in range(2):
        assert (await act(browsers["Nadia"], "", **again)).status == 200
    now, gone = await listed(browsers["Nadia"])
    assert (now["practice"], now["place"], now["due_at"]) == ("De Eik", 1, before["due_at"])
    assert (gone["id"], gone["moved_to"], gone["place"]) == (again["instead"], again["conversation"], None)
    assert (await act(browsers["Olga"], "/pick-up", id=again["id"])).status == 200
    assert (await act(browsers["Emma"], "/pick-up", id=again["instead"])).code == "moved"
    first = again | {"conversation": before["conversation"]}
    assert (await write(browsers["Nadia"], post.nadia, first)).code == "econsult_closed"
    assert (await write(browsers["Nadia"], post.nadia, again)).status == 200
    rows = await (
        await conn.execute("select what, detail::json->>'to' from consult_log_entry order by number")
    ).fetchall()
    assert ("econsult-moved", again["id"]) in rows


async def test_at_the_other_post_those_with_more_haste_come_first(post, browsers, again, decide):
    elsewhere = await off_loop(lambda: post.econsult(post.rik, "U4", team=post.olga_team))
    await act(browsers["Rik"], "", **elsewhere)
    await decide("econsult", "closed")
    await act(browsers["Nadia"], "", **again)
    assert [each["id"] for each in await listed(browsers["Olga"])] == [again["id"], elsewhere["id"]]


@pytest.mark.parametrize("closed", [(), ("De Linde", "De Eik")])
async def test_nobody_takes_over_from_who_is_open_or_while_closed(post, browsers, again, decide, closed):
    for practice in (post.practice, post.elsewhere):
        if practice.name in closed:
            await decide("econsult", "closed", practice)
    assert [each["shut"] and each["shut"]["takes_over"] for each in await listed(browsers["Nadia"])] == [None]
    assert (await act(browsers["Nadia"], "", **again)).code == "not_found"


async def test_one_that_was_picked_up_stays(post, browsers, sent, again, decide):
    await act(browsers["Emma"], "/pick-up", id=sent["id"])
    await decide("econsult", "closed")
    refused = await act(browsers["Nadia"], "", **again)
    assert (refused.code, refused.json["holder"]) == ("picked_up", post.emma.identity)


async def test_only_ones_own_and_with_the_same_haste(post, browsers, begin, again, decide):
    await decide("econsult", "closed")
    other = await begin(post.piet, "U3", team=post.olga_team, instead=again["instead"])
    assert (await act(browsers["Piet"], "", **other)).code == "not_found"
    assert (await act(browsers["Nadia"], "", **again | {"urgency": "U4"})).code == "taken"


async def test_a_patient_may_begin_with_the_team_that_takes_over_and_no_longer_than_that(
    post, browsers, sent, team, decide
):
    path = f"{ROOT}team?team={team.name}"
    assert (await browsers["Nadia"].get(path)).status == 404
    await decide("econsult", "closed")
    assert (await browsers["Nadia"].get(path)).status == 200
    assert (await browsers["Piet"].get(path)).status == 404
    await decide("econsult", None)
    assert (await browsers["Nadia"].get(path)).status == 404


async def test_who_went_on_elsewhere_is_phoned_by_nobody(browsers, again, decide, conn):
    await decide("econsult", "closed")
    await act(browsers["Nadia"], "", **again)
    await decide("econsult", None)
    await conn.execute("delete from practices_call")
    await decide("econsult", "closed")
    assert await (await conn.execute("select name from practices_call")).fetchall() == []


async def test_a_post_does_not_move_to_itself(post):
    with pytest.raises(IntegrityError, match="consult_post_choice_another"):
        await off_loop(lambda: PostChoice.objects.create(practice=post.practice, moves_to=post.practice))


async def test_the_first_is_taken_and_no_other(post, browsers, begin, sent):
    later = await begin(post.piet, "U4")
    await act(browsers["Piet"], "", **later)
    assert (await act(browsers["Emma"], "/pick-up", id=later["id"], first=True)).code == "not_first"
    assert (await act(browsers["Olga"], "/pick-up", id=later["id"], first=True)).code == "not_found"
    for _ in range(2):
        assert (await act(browsers["Emma"], "/pick-up", id=sent["id"], first=True)).status == 200
    assert (await act(browsers["Bas"], "/pick-up", id=later["id"], first=True)).status == 200
