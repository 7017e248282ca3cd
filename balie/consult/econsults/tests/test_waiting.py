"""What a patient hears while they wait, when the practice is closed, and after it is over."""

from datetime import UTC, datetime, timedelta

import pytest

from balie.consult.econsults.tests.post import ROOT, act, listed, write

PAST = "update consult_econsult set closed_at = clock_timestamp() - make_interval(secs => %s)"
ACCEPTS = """
select consult_accepts_v1(group_id, closed_at + interval '5 minutes' - interval '1 microsecond'),
       consult_accepts_v1(group_id, closed_at + interval '5 minutes')
  from consult_econsult
"""


async def test_for_five_minutes_after_closing_messages_are_taken_and_then_none(post, browsers, sent, conn):
    await act(browsers["Emma"], "/pick-up", id=sent["id"])
    await act(browsers["Emma"], "/close", id=sent["id"])
    everybody = [(browsers[each.name], each) for each in (post.nadia, post.emma)]
    await conn.execute(PAST, [299 - 30])
    for browser, who in everybody:
        assert (await write(browser, who, sent)).status == 200
    await conn.execute(PAST, [300])
    for browser, who in everybody:
        refused = await write(browser, who, sent)
        assert (refused.status, refused.code) == (409, "econsult_closed")
    assert await (await conn.execute(ACCEPTS)).fetchone() == (True, False)


async def test_what_was_stored_is_so_when_it_is_sent_again_later(post, browsers, sent, conn):
    await act(browsers["Emma"], "/pick-up", id=sent["id"])
    await act(browsers["Emma"], "/close", id=sent["id"])
    await conn.execute(PAST, [3600])
    first = {name: sent[name] for name in ("conversation", "device", "envelope")} | {"id": sent["message"]}
    again = await browsers["Nadia"].post(f"{ROOT}messages", first)
    assert (again.status, again.json["place"]) == (200, 1)


@pytest.mark.parametrize("function", ["econsult", "conversations"])
async def test_a_closed_practice_says_so_before_and_after(post, browsers, begin, decide, function):
    body = await begin(post.nadia)
    await decide(function, "closed")
    [intake] = (await browsers["Nadia"].get(f"{ROOT}econsult/intakes")).json["practices"]
    assert (intake["closed"]["reason"], intake["closed"]["say"]) == ("hours", "Op dit moment leest niemand de chat.")
    refused = await act(browsers["Nadia"], "", **body)
    assert (refused.status, refused.code, refused.json["closed"]["reason"]) == (409, "function_closed", "hours")
    await decide(function, None)
    assert (await act(browsers["Nadia"], "", **body)).status == 200


async def test_who_waits_when_it_closes_is_phoned(browsers, sent, conn, decide):
    await decide("econsult", "closed")
    calls = "select name, why from practices_call"
    assert await (await conn.execute(calls)).fetchall() == [("Nadia", "unread")]


async def test_who_was_picked_up_is_not(browsers, sent, conn, decide):
    await act(browsers["Emma"], "/pick-up", id=sent["id"])
    await decide("econsult", "closed")
    assert await (await conn.execute("select name from practices_call")).fetchall() == []


async def test_the_wait_is_expected_from_how_long_others_waited(post, browsers, begin, conn):
    for _ in range(5):
        body = await begin(post.piet)
        await act(browsers["Piet"], "", **body)
        await act(browsers["Emma"], "/pick-up", id=body["id"])
    await conn.execute("update consult_econsult set picked_up_at = arrived_at + number * interval '10 minutes'")
    for urgency in ("U4", "U3"):
        await act(browsers["Nadia"], "", **await begin(post.nadia, urgency))
    other, seen = await listed(browsers["Nadia"])
    assert other["expected"] is None
    arrived, *expected = (
        datetime.fromisoformat(each).astimezone(UTC)
        for each in (seen["arrived_at"], seen["expected"]["from"], seen["expected"]["until"])
    )
    assert [each - arrived for each in expected] == [timedelta(minutes=20), timedelta(minutes=40)]


async def test_a_nurse_gets_the_questionnaires_to_judge_again(browsers, sent):
    answer = (await browsers["Emma"].get(f"{ROOT}econsults")).json
    [seen] = answer["econsults"]
    assert answer["questionnaires"][seen["questionnaire"]["of"]]["code"] == "algemeen"
    assert "questionnaires" not in (await browsers["Nadia"].get(f"{ROOT}econsults")).json
