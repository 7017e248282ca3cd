"""Pages of which the browser fills in the rest, and the way between two devices of one person."""

import json

import pytest
from django.test import Client

from balie.consult.models import Identity
from balie.consult.testing import new_id, new_name
from balie.consult.views.approvals import BODY_MOST
from balie.practices.models import Person
from balie.practices.testing import make_cast

WAY = "/gesprekken/sleutel/verzoek/"


def device(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def question(**members: object) -> dict[str, object]:
    return {"set": new_id(), "challenge": new_name(), "approval": None, **members}


def post(client: Client, content: object) -> dict[str, object]:
    response = client.post(WAY, json.dumps(content), content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()["asked"]


def asked(client: Client) -> dict[str, object] | None:
    return client.get(WAY).json()["asked"]


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.mark.parametrize("page", ["/gesprekken/", "/gesprekken/sleutel/"])
def test_pages_say_who_one_is_and_are_kept_by_nobody(cast, page):
    response = device(cast.owner).get(page)
    assert response.context["page_data"]["name"] == "Anna de Vries"
    assert "no-store" in response["Cache-Control"]


def test_who_orders_by_phone_does_not_talk_for_the_practice(cast):
    assert device(cast.organiser).get("/gesprekken/").status_code == 404


def test_another_device_of_ours_reads_the_question_and_answers_it(cast):
    new, open_one = device(cast.owner), device(cast.owner)
    first = question()
    post(new, first)
    assert asked(open_one) == first
    answered = {**first, "approval": {"payload": "…", "signatures": []}}
    post(open_one, answered)
    assert asked(new) == answered


def test_nobody_else_sees_it_or_answers_it(cast):
    mine = question()
    post(device(cast.owner), mine)
    for other in (cast.colleague, cast.outsider):
        assert asked(device(other)) is None
        post(device(other), {**mine, "approval": {"payload": "…", "signatures": []}})
    assert asked(device(cast.owner)) == mine


def test_an_answer_to_a_question_that_was_replaced_is_dropped(cast):
    client, before, now = device(cast.owner), question(), question()
    post(client, before)
    post(client, now)
    assert post(client, {**before, "approval": {"payload": "…", "signatures": []}}) == now
    assert asked(client) == now


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        b'{"set": "\xff"}',
        json.dumps(question(set="short")),
        json.dumps(question(challenge="no")),
        json.dumps(question(more=1)),
        json.dumps(question(approval={"payload": "x" * BODY_MOST})),
    ],
)
def test_what_is_no_question_is_refused(cast, body):
    client = device(cast.owner)
    assert client.post(WAY, body, content_type="application/json").status_code == 400
    assert asked(client) is None


def test_one_chooses_whether_mail_tells_of_messages(cast):
    Identity.objects.create(id=new_id(), person=cast.owner)
    page = device(cast.owner)
    assert page.get("/gesprekken/sleutel/").context["wants_mail"]
    assert page.post("/gesprekken/sleutel/", {}, follow=True).context["wants_mail"] is False
    assert page.post("/gesprekken/sleutel/", {"wanted": "on"}, follow=True).context["wants_mail"]
    assert device(cast.organiser).post("/gesprekken/sleutel/").status_code == 404
