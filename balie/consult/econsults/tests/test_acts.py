"""An e-consult from the patient's browser to its summary: what comes into the queue, in which order, and who has it."""

import json

import pytest

from balie.consult.econsults.tests.post import ROOT, act, listed, write
from balie.consult.testing import new_id, new_name

OWN = """
insert into consult_questionnaire (practice_id, code, version, body, offered)
select %s, 'eigen', 7, replace(replace(body, '"algemeen"', '"eigen"'), '"version": 1', '"version": 7'), true
  from consult_questionnaire
"""


async def count(conn, table):
    [found] = await (await conn.execute(f"select count(*) from {table}")).fetchone()
    return found


async def test_the_queue_is_by_urgency_and_then_by_arrival(post, browsers, begin):
    ids = {}
    for who, urgency in (("Nadia", "U5"), ("Piet", "U4"), ("Nadia", "U4"), ("Piet", "U3")):
        body = await begin(post.nadia if who == "Nadia" else post.piet, urgency)
        assert (await act(browsers[who], "", **body)).status == 200
        ids[who, urgency] = body["id"]
    seen = await listed(browsers["Emma"])
    expected = [("Piet", "U3"), ("Piet", "U4"), ("Nadia", "U4"), ("Nadia", "U5")]
    assert [each["id"] for each in seen] == [ids[each] for each in expected]
    assert [each["place"] for each in seen] == [1, 2, 3, 4]
    assert [each["place"] for each in await listed(browsers["Nadia"])] == [3, 4]
    assert (await act(browsers["Bas"], "/pick-up", id=ids["Piet", "U3"])).status == 200
    assert [each["place"] for each in await listed(browsers["Nadia"])] == [2, 3]


async def test_its_answers_are_the_first_message_and_come_with_it(post, browsers, sent, conn):
    [seen] = await listed(browsers["Emma"])
    assert (seen["patient"], seen["urgency"], seen["of_own_team"]) == (post.nadia.identity, "U4", True)
    assert seen["questionnaire"] | {"of": ""} == {"of": "", "code": "algemeen", "version": 1}
    rows = await (await conn.execute("select id, envelope from consult_message")).fetchall()
    assert rows == [(sent["message"], sent["envelope"])]


async def test_sent_again_it_is_one(browsers, sent, conn):
    assert (await act(browsers["Nadia"], "", **sent)).status == 200
    assert (await act(browsers["Nadia"], "", **sent | {"urgency": "U3"})).code == "taken"
    assert (await count(conn, "consult_econsult"), await count(conn, "consult_message")) == (1, 1)


@pytest.mark.parametrize(
    "other", [{"urgency": "U0"}, {"urgency": "U1"}, {"urgency": "U2"}, {"version": 2}, {"questionnaire": "oud"}]
)
async def test_what_cannot_wait_or_cannot_be_told_is_phoned_and_nothing_is_kept(post, browsers, begin, conn, other):
    refused = await act(browsers["Nadia"], "", **await begin(post.nadia, **other))
    assert (refused.status, refused.code, refused.json["phone"]) == (409, "call", "010 123 45 67")
    assert (await count(conn, "consult_econsult"), await count(conn, "consult_message")) == (0, 0)


async def test_a_questionnaire_that_breaks_is_phoned(post, browsers, begin, conn):
    await conn.execute("update consult_questionnaire set body = replace(body, '\"gevaar\": [', '\"gone\": [')")
    [intake] = (await browsers["Nadia"].get(f"{ROOT}econsult/intakes")).json["practices"]
    assert (intake["questionnaire"], intake["phone"]) == (None, "010 123 45 67")
    assert (await act(browsers["Nadia"], "", **await begin(post.nadia))).code == "call"


async def test_a_practice_may_ask_its_own(post, browsers, begin, conn):
    await conn.execute(OWN, [post.practice.pk])
    [intake] = (await browsers["Nadia"].get(f"{ROOT}econsult/intakes")).json["practices"]
    assert (intake["questionnaire"]["code"], intake["questionnaire"]["version"]) == ("eigen", 7)
    assert (await act(browsers["Nadia"], "", **await begin(post.nadia))).code == "call"
    own = await begin(post.nadia, questionnaire="eigen", version=7)
    assert (await act(browsers["Nadia"], "", **own)).status == 200
    [elsewhere] = await listed(browsers["Emma"])
    assert elsewhere["questionnaire"]["code"] == "eigen"


async def test_the_time_is_that_of_the_questionnaire(post, browsers, begin, conn):
    for urgency in ("U3", "U4", "U5"):
        await act(browsers["Nadia"], "", **await begin(post.nadia, urgency))
    spans = "select extract(epoch from due_at - arrived_at)::int / 60 from consult_econsult order by urgency"
    assert await (await conn.execute(spans)).fetchall() == [(240,), (1440,), (2880,)]


async def test_a_message_that_cannot_be_kept_leaves_no_econsult(post, browsers, begin, conn):
    bodies = [
        (await begin(post.nadia, device=new_id()), "no_device"),
        (await begin(post.nadia, envelope=(await begin(post.piet))["envelope"]), "key_retired"),
    ]
    for body, code in bodies:
        assert (await act(browsers["Nadia"], "", **body)).code == code
    assert await count(conn, "consult_econsult") == 0
    assert await count(conn, "consult_log_entry") == 0


async def test_it_begins_a_conversation_and_stands_beside_nothing_else(post, browsers, begin, sent):
    body = await begin(post.nadia)
    assert (await write(browsers["Nadia"], post.nadia, body)).status == 200
    assert (await act(browsers["Nadia"], "", **body)).code == "taken"
    again = sent | {"id": new_id(), "message": new_id()}
    assert (await act(browsers["Nadia"], "", **again)).code == "taken"


async def test_only_patients_send_and_only_to_who_treats_them(post, browsers, begin, conn):
    refusals = {
        "a colleague": (post.emma, browsers["Emma"], {}),
        "a patient of elsewhere": (post.rik, browsers["Rik"], {}),
        "somebody who is not in it": (post.nadia, browsers["Piet"], {"device": post.piet.device}),
        "in a conversation that is not there": (post.nadia, browsers["Nadia"], {"conversation": new_name()}),
    }
    for what, (who, browser, other) in refusals.items():
        refused = await act(browser, "", **await begin(who) | other)
        assert (refused.status, refused.code) == (404, "not_found"), what
    await conn.execute("update patients_patient set ended_at = clock_timestamp()")
    assert (await act(browsers["Nadia"], "", **await begin(post.nadia))).code == "not_found"
    assert await count(conn, "consult_econsult") == 0


async def test_one_picks_it_up_and_hands_it_over_and_puts_it_back(post, browsers, sent):
    emma, bas = browsers["Emma"], browsers["Bas"]
    one = sent["id"]
    for _ in range(2):
        assert (await act(emma, "/pick-up", id=one)).status == 200
    late = await act(bas, "/pick-up", id=one)
    assert (late.status, late.code, late.json["holder"]) == (409, "picked_up", post.emma.identity)
    [before] = await listed(browsers["Nadia"])
    assert (before["holder"], before["place"]) == (post.emma.identity, None)
    to_bas = {"id": one, "holder": post.emma.identity, "to": post.bas.identity}
    for _ in range(2):
        assert (await act(emma, "/hand-over", **to_bas)).status == 200
    assert (await act(emma, "/hand-over", **to_bas | {"to": None})).code == "picked_up"
    assert (await act(bas, "/hand-over", id=one, holder=post.bas.identity, to=post.olga.identity)).status == 422
    back = await act(bas, "/hand-over", id=one, holder=post.bas.identity, to=None)
    [after] = back.json["econsults"]
    assert (after["holder"], after["place"], after["picked_up_at"]) == (None, 1, before["picked_up_at"])
    assert (await act(emma, "/pick-up", id=one)).status == 200


async def test_who_has_it_closes_it_and_that_stays_so(browsers, sent):
    emma, bas, one = browsers["Emma"], browsers["Bas"], sent["id"]
    assert (await act(emma, "/close", id=one)).status == 422
    await act(emma, "/pick-up", id=one)
    assert (await act(bas, "/close", id=one)).status == 422
    for _ in range(2):
        [closed] = (await act(emma, "/close", id=one)).json["econsults"]
    assert closed["closed_at"] < closed["accepts_until"]
    assert (await act(bas, "/pick-up", id=one)).code == "concluded"
    assert (await act(emma, "/hand-over", id=one, holder=closed["holder"], to=None)).code == "concluded"


async def test_who_has_no_part_in_it_cannot_tell_it_is_there(browsers, sent):
    for what, body in (("/pick-up", {}), ("/hand-over", {"holder": None, "to": None}), ("/close", {})):
        for who in ("Olga", "Nadia", "Piet"):
            forbidden = await act(browsers[who], what, id=sent["id"], **body)
            absent = await act(browsers[who], what, id=new_id(), **body)
            assert (forbidden.status, forbidden.json["title"]) == (404, absent.json["title"]), (what, who)
    for who in ("Olga", "Piet", "Rik"):
        assert await listed(browsers[who]) == []


async def test_every_act_is_in_the_log_of_the_conversation(post, browsers, sent, conn):
    await act(browsers["Emma"], "/pick-up", id=sent["id"])
    await act(browsers["Bas"], "/pick-up", id=sent["id"])
    await act(browsers["Emma"], "/hand-over", id=sent["id"], holder=post.emma.identity, to=post.bas.identity)
    await act(browsers["Bas"], "/close", id=sent["id"])
    rows = await (
        await conn.execute("select what, identity_id, detail from consult_log_entry order by number")
    ).fetchall()
    assert [row[:2] for row in rows] == [
        ("econsult-sent", post.nadia.identity),
        ("econsult-picked-up", post.emma.identity),
        ("econsult-handed-over", post.emma.identity),
        ("econsult-closed", post.bas.identity),
    ]
    assert json.loads(rows[0][2])["urgency"] == "U4"


async def test_what_has_not_this_form_is_refused(post, browsers, begin, subtests):
    for what, body in [
        ("", {"urgency": "U6"}),
        ("", {"version": 0}),
        ("", {"questionnaire": "Algemeen"}),
        ("", {"envelope": "x"}),
        ("", {"envelope": "e30.a.a.a.a"}),
        ("/pick-up", {"id": "x"}),
        ("/hand-over", {"holder": None}),
        ("/close", {"id": None}),
    ]:
        with subtests.test(what=what, body=body):
            who, known = ("Emma", {"id": new_id()}) if what else ("Nadia", await begin(post.nadia))
            assert (await act(browsers[who], what, **known | body)).status == 400


async def test_when_it_is_taken_out_it_is_told_whole_also_to_the_patient(post, browsers, sent):
    for what in ("/pick-up", "/close"):
        assert (await act(browsers["Emma"], what, id=sent["id"])).status == 200
    for who in ("Emma", "Nadia"):
        found = (await browsers[who].get(f"{ROOT}extract?group={sent['conversation']}")).json
        [told] = found["econsults"]
        assert (told["id"], told["patient"], told["urgency"]) == (sent["id"], post.nadia.identity, "U4")
        assert (told["team"], told["holder"], told["moved"]) == (post.team.name, post.emma.identity, False)
        assert told["closed_at"] >= told["picked_up_at"] >= told["arrived_at"]
        assert {each["name"]: each["practice"] for each in found["teams"]} == {"Assistentes": post.practice.agb_code}
    assert (await browsers["Olga"].get(f"{ROOT}extract?group={sent['conversation']}")).status == 404
