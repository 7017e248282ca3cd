"""A record system gives and takes messages through a connector, whatever happens to the line or to Balie."""

import asyncio
from typing import Any

import pytest
from fhirclient.models.bundle import Bundle
from fhirclient.models.communication import Communication

from balie.connector.store import Store
from balie.connector.tests.conftest import HEADERS, NO_BSN, OF_ANNA, OF_NOBODY, Post, running, still_stream
from balie.consult.client.fhir import BSN, to_fhir
from balie.consult.client.resealing import reseal
from balie.consult.client.talk import Outgoing
from balie.consult.client.tests.people import SECOND
from balie.consult.protocol import suite
from balie.consult.protocol.messages import Answer, Content, Question
from balie.consult.testing import new_name

WHERE = "/fhir/Communication"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def communication(post: Post, text: str = "Uitslag binnen", value: str = "bericht-1", **other: Any) -> dict[str, Any]:
    return {
        "resourceType": "Communication",
        "identifier": [{"system": "https://his.example/berichten", "value": value}],
        "status": "completed",
        "partOf": [{"reference": f"Communication/{to_fhir(post.group.name)}"}],
        "payload": [{"contentString": text}],
    } | other


async def texts(client, after: int = 0) -> list[str]:
    found = (await client.get(WHERE, params={"after": after})).json()
    return [each["resource"]["payload"][0]["contentString"] for each in found.get("entry", [])]


async def test_what_others_write_comes_in_once_and_in_order(post):
    async with running(post.open()) as client:
        await post.anna.talk.say(post.group.name, "een")
        await post.anna.talk.say(post.group.name, "twee")

        async def both() -> bool:
            return await texts(client) == ["een", "twee"]

        await post.until(both)
        page = (await client.get(WHERE, params={"_count": 1})).json()
        [entry] = page["entry"]
        message = entry["resource"]
        assert message["partOf"] == [{"reference": f"Communication/{to_fhir(post.group.name)}"}]
        assert message["sender"]["display"] == "Anna"
        assert (await client.get(f"{WHERE}/{message['id']}")).json() == message
        further = next(link["url"] for link in page["link"] if link["relation"] == "next")
        [entry] = (await client.get(further)).json()["entry"]
        assert entry["resource"]["payload"][0]["contentString"] == "twee"


async def test_what_came_while_it_was_away_is_there_and_keeps_its_numbers(post):
    await post.anna.talk.say(post.group.name, "een")
    async with running(post.open()) as client:
        await post.until(lambda: told(client, ["een"]))
    await post.anna.talk.say(post.group.name, "twee")
    async with running(post.open()) as client:
        await post.until(lambda: told(client, ["een", "twee"]))
        assert await texts(client, after=1) == ["twee"]


async def told(client, wanted: list[str]) -> bool:
    return await texts(client) == wanted


async def test_what_is_given_is_sent_once_however_often_it_is_given(post):
    async with running(post.open()) as client:
        await post.until(lambda: well(client))
        first = await client.post(WHERE, json=communication(post))
        again = await client.post(WHERE, json=communication(post))
        assert (first.status_code, again.status_code) == (202, 200)
        assert first.headers["location"] == again.headers["location"]
        await post.until(lambda: is_now(client, first.headers["location"], "completed"))
        assert await post.anna.heard(post.group.name) == ["Uitslag binnen"]
        other = await client.post(WHERE, json=communication(post, "Iets anders"))
        assert (other.status_code, other.json()["code"]) == (409, "taken")
        assert await texts(client) == []


async def well(client) -> bool:
    return (await client.get("/health")).status_code == 200


async def is_now(client, where: str, status: str) -> bool:
    return (await client.get(where)).json()["status"] == status


@pytest.mark.parametrize("what", ["lost", "gone"])
async def test_a_line_that_fails_delays_and_doubles_nothing(post, what):
    desk = post.open(stream=still_stream)
    async with running(desk) as client:
        await post.until(lambda: well(client))
        left = 12  # more often than one send tries

        def trouble(_method: str, path: str) -> str:
            nonlocal left
            left -= path.endswith("/messages") and left > 0
            return what if left and path.endswith("/messages") else ""

        post.bilal.trouble = trouble
        given = await client.post(WHERE, json=communication(post))
        await post.until(lambda: is_now(client, given.headers["location"], "completed"))
        assert left == 0
        assert await post.anna.heard(post.group.name) == ["Uitslag binnen"]


async def test_what_was_given_before_it_died_is_sent_after(post):
    desk = post.open(stream=still_stream)
    async with running(desk) as client:
        await post.until(lambda: well(client))
        post.bilal.trouble = lambda _method, path: "gone" if path.endswith("/messages") else ""
        given = await client.post(WHERE, json=communication(post))
        assert (await client.get(given.headers["location"])).json()["status"] == "in-progress"
    async with running(post.open()) as client:
        await post.until(lambda: is_now(client, given.headers["location"], "completed"))
    assert await post.anna.heard(post.group.name) == ["Uitslag binnen"]


async def test_where_it_was_put_out_it_says_so_and_forgets_the_words(post):
    async with running(post.open()) as client:
        await post.until(lambda: well(client))
        await post.anna.talk.remove(post.group, post.bilal.member)
        given = await client.post(WHERE, json=communication(post))
        await post.until(lambda: is_now(client, given.headers["location"], "not-done"))
        assert (await client.get(given.headers["location"])).json()["statusReason"]["text"]
    store = Store(post.folder / "store.sqlite")
    [kept] = [store.outgoing(given.headers["location"].rpartition("/")[2].replace(".", "_"))]
    assert kept is not None
    assert kept.content is None
    store.close()


async def test_an_answer_names_what_it_answers(post):
    question = await post.anna.talk.say(post.group.name, "Mag dit?")
    assert question.place == 1
    async with running(post.open()) as client:
        await post.until(lambda: told(client, ["Mag dit?"]))
        [entry] = (await client.get(WHERE)).json()["entry"]
        about = [{"reference": f"Communication/{entry['resource']['id']}"}]
        given = await client.post(WHERE, json=communication(post, "Ja", inResponseTo=about))
        await post.until(lambda: is_now(client, given.headers["location"], "completed"))
        await post.anna.heard(post.group.name)
        answer = list(post.anna.world.groups[post.group.name].said())[-1]
        assert answer.message.content.to == post.anna.world.groups[post.group.name].places[1]


async def test_a_conversation_tells_who_is_in_it(post):
    async with running(post.open()) as client:
        await post.until(lambda: well(client))
        thread = (await client.get(f"{WHERE}/{to_fhir(post.group.name)}")).json()
        assert "payload" not in thread
        assert {each["display"] for each in thread["recipient"]} == {"Anna", "Bilal"}


async def test_all_of_a_conversation_is_read_by_a_parser_that_is_not_ours_and_its_log_tells(post):
    question = Question(form="vraag", version=1, answers=(Answer(label="Klacht", value="hoest"),))
    content = Content(kind="question", text="Graag advies", question=question)
    await post.anna.talk.send(Outgoing(post.group.name, content))
    async with running(post.open()) as client:
        await post.until(lambda: told(client, ["Klacht: hoest\nGraag advies"]))
        answer = await client.get(f"{WHERE}/{to_fhir(post.group.name)}/$everything")
        found = [each.resource for each in Bundle(answer.json()).entry]
        thread, said = (each for each in found if each.resource_type == "Communication")
        assert said.payload[0].contentString == "Klacht: hoest\nGraag advies"
        assert said.partOf[0].reference == f"Communication/{thread.id}"
        last = [each for each in found if each.resource_type == "AuditEvent"][-1]
        assert (last.type.code, last.agent[0].who.display) == ("extract", "Bilal")
        other = await client.get(f"{WHERE}/{to_fhir(new_name())}/$everything")
        assert (other.status_code, other.json()["code"]) == (404, "not_found")
        post.bilal.trouble = lambda _method, path: "gone" if path.endswith("/log") else ""
        away = await client.get(f"{WHERE}/{to_fhir(post.group.name)}/$everything")
        assert (away.status_code, away.json()["code"], away.headers["retry-after"]) == (503, "away", "5")


async def test_what_comes_in_is_read_by_that_parser_too(post):
    await post.anna.talk.say(post.group.name, "een")
    async with running(post.open()) as client:
        await post.until(lambda: told(client, ["een"]))
        for path in (WHERE, f"{WHERE}/{to_fhir(post.group.name)}"):
            found = (await client.get(path)).json()
            assert {"Bundle": Bundle, "Communication": Communication}[found["resourceType"]](found).as_json() == found


@pytest.mark.parametrize(("bsn", "found"), [(OF_ANNA, 1), (OF_NOBODY, 0)])
async def test_a_patients_conversations_are_found_by_a_bsn_in_the_body(post, bsn, found):
    async with running(post.open()) as client:
        await post.until(lambda: well(client))
        answer = await client.post(f"{WHERE}/_search", data=of(bsn), headers=FORM)
        entries = answer.json().get("entry", [])
        assert [each["resource"]["id"] for each in entries] == [to_fhir(post.group.name)] * found


@pytest.mark.parametrize("form", [{}, {"subject:identifier": OF_ANNA}, {"subject:identifier": f"{BSN}|{NO_BSN}"}])
async def test_what_is_no_bsn_is_not_looked_for(post, form):
    async with running(post.open()) as client:
        answer = await client.post(f"{WHERE}/_search", data=form, headers=FORM)
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (400, "subject:identifier")
        assert NO_BSN not in answer.text


def of(bsn: str) -> dict[str, str]:
    return {"subject:identifier": f"{BSN}|{bsn}"}


async def test_who_may_not_ask_hears_why(post, subtests):
    for headers, status, code in [
        ({"authorization": ""}, 401, "no_key"),
        ({"authorization": "Bearer wrong"}, 401, "no_key"),
        ({"authorization": HEADERS["authorization"][7:]}, 401, "no_key"),
        ({"organisation_agb": "07654321"}, 404, "other_practice"),
        ({"content-type": "text/plain"}, 415, "other_kind"),
    ]:
        with subtests.test(headers=headers, status=status, code=code):
            async with running(post.open()) as client:
                answer = await client.post(WHERE, json=communication(post), headers=HEADERS | headers)
                assert (answer.status_code, answer.json()["code"]) == (status, code)
                assert answer.headers["content-type"] == "application/problem+json"
                assert (await client.get("/health")).json()["waiting"] == 0


async def test_what_does_not_fit_is_named_without_what_it_says(post, subtests):
    for other, at in [
        ({"resourceType": "Patient"}, "resourceType"),
        ({"identifier": []}, "identifier"),
        ({"payload": [{"contentString": ""}]}, "payload[0].contentString"),
        ({"payload": [{"contentString": "x" * 10_001}]}, "payload[0].contentString"),
        ({"partOf": [{"reference": "Patient/1"}]}, "partOf[0].reference"),
    ]:
        with subtests.test(other=other, at=at):
            async with running(post.open()) as client:
                answer = await client.post(WHERE, json=communication(post, **other))
                assert answer.status_code == 400
                assert answer.json()["errors"] == [{"at": at, "code": "type"}]


async def test_what_is_no_json_is_refused(post, subtests):
    for body in [b"", b"[]", b"\xff", b"{", b"[" * 5000]:
        with subtests.test(body=body):
            async with running(post.open()) as client:
                assert (await client.post(WHERE, content=body)).status_code == 400


async def test_a_conversation_that_it_is_not_in_is_not_there(post):
    async with running(post.open()) as client:
        await post.until(lambda: well(client))
        elsewhere = {"partOf": [{"reference": f"Communication/{'A' * 43}"}]}
        answer = await client.post(WHERE, json=communication(post, **elsewhere))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await client.get(f"{WHERE}/{'A' * 43}")).status_code == 404


async def test_while_balie_is_away_it_says_so_and_keeps_what_it_is_given(post):
    desk = post.open()
    post.bilal.trouble = lambda _method, _path: "gone"
    async with running(desk) as client:

        async def unwell() -> bool:
            return (await client.get("/health")).json()["why"] == "UnreachableError"

        await post.until(unwell)
        post.bilal.trouble = lambda _method, _path: ""
        await post.until(lambda: well(client))
        await asyncio.sleep(0)
        given = await client.post(WHERE, json=communication(post))
        await post.until(lambda: is_now(client, given.headers["location"], "completed"))


async def test_it_makes_its_key_anew_and_seals_again_when_there_is_a_newer_suite(post, monkeypatch):
    await post.anna.talk.say(post.group.name, "van voor de nieuwe")
    monkeypatch.setitem(suite.SUITES, 2, SECOND)
    monkeypatch.setattr(suite, "CURRENT", 2)
    await reseal(post.anna.talk, lambda _keyring: None)
    async with running(post.open()) as client:

        async def is_done() -> bool:
            return (await post.anna.application.resealing()).left == 0

        await post.until(is_done)
        assert post.bilal.keyring.known.suite == 2
        await post.until(lambda: told(client, ["van voor de nieuwe"]))
