"""A conversation that is taken out can be read by programs that we did not write, and the log tells of it."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pyrage
import pytest
from fhirclient.models.bundle import Bundle

from balie.consult.client.application import ProblemError
from balie.consult.client.export import take_out, take_out_own_log
from balie.consult.client.talk import Outgoing
from balie.consult.client.transport import UnreachableError
from balie.consult.protocol.messages import Answer, Content, Question
from balie.consult.protocol.tests.vectors.maker import FOLDER

WORDS = "akker-bodem-citroen-deken-emmer-fiets-gracht-hamer-ijzer-jager"
VECTORS = json.loads((FOLDER / "export.json").read_text(encoding="utf-8"))["cases"]
BUNDLES = [pytest.param(case["out"], id=case["name"]) for case in VECTORS if case["op"] == "bundle"]


def opened(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def resources(bundle):
    """By their type, as a parser that is made from FHIR 4.0.1 reads them."""
    found = {}
    for entry in Bundle(bundle).entry:
        found.setdefault(entry.resource.resource_type, []).append(entry.resource)
    return found


@pytest.fixture
def sealed(monkeypatch):
    """(content, words) of what would become age files. Those stretch their words for a second and more, so one test
    below really makes one.
    """
    made = []
    monkeypatch.setattr(pyrage.passphrase, "encrypt", lambda content, words: made.append((content, words)) or b"age")
    return made


async def taken_out(talk, group, sealed):
    """What is in the file that these words open."""
    assert await take_out(talk, group, WORDS) == b"age"
    [(content, words)] = sealed
    assert words == WORDS
    return opened(content)


async def write(someone, group, kind, text, **more):
    outgoing = Outgoing(group.name, Content(kind=kind, text=text, **more), at=1_800_000_000)
    await someone.talk.send(outgoing)
    return outgoing.id


@pytest.fixture
async def group(people):
    """In which Anna and Bilal said, asked, changed and recalled something."""
    anna, bilal, *_ = people
    group = await anna.talk.create_conversation(bilal.member)
    await bilal.world.catch_up()
    said = await write(anna, group, "text", "Kunt u vandaag?")
    await anna.world.catch_up()
    await write(anna, group, "edit", "Kunt u <morgen>?", to=said)
    await write(bilal, group, "edit", "Niet van mij", to=said)
    gone = await write(bilal, group, "text", "Verkeerde patiënt")
    await write(bilal, group, "recall", "", to=gone)
    form = Question(
        form="vraag", version=1, answers=(Answer(label="Klacht", value="hoest"), Answer(label="Koorts?", value="nee"))
    )
    await write(bilal, group, "question", "Graag advies", question=form, to=said)
    await anna.world.catch_up()
    return group


async def test_what_was_said_is_in_it_as_fhir_and_to_read(people, group, sealed):
    anna, *_ = people
    files = await taken_out(anna.talk, group, sealed)
    found = resources(json.loads(files["gesprek.fhir.json"]))
    thread, said, recalled, question = found["Communication"]
    assert thread.payload is None
    assert {each.display for each in thread.recipient} == {"Anna", "Bilal"}
    assert all(each.partOf[0].reference == f"Communication/{thread.id}" for each in (said, recalled, question))
    assert [said.payload[0].contentString, said.statusReason.coding[0].code] == ["Kunt u <morgen>?", "edited"]
    assert [recalled.payload, recalled.status] == [None, "entered-in-error"]
    assert question.payload[0].contentString == "Klacht: hoest\nKoorts? nee\nGraag advies"
    assert question.inResponseTo[0].reference == f"Communication/{said.id}"
    assert [said.sender.display, question.sender.display] == ["Anna", "Bilal"]
    assert said.sent.date == datetime(2027, 1, 15, 8, tzinfo=UTC)
    assert "Kunt u &lt;morgen&gt;?" in files["gesprek.html"]
    assert "15-01-2027 09.00" in files["gesprek.html"]
    assert "Verkeerde" not in "".join(files.values())


async def test_the_log_goes_with_it_and_tells_of_it(people, group, sealed):
    anna, bilal, *_ = people
    files = await taken_out(anna.talk, group, sealed)
    log = await bilal.application.log(group.name)
    assert "Anna · bewaarde het hele gesprek" in files["gesprek.html"]
    assert log[-1].what == "exported"
    assert json.loads(log[-1].detail) == {"device": anna.device.device, "note": "conversation"}
    events = resources(json.loads(files["gesprek.fhir.json"]))["AuditEvent"]
    assert [each.subtype[0].code for each in events] == [each.what for each in log]
    assert [events[-1].agent[0].who.display, events[-1].type.code] == ["Anna", "extract"]


async def test_ones_own_log_goes_with_the_chain_that_proves_it(people, sealed):
    anna, *_ = people
    assert await take_out_own_log(anna.talk, WORDS) == b"age"
    [(content, _)] = sealed
    files = opened(content)
    log = await anna.application.log(None)
    found = resources(json.loads(files["logboek.fhir.json"]))
    assert set(found) == {"AuditEvent", "Practitioner"}
    events = found["AuditEvent"]
    assert [each.subtype[0].code for each in events] == [each.what for each in log]
    assert {"person-key", "device"} <= {each.what for each in log}
    chain = [{each.type: each.valueString for each in event.entity[0].detail} for event in events]
    assert [each.get("previous", "") for each in chain] == ["", *(each["hash"] for each in chain[:-1])]
    assert all(event.entity[0].what.reference == f"Practitioner/{found['Practitioner'][0].id}" for event in events)
    assert "bewaarde dit logboek" in files["logboek.html"]
    assert "er kwam een apparaat bij" in files["logboek.html"]


async def test_without_the_log_nothing_is_made(people, group):
    anna, _, chris, _ = people
    anna.trouble = lambda method, path: "gone" if (method, path.rpartition("/")[2]) == ("POST", "log") else ""
    with pytest.raises(UnreachableError):
        await take_out(anna.talk, group, WORDS)
    with pytest.raises(ProblemError, match="not_found"):
        await take_out(chris.talk, group, WORDS)


@pytest.mark.slow
async def test_its_words_open_it_and_others_do_not(people, group):
    file = await take_out(people[0].talk, group, WORDS)
    files = opened(pyrage.passphrase.decrypt(file, WORDS))
    assert "Kunt u &lt;morgen&gt;?" in files["gesprek.html"]
    assert resources(json.loads(files["gesprek.fhir.json"])).keys() >= {"Communication", "AuditEvent"}
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(file, WORDS.replace("jager", "kamer"))


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_vectors_are_fhir(bundle):
    assert Bundle(bundle).as_json() == bundle
