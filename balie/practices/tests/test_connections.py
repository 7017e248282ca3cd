"""Connections: made and ended by who decides about staff, and silent about what they are not."""

import pytest
from django.test import Client

from balie.practices.models import AuditEvent, Connection, Membership, PassRevocation, Person
from balie.practices.passes import read_pass
from balie.practices.testing import make_cast

pytestmark = pytest.mark.django_db
NAME = "HIS van De Linde"


@pytest.fixture
def cast():
    return make_cast()


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def made(client: Client, name: str = NAME, scopes=("consult",)):
    return client.post("/medewerkers/koppeling/", {"do": "connect", "name": name, "scopes": scopes})


def code_on(page) -> str:
    text = page.content.decode()
    return text.partition("data-code>")[2].partition("<")[0]


def ask(code: object):
    return Client(enforce_csrf_checks=True).post("/koppeling/pas/", {"code": code}, content_type="application/json")


def test_its_code_is_shown_once_and_gives_passes(cast):
    client = browser_of(cast.owner)
    code = code_on(made(client))
    assert len(code) > 40
    assert code not in client.get("/medewerkers/").content.decode()
    answer = ask(code)
    assert answer["cache-control"].startswith("max-age=0, no-cache, no-store")
    held = read_pass(answer.json()["pass"], 0)
    software = Person.objects.get(name=NAME)
    assert (held.person, held.practice, held.role, held.organiser) == (software.pk, cast.practice.pk, "software", False)
    assert Connection.objects.get().used_at is not None


def test_the_code_itself_is_not_kept(cast):
    code = code_on(made(browser_of(cast.owner)))
    assert code not in str(Connection.objects.values_list())
    assert code not in str(AuditEvent.objects.values_list())
    assert AuditEvent.objects.get().action == "connection.made"


def test_it_has_no_way_to_log_in(cast):
    made(browser_of(cast.owner))
    assert not Person.objects.get(name=NAME).has_usable_password()


@pytest.mark.parametrize("body", ["nooit gegeven", "", 7, None, "x" * 201])
def test_another_code_gives_nothing(cast, body):
    made(browser_of(cast.owner))
    answer = ask(body)
    assert answer.status_code == (401 if body == "nooit gegeven" else 400)
    assert answer["content-type"] == "application/problem+json"


def test_bytes_that_are_no_text_are_refused(cast):
    answer = Client().post("/koppeling/pas/", b'{"code": "\xff"}', content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_once_ended_its_code_and_its_passes_count_no_longer(cast):
    client = browser_of(cast.owner)
    code = code_on(made(client))
    member = Membership.objects.get(role=Membership.Role.SOFTWARE)
    ended = client.post("/medewerkers/", {"do": "end", "member": member.pk, "reason": "ander HIS"})
    assert ended.status_code == 302
    assert ask(code).status_code == 401
    assert PassRevocation.objects.filter(person=member.person_id, practice=cast.practice).exists()
    assert not Person.objects.get(pk=member.person_id).is_active


def test_it_gets_no_role_of_people_and_people_do_not_get_its_role(cast):
    client = browser_of(cast.owner)
    made(client)
    member = Membership.objects.get(role=Membership.Role.SOFTWARE)
    refused = client.post("/medewerkers/", {"do": "role", "member": member.pk, "role": "gp"})
    assert refused.status_code == 422
    colleague = Membership.objects.get(person=cast.colleague)
    assert client.post("/medewerkers/", {"do": "role", "member": colleague.pk, "role": "software"}).status_code == 422
    member.refresh_from_db()
    colleague.refresh_from_db()
    assert (member.role, colleague.role) == ("software", "assistant")


def test_who_does_not_decide_makes_none(cast):
    assert made(browser_of(cast.colleague)).status_code == 403
    assert made(Client()).status_code == 302
    assert not Connection.objects.exists()


def test_without_a_name_nothing_is_made(cast):
    page = made(browser_of(cast.owner), name=" ")
    assert page.status_code == 422
    assert "Vul de naam in" in page.content.decode()
    assert not Connection.objects.exists()


@pytest.mark.parametrize("scopes", [(), ("beheer",), ("read", "beheer")])
def test_what_it_may_is_chosen_from_what_there_is(cast, scopes):
    page = made(browser_of(cast.owner), scopes=scopes)
    assert page.status_code == 422
    assert "Kies wat de koppeling mag." in page.content.decode()
    assert not Connection.objects.exists()


def test_what_it_may_is_kept_and_logged(cast):
    made(browser_of(cast.owner), scopes=("order", "read"))
    assert Connection.objects.get().scopes == ["read", "order"]
    assert AuditEvent.objects.get(action="connection.made").detail["scopes"] == ["read", "order"]


def test_only_for_conversations_it_gets_passes(cast):
    assert ask(code_on(made(browser_of(cast.owner), scopes=("read", "order")))).status_code == 401
