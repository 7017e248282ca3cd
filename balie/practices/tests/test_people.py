"""The organiser's page about people: found, closed, opened, added; and that nobody else finds the page."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from balie.mail.models import OutboxMail
from balie.practices.models import AuditEvent, Membership, PassRevocation, Person
from balie.practices.people import add_organiser, find_people
from balie.practices.testing import make_cast, make_membership, make_person, make_totp

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def browser(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


def act(browser: Client, person: Person, do: str, reason: str = "zo besproken", **fields: object):
    return browser.post(f"/mensen/{person.pk}/", {"do": do, "reason": reason, **fields})


def test_a_person_is_found_by_address_name_and_agb_code(cast, browser):
    for words in (cast.owner.email.upper(), "anna de v", cast.practice.agb_code):
        page = browser.get("/mensen/", {"zoek": words}).content.decode()
        assert cast.owner.name in page
        assert cast.outsider.email not in page
    assert find_people(cast.practice.agb_code) == [cast.owner, cast.colleague]
    for words in ("", "  ", "\0", cast.practice.agb_code[:7]):
        assert find_people(words) == []


def test_the_page_shows_whom_to_call_back(cast, browser):
    cast.practice.phone = "088 123 45 67"
    cast.practice.save()
    page = browser.get(f"/mensen/{cast.owner.pk}/").content.decode()
    assert "tel:0881234567" in page
    assert cast.practice.name in page


def test_only_the_organiser_finds_anybody(cast):
    paths = ("/mensen/", f"/mensen/{cast.owner.pk}/", "/mensen/999999/")
    for person in (cast.owner, cast.colleague, cast.outsider, make_person()):
        client = Client()
        client.force_login(person)
        assert [client.get(path).status_code for path in paths] == [404, 404, 404]
        assert act(client, cast.owner, "deactivate").status_code == 404
    assert [Client().get(path).url.startswith("/account/login/") for path in paths] == [True] * 3
    assert Person.objects.get(pk=cast.owner.pk).is_active


def test_who_is_not_there_and_what_cannot_be_done_are_not_found(cast, browser):
    assert browser.get("/mensen/999999/").status_code == 404
    assert act(browser, cast.owner, "forget").status_code == 404
    assert act(browser, cast.owner, "end", member="x").status_code == 404
    foreign = Membership.objects.get(person=cast.outsider)
    assert act(browser, cast.owner, "end", member=foreign.pk).status_code == 404
    assert Membership.objects.filter(pk=foreign.pk).exists()


def test_a_closed_account_is_out_everywhere_and_can_be_opened_again(cast, browser):
    hers = Client()
    hers.force_login(cast.owner)
    assert act(browser, cast.owner, "deactivate").status_code == 302
    assert hers.get("/praktijk/").url.startswith("/account/login/")
    assert PassRevocation.objects.get().practice is None
    assert act(browser, cast.owner, "reactivate").status_code == 302
    assert hers.get("/praktijk/").url.startswith("/account/login/")  # the old session stays ended
    acts = AuditEvent.objects.order_by("pk").values_list("action", "actor", "reason")
    assert list(acts) == [
        ("person.deactivated", cast.organiser.pk, "zo besproken"),
        ("person.reactivated", cast.organiser.pk, "zo besproken"),
    ]


@pytest.mark.parametrize("do", ["deactivate", "reactivate", "end", "waive"])
def test_every_act_asks_a_reason(cast, browser, do):
    make_totp(cast.owner)
    which = {"member": Membership.objects.get(person=cast.owner).pk} if do == "end" else {}
    answer = act(browser, cast.owner, do, reason="   ", **which)
    assert answer.status_code == 422
    assert "Geef een reden" in answer.content.decode()
    assert not AuditEvent.objects.exists()


def test_nobody_closes_their_own_account(cast, browser):
    assert act(browser, cast.organiser, "deactivate").status_code == 422
    assert Person.objects.get(pk=cast.organiser.pk).is_active


def test_a_membership_ends_and_the_other_one_stays(cast, browser):
    make_membership(cast.owner, cast.other_practice)
    member = Membership.objects.get(person=cast.owner, practice=cast.practice)
    assert act(browser, cast.owner, "end", member=member.pk).status_code == 302
    assert list(cast.owner.practices.all()) == [cast.other_practice]
    assert PassRevocation.objects.get().practice == cast.practice


def test_an_organiser_is_added_without_a_password_and_hears_of_it(cast, browser):
    answer = browser.post("/mensen/", {"email": " Regie2@Voorbeeld.example ", "name": "Eva  Smit"})
    assert answer.status_code == 302
    person = Person.objects.get(email="regie2@voorbeeld.example")
    assert (person.name, person.is_organiser, person.has_usable_password()) == ("Eva Smit", True, False)
    assert "/account/wachtwoord/vergeten/" in OutboxMail.objects.get(recipient=person.email).body["text"]
    assert AuditEvent.objects.get().action == "person.added"


def test_a_distributor_is_added_and_is_no_organiser(cast, browser):
    typed = {"email": "dirk@lorries.example", "name": "Dirk Rijder", "office": "distributor"}
    assert browser.post("/mensen/", typed).status_code == 302
    person = Person.objects.get(email="dirk@lorries.example")
    assert (person.is_distributor, person.is_organiser, person.has_usable_password()) == (True, False, False)
    assert "wat er bezorgd wordt" in OutboxMail.objects.get(recipient=person.email).body["subject"]
    assert AuditEvent.objects.get().detail == {"distributor": True}
    assert "Dirk Rijder" in browser.get("/mensen/").content.decode()
    assert "Toegevoegd aan de distributeur" in browser.get(f"/mensen/{person.pk}/").content.decode()
    refused = browser.post("/mensen/", typed | {"name": ""}).content.decode()
    assert 'value="distributor" checked' in refused


def test_nobody_is_both_organiser_and_distributor(cast):
    """The constraint: whoever drives the lorries is never a step from the control room."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=cast.organiser.pk).update(is_distributor=True)


@pytest.mark.parametrize(("email", "name"), [("geen adres", "Eva"), ("eva@voorbeeld.example", " "), ("", "")])
def test_what_is_no_address_or_name_comes_back_as_it_was_typed(cast, browser, email, name):
    answer = browser.post("/mensen/", {"email": email, "name": name})
    assert answer.status_code == 422
    assert f'value="{email}"' in answer.content.decode()
    assert not Person.objects.filter(email="eva@voorbeeld.example").exists()


def test_somebody_of_a_practice_is_not_made_organiser(cast):
    with pytest.raises(ValidationError, match="heeft al een account"), transaction.atomic():
        add_organiser(email=cast.owner.email, name="Anna", actor=cast.organiser)
    assert not Person.objects.get(pk=cast.owner.pk).is_organiser
