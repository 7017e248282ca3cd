"""Patients in conversations: let in by who treats them alone, letting in nobody, and seen as who they are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from balie.consult.intake.membership import BEGUN_BY_PATIENT_MOST
from balie.consult.protocol.group_keys import key_name
from balie.consult.protocol.suite import public_of
from balie.consult.tests.clients import Client, names
from balie.consult.tests.keyholders import named
from balie.ordering.tests.web import Browser, off_loop
from balie.patients.models import Patient, Relation
from balie.patients.testing import make_patient
from balie.practices.models import Person, Practice
from balie.practices.passes import make_pass
from balie.practices.testing import make_membership, make_practice


@pytest.fixture
async def care(clients) -> list[Client]:
    """Anna is a GP of De Linde, Bilal of De Eik; Chris is a patient of De Linde, who acts for Noor; Dina is neither."""
    anna, bilal, chris, _ = clients

    def settle() -> list[int]:
        practices = [make_practice(f"Huisartsenpraktijk {name}") for name in ("De Linde", "De Eik")]
        for each, practice in zip((anna, bilal), practices, strict=True):
            make_membership(Person.objects.get(pk=each.holder.person), practice)
        parent = make_patient(practices[0], Person.objects.get(pk=chris.holder.person), email="chris@voorbeeld.example")
        noor = make_patient(practices[0], name="Noor")
        Relation.objects.create(
            patient=noor, representative=parent, kind="father", ends_on=timezone.localdate() + timedelta(days=9)
        )
        return [each.pk for each in practices]

    practices = await off_loop(settle)
    for each, practice in zip((anna, bilal), practices, strict=True):
        held = make_pass(person=each.holder.person, practice=practice, role="gp", organiser=False)
        each.browser = Browser(each.browser.app, held)
    return clients


FATHER = [{"practice": "Huisartsenpraktijk De Linde", "relation": "father", "of": "Noor"}]
PATIENT = [{"practice": "Huisartsenpraktijk De Linde", "relation": None, "of": None}]


async def listed(client: Client):
    return (await client.get("people"))["people"]


async def care_of(client: Client, other: Client):
    return (await client.get(f"person?person={other.holder.id}")).get("care")


async def test_who_treats_them_finds_them_and_nobody_else_does(care):
    anna, bilal, chris, dina = care
    assert {"person": chris.holder.id, "name": "Chris", "care": FATHER} in await listed(anna)
    assert [each["name"] for each in await listed(bilal)] == ["Bilal"]
    assert await listed(chris) == []
    assert await listed(dina) == []


async def test_a_patient_is_let_in_by_who_treats_them_alone(care):
    anna, bilal, chris, dina = care
    group, key = await anna.begin("conversation", chris.holder)
    assert await chris.belongs_to() == {group}
    assert (await chris.send(group, key)).status == 200
    for other in (bilal, dina):
        assert await other.why(other.holder.create("conversation", chris.holder.member)) == "unknown-member"
    begun, _ = await bilal.begin("conversation", dina.holder)
    assert await bilal.why(bilal.holder.add(begun, chris.holder.member, [begun])) == "unknown-member"


async def test_a_patient_lets_in_nobody_and_may_leave(care):
    anna, _, chris, dina = care
    group, _ = await anna.begin("conversation", chris.holder)
    assert await chris.why(chris.holder.add(group, dina.holder.member, [group])) == "not-allowed"
    assert await chris.why(chris.holder.create("conversation", anna.holder.member)) == "not-allowed"
    assert await chris.why(chris.holder.create("team")) == "not-allowed"
    assert await chris.why(chris.holder.remove(group, anna.holder.member, [group])) == "not-allowed"
    assert (await chris.post(chris.holder.remove(group, chris.holder.member, [group]))).status == 200
    assert await chris.belongs_to() == set()


async def end_care(practice: str = "") -> None:
    """The practice ends what it has with Chris; without a name, every practice does."""
    ours = Patient.objects.filter(name="Chris", practice__name__contains=practice)
    await off_loop(lambda: ours.update(ended_at=timezone.now()))


async def test_who_is_no_patient_any_more_is_let_in_by_nobody(care):
    anna, _, chris, _ = care
    await end_care()
    assert await anna.why(anna.holder.create("conversation", chris.holder.member)) == "unknown-member"
    assert (await chris.get("groups"))["groups"] == []


async def test_whose_treatment_ends_keeps_reading_what_was_theirs_and_gets_nothing_new(care):
    anna, bilal, chris, _ = care
    group, key = await anna.begin("conversation", chris.holder)
    assert (await chris.send(group, key)).status == 200
    before = (await chris.get(f"history?group={group}"))["events"]
    cursor = await chris.cursor()
    await end_care()
    assert (await chris.send(group, key)).code == "not_found"
    assert (await anna.send(group, key)).code == "key_retired"
    [listed] = (await anna.get("groups"))["groups"]
    assert listed["ended"] == [chris.holder.id]

    away = anna.holder.remove(group, chris.holder.member, [group])
    keyed, fresh = anna.holder.key("conversation", group, [named(away)], {anna.holder.member: anna.holder.public})
    assert (await anna.post(away, keyed)).status == 200
    assert (await anna.send(group, key_name("conversation", group, fresh))).status == 200
    assert (await chris.get(f"history?group={group}"))["events"] == before
    assert names(await chris.feed(cursor)) == [named(away)], "that they are out, and nothing else"
    [kept] = (await chris.get("groups"))["groups"]
    assert (kept["group"], kept["place"], "until" in kept) == (group, 1, True)
    assert (await chris.browser.get(f"/live/consult/log?group={group}")).status == 200
    for what in ("history", "log", "reads"):
        assert (await bilal.browser.get(f"/live/consult/{what}?group={group}")).status == 404


async def test_nothing_is_sealed_to_whose_treatment_ended_whatever_clients_have_heard(care):
    anna, bilal, chris, _ = care
    group, _ = await anna.begin("conversation", chris.holder)
    await end_care()
    both = {each.holder.member: each.holder.public for each in (anna, chris)}
    keyed, _ = anna.holder.key("conversation", group, [group], both)
    assert await anna.why(keyed) == "to"
    added = anna.holder.add(group, bilal.holder.member, [group])
    assert (await anna.post(added)).status == 200
    three = both | {bilal.holder.member: bilal.holder.public}
    keyed, _ = anna.holder.key("conversation", group, [named(added)], three)
    assert await anna.why(keyed) == "to", "an act of somebody else does not bring them back"


async def test_who_is_treated_again_is_added_again(care):
    anna, _, chris, _ = care
    group, _ = await anna.begin("conversation", chris.holder)
    await end_care()
    away = anna.holder.remove(group, chris.holder.member, [group])
    assert (await anna.post(away)).status == 200
    await off_loop(lambda: Patient.objects.filter(name="Chris").update(ended_at=None))
    back = anna.holder.add(group, chris.holder.member, [named(away)])
    both = {each.holder.member: each.holder.public for each in (anna, chris)}
    keyed, key = anna.holder.key("conversation", group, [named(back)], both)
    assert (await anna.post(back, keyed)).status == 200
    assert (await chris.send(group, key_name("conversation", group, key))).status == 200
    [listed] = (await chris.get("groups"))["groups"]
    assert "until" not in listed


async def test_whom_another_in_the_conversation_treats_stays_in_it(care):
    anna, bilal, chris, _ = care

    def also_treated_by_bilal() -> None:
        practice = Practice.objects.get(name__contains="De Eik")
        make_patient(practice, Person.objects.get(pk=chris.holder.person), email="chris@voorbeeld.example")

    await off_loop(also_treated_by_bilal)
    shared, key = await anna.begin("conversation", chris.holder, bilal.holder)
    alone, own = await anna.begin("conversation", chris.holder)
    await end_care("De Linde")
    assert (await chris.send(shared, key)).status == 200
    assert (await chris.send(alone, own)).code == "not_found"


async def test_who_talks_with_a_patient_sees_for_whom_they_act_and_others_do_not(care):
    anna, bilal, chris, dina = care
    assert await care_of(anna, chris) == FATHER
    assert await care_of(chris, chris) == FATHER
    assert await care_of(bilal, chris) is None
    await anna.begin("conversation", chris.holder, bilal.holder)
    assert await care_of(bilal, chris) == FATHER
    assert await care_of(dina, chris) is None
    await off_loop(lambda: Relation.objects.update(ended_at=timezone.now()))
    assert await care_of(bilal, chris) == PATIENT
    assert await care_of(bilal, anna) is None


async def test_colleagues_do_not_see_that_one_of_them_is_a_patient_elsewhere(care):
    anna, bilal, _, dina = care

    def settle() -> None:
        make_patient(Patient.objects.first().practice, Person.objects.get(pk=bilal.holder.person), email="b@b.example")

    await off_loop(settle)
    await bilal.begin("conversation", dina.holder)
    assert await care_of(dina, bilal) is None
    assert (await care_of(anna, bilal)) == PATIENT, "but the practice that treats them does"


async def test_a_patient_reads_the_log_of_their_own_conversations(care):
    anna, bilal, chris, _ = care
    group, key = await anna.begin("conversation", chris.holder)
    await anna.send(group, key)
    other, _ = await anna.begin("conversation")
    told = {"what": "opened", "group": group, "device": anna.holder.device, "note": ""}
    assert (await anna.browser.post("/live/consult/log", {"entries": [told]})).status == 200
    entries = (await chris.get(f"log?group={group}"))["entries"]
    assert [(each["what"], each["person"]) for each in entries][-1] == ("opened", anna.holder.id)
    for forbidden in (other, named(anna.holder.create("conversation"))):
        assert (await chris.browser.get(f"/live/consult/log?group={forbidden}")).status == 404
    assert (await bilal.browser.get(f"/live/consult/log?group={group}")).status == 404


async def at_desk(care) -> tuple[str, bytes]:
    """Anna's practice has a team for its patients, of Anna alone: its name, and its seed."""
    anna = care[0]
    act = anna.holder.create("team")
    keyed, seed = anna.holder.key("team", named(act), [named(act)], {anna.holder.member: anna.holder.public})
    assert (await anna.post(act, keyed)).status == 200
    return named(act), seed


async def open_to_patients(client: Client, team: str, *, patients: bool | None = True):
    return await client.browser.post("/live/consult/team", {"team": team, "name": "Balie", "patients": patients})


def beginning(client: Client, team: str, seed: bytes, *others):
    """The statements with which somebody begins a conversation with a team."""
    holder = client.holder
    act = holder.create("conversation", f"team:{team}", *(each.member for each in others))
    to = {each.member: each.public for each in (holder, *others)} | {f"team:{team}": public_of(seed)}
    keyed, key = holder.key("conversation", named(act), [named(act)], to)
    return named(act), key_name("conversation", named(act), key), (act, keyed)


async def test_a_patient_begins_with_the_team_that_the_practice_set_apart(care):
    anna, _, chris, dina = care
    team, seed = await at_desk(care)
    _, _, early = beginning(chris, team, seed)
    assert (await chris.refused(*early))[3] == "not-allowed"
    assert (await chris.get("teams"))["teams"] == []
    assert (await chris.browser.get(f"/live/consult/team?team={team}")).status == 404

    assert (await open_to_patients(anna, team)).status == 200
    assert (await chris.get("teams"))["teams"] == [
        {"team": team, "name": "Balie", "practice": "Huisartsenpraktijk De Linde"}
    ]
    assert len((await chris.get(f"team?team={team}"))["events"]) == 2
    group, key, begun = beginning(chris, team, seed)
    assert (await chris.post(*begun)).status == 200
    assert (await chris.send(group, key)).status == 200
    assert group in await anna.belongs_to()
    [created, *_] = (await chris.get(f"log?group={group}"))["entries"]
    assert (created["what"], created["person"]) == ("created", chris.holder.id)
    await end_care()
    added = anna.holder.add(team, dina.holder.member, [team])
    assert (await anna.post(added)).status == 200
    assert len((await chris.get(f"team?team={team}"))["events"]) == 2, "as it was when the treatment ended"
    assert (await chris.send(group, key)).code == "not_found"
    assert (await chris.refused(*beginning(chris, team, seed)[2]))[3] == "not-allowed"


async def test_nobody_else_is_let_in_that_way_and_others_do_not_find_the_team(care):
    anna, _, chris, dina = care
    team, seed = await at_desk(care)
    assert (await open_to_patients(anna, team)).status == 200
    assert (await chris.refused(*beginning(chris, team, seed, anna.holder)[2]))[3] == "not-allowed"
    assert (await chris.refused(*beginning(chris, team, seed, dina.holder)[2]))[3] == "not-allowed"
    assert (await chris.refused(chris.holder.create("team", f"team:{team}")))[0] == 422
    assert (await dina.get("teams"))["teams"] == []
    assert (await dina.browser.get(f"/live/consult/team?team={team}")).status == 404

    def patient_of_bilal() -> None:
        practice = Practice.objects.get(name__contains="De Eik")
        make_patient(practice, Person.objects.get(pk=dina.holder.person), email="dina@voorbeeld.example")

    await off_loop(patient_of_bilal)
    assert (await dina.get("teams"))["teams"] == []
    assert (await dina.refused(*beginning(dina, team, seed)[2]))[3] == "not-allowed"


async def test_a_patient_begins_only_so_many_in_a_day(care):
    anna, _, chris, _ = care
    team, seed = await at_desk(care)
    assert (await open_to_patients(anna, team)).status == 200
    for _ in range(BEGUN_BY_PATIENT_MOST):
        assert (await chris.post(*beginning(chris, team, seed)[2])).status == 200
    assert (await chris.refused(*beginning(chris, team, seed)[2]))[1:] == ("limit", "statements[0]", "conversations")


async def test_a_practice_has_one_team_for_patients_and_closes_it(care):
    anna, bilal, chris, _ = care
    (first, _), (second, _) = await at_desk(care), await at_desk(care)
    for each in (first, second):
        assert (await open_to_patients(anna, each)).status == 200
    assert [each["team"] for each in (await chris.get("teams"))["teams"]] == [second]
    assert (await open_to_patients(anna, second, patients=None)).status == 200, "another name alone changes nothing"
    assert [each["team"] for each in (await chris.get("teams"))["teams"]] == [second]
    assert (await open_to_patients(bilal, second)).status == 404
    assert (await open_to_patients(anna, second, patients=False)).status == 200
    assert (await chris.get("teams"))["teams"] == []
