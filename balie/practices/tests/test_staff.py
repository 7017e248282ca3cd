"""Medewerkers: seen by everybody of the practice, changed by GPs and managers, and nobody's business elsewhere."""

import pytest
from django.conf import settings
from django.test import Client

from balie.mail.models import OutboxMail
from balie.practices.models import AuditEvent, Membership, PassRevocation, Person
from balie.practices.testing import make_cast, make_membership, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def member(person: Person) -> Membership:
    return Membership.objects.get(person=person)


def invited(client: Client, *, email: str = "eva@delinde.example", name: str = "Eva Mol", role: str = "assistant"):
    return client.post("/medewerkers/", {"do": "invite", "email": email, "name": name, "role": role})


def test_everybody_of_the_practice_sees_who_works_there(cast):
    for person in (cast.owner, cast.colleague):
        page = browser_of(person).get("/medewerkers/").content.decode()
        assert cast.owner.email in page
        assert cast.colleague.email in page
        assert cast.outsider.email not in page
    assert 'value="invite"' in browser_of(cast.owner).get("/medewerkers/").content.decode()
    assert 'value="invite"' not in browser_of(cast.colleague).get("/medewerkers/").content.decode()


def test_an_assistant_may_look_and_not_touch(cast):
    client = browser_of(cast.colleague)
    assert invited(client).status_code == 403
    target = member(cast.owner).pk
    assert client.post("/medewerkers/", {"do": "end", "member": target, "reason": "x"}).status_code == 403
    assert client.post("/medewerkers/", {"do": "role", "member": target, "role": "assistant"}).status_code == 403
    assert member(cast.owner).role == Membership.Role.GP
    assert not AuditEvent.objects.exists()


def test_somebody_new_gets_a_mail_and_works_there(cast):
    assert invited(browser_of(cast.owner), email=" Eva@DeLinde.example").status_code == 302
    person = Person.objects.get(email="eva@delinde.example")
    assert (member(person).practice, member(person).role) == (cast.practice, "assistant")
    assert not person.has_usable_password()
    letter = OutboxMail.objects.get(recipient=person.email).body
    assert cast.practice.name in letter["subject"]
    assert f"{settings.ORIGINS[0]}/account/wachtwoord/vergeten/" in letter["text"]
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.practice) == ("membership.added", cast.owner, cast.practice)


def test_somebody_who_works_elsewhere_works_there_too_under_their_own_name(cast):
    assert invited(browser_of(cast.owner), email=cast.outsider.email, name="Iemand Anders").status_code == 302
    assert set(cast.outsider.practices.all()) == {cast.practice, cast.other_practice}
    assert Person.objects.get(pk=cast.outsider.pk).name == cast.outsider.name


def test_nobody_works_there_twice(cast):
    answer = invited(browser_of(cast.owner), email=cast.colleague.email)
    assert answer.status_code == 422
    assert "werkt al voor deze praktijk" in answer.content.decode()
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "geen adres"), ("name", "  "), ("role", "baas"), ("name", "\0"), ("email", "a\0@b.nl")],
)
def test_what_is_wrong_is_said_and_nothing_is_lost_or_changed(cast, field, value):
    answer = invited(browser_of(cast.owner), **{"name": "Eva Mol", field: value})
    assert answer.status_code == 422
    assert Person.objects.count() == 4
    if field != "name":
        assert 'value="Eva Mol"' in answer.content.decode()


def test_a_role_changes_and_passes_say_so(cast):
    client = browser_of(cast.owner)
    assert client.post("/medewerkers/", {"do": "role", "member": member(cast.colleague).pk, "role": "manager"}).url
    assert member(cast.colleague).role == "manager"
    assert PassRevocation.objects.get().person == cast.colleague
    assert AuditEvent.objects.get().detail == {"from": "assistant", "to": "manager"}
    assert invited(browser_of(cast.colleague)).status_code == 302


def test_somebody_who_leaves_is_out_at_their_next_page(cast):
    theirs = browser_of(cast.colleague)
    assert theirs.get("/medewerkers/").status_code == 200
    answer = browser_of(cast.owner).post(
        "/medewerkers/", {"do": "end", "member": member(cast.colleague).pk, "reason": "uit dienst"}
    )
    assert answer.status_code == 302
    assert theirs.get("/medewerkers/").status_code == 403
    assert PassRevocation.objects.get().practice == cast.practice
    assert AuditEvent.objects.get().reason == "uit dienst"


def test_nobody_ends_or_changes_themselves_so_somebody_remains_who_decides(cast):
    client = browser_of(cast.owner)
    own = member(cast.owner).pk
    assert client.post("/medewerkers/", {"do": "end", "member": own, "reason": "weg"}).status_code == 422
    assert client.post("/medewerkers/", {"do": "role", "member": own, "role": "assistant"}).status_code == 422
    assert member(cast.owner).role == Membership.Role.GP


def test_staff_of_others_cannot_be_told_from_nobody(cast):
    client = browser_of(cast.owner)
    for key in (member(cast.outsider).pk, 999999, "x", "", "9" * 30):
        for fields in ({"do": "end", "reason": "weg"}, {"do": "role", "role": "gp"}):
            assert client.post("/medewerkers/", {"member": key, **fields}).status_code == 404
    assert member(cast.outsider).role == Membership.Role.MANAGER
    assert client.post("/medewerkers/", {"do": "forget"}).status_code == 404


def test_a_page_of_another_practice_changes_nothing(cast):
    make_membership(cast.owner, cast.other_practice, Membership.Role.GP)
    client = browser_of(cast.owner)
    client.post("/praktijk/", {"practice": cast.other_practice.pk})
    answer = client.post(
        "/medewerkers/", {"practice": cast.practice.pk, "do": "invite", "email": "a@b.nl", "name": "A", "role": "gp"}
    )
    assert answer.status_code == 409
    assert not Person.objects.filter(email="a@b.nl").exists()


def test_who_works_for_no_practice_finds_no_staff(cast):
    assert browser_of(make_person()).get("/medewerkers/").status_code == 403
    assert browser_of(cast.organiser).get("/medewerkers/").status_code == 404
    assert Client().get("/medewerkers/").url.startswith("/account/login/")
