"""A consultatie from question to conclusion: who may do what, and what stays of it."""

import asyncio
import json
from datetime import timedelta

import psycopg
import pytest

from balie.consult.consultations.tests.clinic import ROOT, act, listed
from balie.consult.testing import new_id, new_name


@pytest.fixture
def browsers(clinic, site):
    """Of Anna, Bilal, Chris, Dina and Eva."""
    return [each.browser(site) for each in clinic.everybody]


@pytest.fixture
async def asked(clinic, browsers):
    """A question to the team: its id."""
    question = clinic.question()
    assert (await act(browsers[0], "", **question)).status == 200
    return question["id"]


async def test_a_team_must_pick_it_up_and_one_does(clinic, browsers, asked):
    anna, bilal, chris, *_ = browsers
    [seen] = await listed(chris)
    assert (seen["id"], seen["team"], seen["holder"], seen["picked_up_at"]) == (asked, clinic.team.name, None, None)
    assert seen["of_own_team"] is True
    assert (await act(bilal, "/pick-up", id=asked)).status == 200
    late = await act(chris, "/pick-up", id=asked)
    assert (late.status, late.code, late.json["holder"]) == (409, "picked_up", clinic.bilal.identity)
    assert (await act(bilal, "/pick-up", id=asked)).status == 200
    [seen] = await listed(anna)
    assert (seen["holder"], seen["of_own_team"]) == (clinic.bilal.identity, False)


async def test_one_specialist_has_it_at_once(clinic, browsers):
    anna, *_, dina, _eva = browsers
    question = clinic.question(of=clinic.dina.member)
    [seen] = (await act(anna, "", **question)).json["consultations"]
    assert (seen["holder"], seen["picked_up_at"]) == (clinic.dina.identity, seen["asked_at"])
    concluded = await act(dina, "/conclude", id=question["id"], billing_code="ZZ 1")
    assert concluded.json["consultations"][0]["billing_code"] == "ZZ 1"


async def test_it_is_handed_over_and_keeps_its_time(clinic, browsers, asked):
    _, bilal, chris, dina, _ = browsers
    await act(bilal, "/pick-up", id=asked)
    [before] = await listed(bilal)
    to_dina = {"id": asked, "holder": clinic.bilal.identity, "to": clinic.dina.member}
    assert (await act(bilal, "/hand-over", **to_dina)).status == 200
    assert (await act(bilal, "/hand-over", **to_dina)).status == 200
    assert (await act(bilal, "/conclude", id=asked)).json["errors"][0]["code"] == "not-allowed"
    stale = await act(chris, "/hand-over", **to_dina | {"to": clinic.chris.member})
    assert (stale.status, stale.code) == (409, "picked_up")
    [after] = await listed(dina)
    assert after == before | {"holder": clinic.dina.identity, "of_own_team": False}


async def test_another_team_must_pick_it_up_again(clinic, browsers, asked):
    _, bilal, chris, dina, _ = browsers
    await act(bilal, "/pick-up", id=asked)
    away = {"id": asked, "holder": clinic.bilal.identity, "to": f"team:{clinic.other_team.name}"}
    assert (await act(chris, "/hand-over", **away)).status == 200
    assert (await act(bilal, "/pick-up", id=asked)).status == 422
    assert (await act(dina, "/pick-up", id=asked)).status == 200


async def test_what_is_concluded_stays_so(clinic, browsers, asked):
    anna, bilal, chris, *_ = browsers
    await act(bilal, "/pick-up", id=asked)
    assert (await act(anna, "/conclude", id=asked)).status == 422
    for _ in range(2):
        assert (await act(bilal, "/conclude", id=asked, billing_code="A1")).status == 200
    assert (await act(bilal, "/conclude", id=asked, billing_code="B2")).code == "concluded"
    assert (await act(chris, "/pick-up", id=asked)).code == "concluded"
    again = clinic.question()
    assert (await act(anna, "", **again)).status == 200


async def test_who_asked_withdraws_it_and_everybody_sees_so(clinic, browsers, asked):
    anna, bilal, chris, *_ = browsers
    await act(bilal, "/pick-up", id=asked)
    for other in (bilal, chris):
        refused = await act(other, "/withdraw", id=asked)
        assert (refused.status, refused.json["errors"][0]["code"]) == (422, "not-allowed")
    for _ in range(2):
        assert (await act(anna, "/withdraw", id=asked)).status == 200
    [seen] = await listed(bilal)
    assert seen["withdrawn_at"] is not None
    assert (seen["holder"], seen["concluded_at"]) == (clinic.bilal.identity, None)
    again = clinic.question()
    assert (await act(anna, "", **again)).status == 200  # the conversation is free for another
    assert [each["id"] for each in await listed(bilal)] == [again["id"], asked]


async def test_what_is_withdrawn_stays_so(clinic, browsers, asked):
    anna, bilal, *_ = browsers
    await act(anna, "/withdraw", id=asked)
    to_dina = {"holder": None, "to": clinic.dina.member}
    for what, more in {"/pick-up": {}, "/hand-over": to_dina, "/conclude": {}}.items():
        refused = await act(bilal, what, id=asked, **more)
        assert (refused.status, refused.code) == (409, "withdrawn"), what


async def test_what_is_concluded_is_not_withdrawn(clinic, browsers, asked):
    anna, bilal, *_ = browsers
    await act(bilal, "/pick-up", id=asked)
    await act(bilal, "/conclude", id=asked)
    refused = await act(anna, "/withdraw", id=asked)
    assert (refused.status, refused.code) == (409, "concluded")


async def test_the_database_ends_it_in_one_way_only(clinic, browsers, asked, conn):
    anna, *_ = browsers
    await act(anna, "/withdraw", id=asked)
    with pytest.raises(psycopg.errors.CheckViolation, match="ended_once"):
        await conn.execute(
            "update consult_consultation set concluded_at = now(), picked_up_at = now(), holder_id = %s",
            [clinic.bilal.identity],
        )


async def test_a_colleague_takes_it_over_from_who_is_away(clinic, browsers, asked):
    """By handing it over to themselves, from who has it as far as they know: two do not take it from each other."""
    _, bilal, chris, dina, _ = browsers
    await act(bilal, "/pick-up", id=asked)
    to_me = {"id": asked, "holder": clinic.bilal.identity, "to": clinic.chris.member}
    assert (await act(dina, "/hand-over", **to_me | {"to": clinic.dina.member})).status == 422  # not of the team
    [seen] = (await act(chris, "/hand-over", **to_me)).json["consultations"]
    assert seen["holder"] == clinic.chris.identity
    assert (await act(bilal, "/conclude", id=asked)).json["errors"][0]["code"] == "not-allowed"
    assert (await act(chris, "/conclude", id=asked)).status == 200


@pytest.fixture
async def alone(clinic, browsers, conn):
    """A question to Dina by herself, who is in a team with Chris: its id."""
    member = "insert into consult_member (group_id, identity_id, since) values (%s, %s, 1)"
    await conn.execute(member, (clinic.other_team.pk, clinic.chris.identity))
    body = clinic.question(of=clinic.dina.member)
    assert (await act(browsers[0], "", **body)).status == 200
    return body["id"]


OVER = """
update consult_consultation
   set asked_at = asked_at - %(by)s, due_at = clock_timestamp(), warn_at = warn_at - %(by)s
"""


async def test_what_one_person_was_asked_a_colleague_takes_over_once_its_time_is_over(clinic, browsers, alone, conn):
    _, bilal, chris, dina, _ = browsers
    mine = {"id": alone, "holder": clinic.dina.identity, "to": clinic.chris.member}
    early = await act(chris, "/hand-over", **mine)
    assert (early.status, early.json["errors"][0]["code"]) == (422, "not-allowed")
    assert [each["of_own_team"] for each in await listed(chris)] == [False]
    await conn.execute(OVER, {"by": timedelta(days=9)})
    assert [each["of_own_team"] for each in await listed(chris)] == [True]
    assert [each["of_own_team"] for each in await listed(bilal)] == [False]
    other = await act(bilal, "/hand-over", **mine | {"to": clinic.bilal.member})
    assert other.json["errors"][0]["code"] == "not-allowed"  # in no team with Dina
    assert (await act(chris, "/hand-over", **mine)).status == 200
    assert (await act(dina, "/conclude", id=alone)).json["errors"][0]["code"] == "not-allowed"
    assert (await act(chris, "/conclude", id=alone)).status == 200


async def test_of_two_who_take_it_over_one_does(clinic, browsers, alone, conn):
    await conn.execute(
        "insert into consult_member (group_id, identity_id, since) values (%s, %s, 1)",
        (clinic.other_team.pk, clinic.bilal.identity),
    )
    await conn.execute(OVER, {"by": timedelta(days=9)})
    from_dina = {"id": alone, "holder": clinic.dina.identity}
    _, bilal, chris, *_ = browsers
    answers = await asyncio.gather(
        act(bilal, "/hand-over", **from_dina, to=clinic.bilal.member),
        act(chris, "/hand-over", **from_dina, to=clinic.chris.member),
    )
    assert sorted(each.status for each in answers) == [200, 409]


async def test_withdrawing_is_in_the_log_once(clinic, browsers, asked, conn):
    for _ in range(2):
        await act(browsers[0], "/withdraw", id=asked)
    rows = await (
        await conn.execute("select what, identity_id, detail from consult_log_entry order by number")
    ).fetchall()
    assert [what for what, *_ in rows] == ["consult-asked", "consult-withdrawn"]
    assert rows[-1][1:] == (clinic.anna.identity, json.dumps({"id": asked}, separators=(",", ":")))


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("/withdraw", {"id": "x"}),
        ("/withdraw", {}),
        ("/withdraw", []),
        ("/agree", {"team": "x", "agreement": None}),
        ("/agree", {"team": new_name()}),
        ("/agree", {"team": new_name(), "agreement": "x" * 33}),
        ("/agree", {"team": new_name(), "agreement": 48}),
    ],
)
async def test_withdrawing_and_agreeing_have_their_form(browsers, what, body):
    assert (await browsers[0].post(f"{ROOT}consultation{what}", body)).status == 400


async def test_who_has_it_and_left_has_it_no_longer(clinic, browsers, asked, conn):
    _, bilal, chris, *_ = browsers
    await act(bilal, "/pick-up", id=asked)
    await conn.execute("delete from consult_member where identity_id = %s", [clinic.bilal.identity])
    assert (await act(chris, "/pick-up", id=asked)).status == 200
    assert (await act(bilal, "/conclude", id=asked)).status == 404


async def test_a_question_asked_again_is_one_and_a_second_must_wait(clinic, browsers):
    anna, *_ = browsers
    question = clinic.question()
    for _ in range(2):
        assert (await act(anna, "", **question)).status == 200
    assert (await act(anna, "", **question | {"agreement": "consultation-48-hours"})).code == "taken"
    assert (await act(anna, "", **clinic.question())).code == "still_open"
    assert len(await listed(anna)) == 1


async def test_a_meekijkconsult_has_rules_of_its_own(clinic, browsers, conn):
    anna, *_ = browsers
    question = clinic.question(agreement="advice-3-days")
    refused = await act(anna, "", **question)
    assert refused.json["errors"] == [{"at": "untreated", "code": "missing"}]
    [seen] = (await act(anna, "", **question, untreated=True)).json["consultations"]
    assert seen["kind"] == "advice-consult"
    [(detail,)] = await (await conn.execute("select detail from consult_log_entry")).fetchall()
    assert json.loads(detail)["untreated"] is True


async def test_who_has_no_part_in_it_cannot_tell_it_is_there(clinic, browsers, asked):
    eva = browsers[-1]
    acts = {
        "": clinic.question(),
        "/pick-up": {"id": asked},
        "/hand-over": {"id": asked, "holder": None, "to": clinic.eva.member},
        "/conclude": {"id": asked},
        "/withdraw": {"id": asked},
        "/agree": {"team": clinic.team.name, "agreement": None},
    }
    nowhere = {what: {"id": new_id()} for what in acts} | {
        "": {"conversation": new_name()},
        "/agree": {"team": new_name()},
    }
    for what, body in acts.items():
        forbidden, absent = await act(eva, what, **body), await act(eva, what, **body | nowhere[what])
        assert (forbidden.status, forbidden.json["title"]) == (404, absent.json["title"]), what
        assert absent.status == 404, what
    assert await listed(eva) == []


async def test_it_is_asked_of_others_in_the_conversation(clinic, browsers):
    anna, *_ = browsers
    for whom in (clinic.anna.member, clinic.eva.member, f"team:{new_name()}", clinic.bilal.member):
        refused = await act(anna, "", **clinic.question(of=whom))
        assert refused.json["errors"] == [{"at": "of", "code": "unknown-member"}], whom


async def test_every_act_is_in_the_log_of_the_conversation(clinic, browsers, asked, conn):
    _, bilal, chris, *_ = browsers
    await act(bilal, "/pick-up", id=asked)
    await act(chris, "/pick-up", id=asked)
    await act(bilal, "/hand-over", id=asked, holder=clinic.bilal.identity, to=clinic.chris.member)
    await act(chris, "/conclude", id=asked, billing_code="A1")
    rows = await (await conn.execute("select what, identity_id from consult_log_entry order by number")).fetchall()
    assert rows == [
        ("consult-asked", clinic.anna.identity),
        ("consult-picked-up", clinic.bilal.identity),
        ("consult-handed-over", clinic.bilal.identity),
        ("consult-concluded", clinic.chris.identity),
    ]


async def test_what_has_not_this_form_is_refused(clinic, browsers, subtests):
    for what, body in [
        ("", {}),
        ("", {"agreement": "1-minute"}),
        ("/pick-up", {"id": "x"}),
        ("/hand-over", {"id": new_id(), "to": "everybody", "holder": None}),
        ("/conclude", {"id": new_id(), "billing_code": "x" * 33}),
        ("/conclude", {"id": new_id(), "billing_code": "=1+1"}),
    ]:
        with subtests.test(what=what, body=body):
            asked = clinic.question(**body) if "agreement" in body else body
            assert (await act(browsers[0], what, **asked)).status == 400
