"""The one door: who comes in, and that the rest cannot tell a closed door from a wall."""

import re
import time

import pytest
from django.conf import settings
from django.test import Client

from balie.practices.models import AuditEvent, Membership, PassRevocation
from balie.practices.passes import read_pass
from balie.practices.people import deactivate_person
from balie.practices.staff import end_membership
from balie.practices.testing import logged_in, make_cast, make_membership, make_person, make_practice

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.practices.tests.pages")]

# What differs between two views of one page: the token of its forms, and where the choice of a language leads back.
OF_THE_REQUEST = rb'name="(csrfmiddlewaretoken|next)" value="[^"]+"|data-request>[^<]+<'


@pytest.fixture
def cast():
    return make_cast()


def held_pass(client: Client):
    return read_pass(client.cookies[settings.PASS_COOKIE].value, time.time())


def test_owner_and_colleague_come_to_their_own_practice(cast):
    for person in (cast.owner, cast.colleague):
        assert logged_in(person).get("/").content.decode() == cast.practice.agb_code


def test_the_outsider_comes_to_another_one(cast):
    assert logged_in(cast.outsider).get("/").content.decode() == cast.other_practice.agb_code


def test_the_organiser_has_no_practice_and_sees_nothing_of_one(cast):
    assert logged_in(cast.organiser).get("/").status_code == 404


def test_only_the_organiser_comes_to_the_organiser(cast):
    assert logged_in(cast.organiser).get("/organisatie/").status_code == 200
    for person in (cast.owner, cast.colleague, cast.outsider, make_person()):
        client = logged_in(person)
        assert client.get("/organisatie/").status_code == client.get("/bestaat-niet/").status_code == 404


def test_forbidden_and_absent_look_alike(cast):
    client = logged_in(cast.outsider)
    forbidden, absent = client.get("/organisatie/").content, client.get("/bestaat-niet/").content
    assert re.sub(OF_THE_REQUEST, b"", forbidden) == re.sub(OF_THE_REQUEST, b"", absent)


def test_somebody_who_is_not_logged_in_is_sent_to_the_login_page(cast):
    for page in ("/", "/organisatie/"):
        response = Client().get(page)
        assert response.status_code == 302
        assert response.url.startswith("/account/login/?next=")


def test_somebody_without_a_practice_gets_a_clear_page(cast):
    response = logged_in(make_person("Eva Nieuw")).get("/")
    assert response.status_code == 403
    assert "U hoort nog niet bij een praktijk" in response.content.decode()


def test_several_practices_one_chooses_first_and_comes_back_where_one_was(cast):
    make_membership(cast.owner, cast.other_practice)
    client = logged_in(cast.owner)
    response = client.get("/?van=mail")
    assert response.url == "/praktijk/?next=%2F%3Fvan%3Dmail"
    choice = client.get(response.url)
    assert cast.practice.name in choice.content.decode()
    response = client.post("/praktijk/", {"practice": cast.other_practice.pk, "next": "/?van=mail"})
    assert response.url == "/?van=mail"
    assert client.get("/").content.decode() == cast.other_practice.agb_code


def test_a_switch_is_audited_and_changes_the_pass(cast):
    make_membership(cast.owner, cast.other_practice, Membership.Role.MANAGER)
    client = logged_in(cast.owner)
    client.post("/praktijk/", {"practice": cast.practice.pk})
    client.post("/praktijk/", {"practice": cast.other_practice.pk})
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor, event.practice) == ("practice.switched", cast.owner, cast.other_practice)
    assert event.detail == {"from": cast.practice.agb_code, "to": cast.other_practice.agb_code}
    held = held_pass(client)
    assert (held.person, held.practice, held.role) == (cast.owner.pk, cast.other_practice.pk, "manager")


def test_the_header_says_for_whom_and_offers_the_others(cast):
    make_membership(cast.owner, cast.other_practice)
    client = logged_in(cast.owner)
    client.post("/praktijk/", {"practice": cast.practice.pk})
    page = client.get("/account/tweestaps/").content.decode()
    assert f'<span class="balie-who__name">{cast.practice.name}</span>' in page
    assert f'name="practice" value="{cast.other_practice.pk}"' in page
    assert f'name="practice" value="{cast.practice.pk}"' not in page
    assert 'name="practice"' not in logged_in(cast.outsider).get("/account/tweestaps/").content.decode()


def test_one_cannot_switch_to_a_practice_of_others(cast):
    client = logged_in(cast.outsider)
    for key in (str(cast.practice.pk), "999999", "", "x"):
        assert client.post("/praktijk/", {"practice": key}).status_code == 404
    assert client.get("/").content.decode() == cast.other_practice.agb_code
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("elsewhere", ["https://kwaad.example/", "//kwaad.example/", "javascript:alert(1)"])
def test_a_switch_leads_nowhere_else(cast, elsewhere):
    response = logged_in(cast.owner).post("/praktijk/", {"practice": cast.practice.pk, "next": elsewhere})
    assert response.url == "/"


def test_a_form_made_for_another_practice_changes_nothing(cast):
    make_membership(cast.owner, cast.other_practice)
    client = logged_in(cast.owner)
    client.post("/praktijk/", {"practice": cast.practice.pk})
    assert client.post("/", {"practice": cast.practice.pk}).status_code == 200
    client.post("/praktijk/", {"practice": cast.other_practice.pk})
    response = client.post("/", {"practice": cast.practice.pk})
    assert response.status_code == 409
    assert "andere praktijk" in response.content.decode()


def test_a_membership_that_ends_closes_the_door_and_the_pass(cast, django_capture_on_commit_callbacks):
    client = logged_in(cast.colleague)
    client.get("/")
    membership = Membership.objects.get(person=cast.colleague)
    with django_capture_on_commit_callbacks() as told:
        end_membership(membership=membership, actor=cast.owner, reason="uit dienst")
    assert len(told) == 1
    revoked = PassRevocation.objects.get()
    assert (revoked.person, revoked.practice) == (cast.colleague, cast.practice)
    event = AuditEvent.objects.get(action="membership.ended")
    assert (event.actor, event.practice, event.reason) == (cast.owner, cast.practice, "uit dienst")
    assert client.get("/").status_code == 403
    assert held_pass(client).practice is None


def test_a_choice_outlives_no_membership(cast):
    third = make_practice("Huisartsenpraktijk De Beuk")
    for practice in (cast.other_practice, third):
        make_membership(cast.owner, practice)
    client = logged_in(cast.owner)
    client.post("/praktijk/", {"practice": cast.practice.pk})
    Membership.objects.filter(person=cast.owner, practice=cast.practice).delete()
    assert client.get("/").url.startswith("/praktijk/")


def test_a_person_who_is_deactivated_is_out_at_once(cast):
    client = logged_in(cast.colleague)
    client.get("/")
    deactivate_person(person=cast.colleague, actor=cast.organiser, reason="verzoek van de praktijk")
    assert PassRevocation.objects.get().practice is None
    response = client.get("/")
    assert response.url.startswith("/account/login/")
    assert client.cookies[settings.PASS_COOKIE].value == ""
