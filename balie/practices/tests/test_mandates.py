"""Ordering for a practice that phoned: who may, for how long, what the log says of it, and everything that ends it."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from balie.practices.contact import change_emails
from balie.practices.mandates import LASTS, was_mandated
from balie.practices.models import AuditEvent, Mandate, PassRevocation, Person
from balie.practices.passes import PassCheck, read_pass, renew_pass
from balie.practices.people import deactivate_person
from balie.practices.testing import make_cast, make_membership, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.practices.tests.pages")]

REASON = "Mevrouw Jansen belde: computer stuk"


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def dina(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


def phones(client: Client, practice, reason: str = REASON):
    return client.post(f"/neem/{practice.agb_code}/", {"reason": reason})


def held_pass(client: Client):
    return read_pass(client.cookies[settings.PASS_COOKIE].value, time.time())


def counts(client: Client) -> bool:
    """Whether the hot paths would let this browser's pass in, knowing every revocation."""
    check = PassCheck()
    check.learn(PassRevocation.objects.values_list("person", "practice", "generation"))
    return check.caller(client.cookies[settings.PASS_COOKIE].value.encode(), time.time()) is not None


def test_pages_and_pass_are_the_practices_for_half_an_hour(cast, dina):
    assert dina.get("/").status_code == 404
    assert phones(dina, cast.practice).status_code == 200
    assert dina.get("/").content.decode() == cast.practice.agb_code
    mandate, held = Mandate.objects.get(), held_pass(dina)
    assert (held.person, held.practice, held.role) == (cast.organiser.pk, cast.practice.pk, "organiser")
    assert held.organiser
    assert mandate.ends_at - mandate.began_at == LASTS
    assert held.expires_at == int(mandate.ends_at.timestamp() * 1000)
    assert renew_pass(held, time.time() + 29 * 60) is None
    assert dina.get("/organisatie/").status_code == 200


@pytest.mark.parametrize("who", ["owner", "colleague", "outsider"])
def test_nobody_else_may(cast, who):
    client = Client()
    client.force_login(getattr(cast, who))
    assert phones(client, cast.practice).status_code == 404
    assert phones(client, cast.other_practice).status_code == 404
    assert client.post("/namens/stop/").status_code == 404
    assert not Mandate.objects.exists()


def test_a_practice_that_does_not_exist_is_not_found(cast, dina):
    assert dina.post("/neem/01999999/", {"reason": REASON}).status_code == 404


def test_it_needs_a_reason(cast, dina):
    with pytest.raises(ValidationError):
        phones(dina, cast.practice, "  ")
    assert not Mandate.objects.exists()
    assert dina.get("/").status_code == 404


def test_the_log_says_on_whose_behalf_and_why(cast, dina):
    phones(dina, cast.practice)
    change_emails(practice=cast.practice, email="nieuw@voorbeeld.example", second_email="", actor=cast.organiser)
    dina.post("/namens/stop/")
    events = list(AuditEvent.objects.order_by("pk").values_list("action", "actor", "practice", "reason"))
    about = (cast.organiser.pk, cast.practice.pk, REASON)
    assert events == [(action, *about) for action in ("mandate.began", "practice.emails_changed", "mandate.ended")]
    change_emails(practice=cast.practice, email="weer@voorbeeld.example", second_email="", actor=cast.organiser)
    assert AuditEvent.objects.order_by("pk").last().reason == ""


def test_the_banner_is_on_every_page_with_the_way_out(cast, dina):
    phones(dina, cast.practice)
    page = dina.get("/account/tweestaps/").content.decode()
    assert f"U bestelt namens {cast.practice.name}, telefonisch" in page
    assert REASON in page
    assert "/namens/stop/" in page
    dina.post("/namens/stop/")
    assert "U bestelt namens" not in dina.get("/account/tweestaps/").content.decode()


def test_stopping_ends_it_at_once_also_for_the_hot_paths(cast, dina):
    phones(dina, cast.practice)
    stolen = dina.cookies[settings.PASS_COOKIE].value
    assert counts(dina)
    assert dina.post("/namens/stop/").url == "/organisatie/"
    assert held_pass(dina).practice is None
    dina.cookies[settings.PASS_COOKIE] = stolen
    assert not counts(dina)
    assert dina.get("/").status_code == 404
    assert not was_mandated(person=cast.organiser, practice=cast.practice, at=timezone.now() + timedelta(minutes=2))


def test_logging_out_ends_it(cast, dina):
    phones(dina, cast.practice)
    stolen = dina.cookies[settings.PASS_COOKIE].value
    dina.post("/account/logout/")
    assert Mandate.objects.get().ends_at <= timezone.now()
    dina.cookies[settings.PASS_COOKIE] = stolen
    assert not counts(dina)


def test_it_ends_by_itself_and_says_so_once(cast, dina):
    phones(dina, cast.practice)
    with time_machine.travel(timezone.now() + LASTS + timedelta(seconds=1)):
        assert not counts(dina)
        response = dina.get("/")
        assert response.status_code == 403
        assert "is voorbij" in response.content.decode()
        assert dina.get("/").status_code == 404
        assert held_pass(dina).practice is None


def test_control_a_second_before_it_lasts_still(cast, dina):
    phones(dina, cast.practice)
    with time_machine.travel(timezone.now() + LASTS - timedelta(seconds=1)):
        assert dina.get("/").status_code == 200
        assert counts(dina)


def test_it_ends_with_the_rights_of_the_staff(cast, dina):
    phones(dina, cast.practice)
    Person.objects.filter(pk=cast.organiser.pk).update(is_organiser=False, organiser_role="")
    assert dina.get("/").status_code == 403
    assert held_pass(dina).practice is None


def test_it_ends_with_the_account(cast, dina):
    phones(dina, cast.practice)
    stolen = dina.cookies[settings.PASS_COOKIE].value
    deactivate_person(person=cast.organiser, actor=make_person(is_organiser=True), reason="uit dienst")
    assert dina.get("/").url.startswith("/account/login/")
    dina.cookies[settings.PASS_COOKIE] = stolen
    assert not counts(dina)


def test_one_at_a_time_and_a_form_of_the_first_changes_nothing_for_the_second(cast, dina):
    """Two tabs: De Linde in one, De Eik in the other."""
    phones(dina, cast.practice)
    first = dina.cookies[settings.PASS_COOKIE].value
    phones(dina, cast.other_practice, "De Eik belde")
    assert dina.get("/").content.decode() == cast.other_practice.agb_code
    assert dina.post("/", {"practice": cast.practice.pk}).status_code == 409
    assert held_pass(dina).practice == cast.other_practice.pk
    ended = Mandate.objects.get(practice=cast.practice)
    assert ended.ends_at <= timezone.now()
    dina.cookies[settings.PASS_COOKIE] = first
    assert not counts(dina)


def test_again_for_the_same_practice_it_begins_anew(cast, dina):
    phones(dina, cast.practice)
    first = held_pass(dina)
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        phones(dina, cast.practice, "Belde nog eens")
        dina.get("/")
        assert held_pass(dina).expires_at > first.expires_at
        assert counts(dina)


def test_a_colleague_at_another_screen_is_on_their_own(cast, dina):
    other = Client()
    other.force_login(make_person("Els de Wit", is_organiser=True))
    phones(dina, cast.practice)
    phones(other, cast.other_practice)
    assert dina.get("/").content.decode() == cast.practice.agb_code
    assert other.get("/").content.decode() == cast.other_practice.agb_code


def test_a_mandate_of_somebody_else_is_worth_nothing(cast, dina):
    phones(dina, cast.practice)
    other = Client()
    other.force_login(make_person(is_organiser=True))
    session = other.session
    session["mandate"] = Mandate.objects.get().pk
    session.save()
    assert other.get("/").status_code == 403
    assert Mandate.objects.get().ends_at > timezone.now()


def test_staff_who_also_work_for_a_practice_go_back_to_it(cast, dina):
    make_membership(cast.organiser, cast.other_practice)
    phones(dina, cast.practice)
    assert dina.get("/").content.decode() == cast.practice.agb_code
    dina.post("/namens/stop/")
    assert dina.get("/").content.decode() == cast.other_practice.agb_code


def test_choosing_a_practice_of_ones_own_ends_it(cast, dina):
    make_membership(cast.organiser, cast.other_practice)
    phones(dina, cast.practice)
    dina.post("/praktijk/", {"practice": cast.other_practice.pk})
    assert dina.get("/").content.decode() == cast.other_practice.agb_code
    assert Mandate.objects.get().ends_at <= timezone.now()


def test_a_mandate_ends_after_it_began(cast):
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.create(
            person=cast.organiser, practice=cast.practice, reason="x", began_at=now, ends_at=now - LASTS
        )
