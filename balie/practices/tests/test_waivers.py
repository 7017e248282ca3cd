"""One login without the second step: granted by somebody else, once, for a quarter of an hour, and never again."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client

from balie.mail.models import OutboxMail
from balie.practices.models import AuditEvent, Person, Waiver
from balie.practices.testing import PASSWORD, make_cast, make_person, make_totp, totp_code
from balie.practices.waivers import WaiverGoneError, grant_waiver, open_waiver, use_waiver

REASON = "teruggebeld, telefoon kwijt"


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture
def cast(db):
    cast = make_cast()
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    make_totp(cast.owner)
    return cast


def at_the_second_step(person: Person) -> Client:
    client = Client()
    client.post("/account/login/", {"login": person.email, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/medewerkers/").status_code == 200


def grant(cast) -> Waiver:
    return grant_waiver(person=cast.owner, actor=cast.organiser, reason=REASON)


def age(waiver: Waiver, minutes: int) -> None:
    """The database's clock is what counts, and it cannot be moved; the waiver can."""
    by = timedelta(minutes=minutes)
    Waiver.objects.filter(pk=waiver.pk).update(granted_at=F("granted_at") - by, expires_at=F("expires_at") - by)


def test_it_lets_somebody_in_once_and_leads_to_a_new_second_step(cast):
    browser = at_the_second_step(cast.owner)
    assert "zonder tweede stap</button>" not in browser.get("/account/tweestaps/code/").content.decode()
    grant(cast)
    assert "Log in zonder tweede stap" in browser.get("/account/tweestaps/code/").content.decode()
    assert browser.post("/account/tweestaps/zonder/").url == "/account/tweestaps/"
    assert is_in(browser)
    assert "U bent één keer ingelogd zonder tweede stap." in browser.get("/account/tweestaps/").content.decode()
    again = at_the_second_step(cast.owner)
    assert again.post("/account/tweestaps/zonder/").url == "/account/tweestaps/code/"
    assert not is_in(again)


def test_it_is_logged_and_its_owner_hears_of_it_twice(cast):
    grant(cast)
    at_the_second_step(cast.owner).post("/account/tweestaps/zonder/")
    events = AuditEvent.objects.order_by("pk").values_list("action", "actor", "reason", "subject")
    subject = f"person:{cast.owner.pk}"
    assert list(events) == [
        ("waiver.granted", cast.organiser.pk, REASON, subject),
        ("waiver.used", cast.owner.pk, "", subject),
    ]
    subjects = [row.body["subject"] for row in OutboxMail.objects.filter(recipient=cast.owner.email).order_by("pk")]
    assert subjects == ["U kunt één keer inloggen zonder tweede stap", "Er is ingelogd zonder tweede stap"]


def test_using_it_ends_whatever_else_is_open_and_nothing_of_others(cast):
    elsewhere, colleague = Client(), Client()
    elsewhere.force_login(cast.owner)
    colleague.force_login(cast.colleague)
    grant(cast)
    assert is_in(elsewhere)
    at_the_second_step(cast.owner).post("/account/tweestaps/zonder/")
    assert not is_in(elsewhere)
    assert is_in(colleague)
    assert Person.objects.get(pk=cast.owner.pk).pass_generation == 1


def test_too_late_is_too_late(cast):
    waiver = grant(cast)
    age(waiver, 14)
    assert open_waiver(cast.owner) is not None
    age(waiver, 1)
    assert open_waiver(cast.owner) is None
    browser = at_the_second_step(cast.owner)
    page = browser.post("/account/tweestaps/zonder/", follow=True)
    assert "Dit kan niet meer" in page.content.decode()
    assert not is_in(browser)
    grant(cast)
    browser.post("/account/tweestaps/zonder/")
    assert is_in(browser)


def test_it_opens_nothing_without_the_password(cast):
    grant(cast)
    assert Client().post("/account/tweestaps/zonder/").url == "/account/login/"
    outsider = at_the_second_step(cast.outsider)
    assert outsider.post("/account/tweestaps/zonder/").url == "/account/login/"
    assert open_waiver(cast.owner) is not None


def test_it_takes_a_post(cast):
    grant(cast)
    browser = at_the_second_step(cast.owner)
    assert browser.get("/account/tweestaps/zonder/").status_code == 405
    assert open_waiver(cast.owner) is not None


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_needs_a_reason(cast, reason):
    with pytest.raises(ValidationError, match="reden"):
        grant_waiver(person=cast.owner, actor=cast.organiser, reason=reason)


def test_organiser_staff_cannot_grant_it_to_themselves_and_another_can(cast):
    make_totp(cast.organiser)
    with pytest.raises(ValidationError, match="Voor uzelf kan dat niet"):
        grant_waiver(person=cast.organiser, actor=cast.organiser, reason=REASON)
    other = make_person("Eva Smit", is_organiser=True)
    assert grant_waiver(person=cast.organiser, actor=other, reason=REASON).granted_by == other


def test_it_opens_no_organiser_page(cast):
    cast.organiser.set_password(PASSWORD)
    cast.organiser.save()
    make_totp(cast.organiser)
    grant_waiver(person=cast.organiser, actor=make_person("Eva Smit", is_organiser=True), reason=REASON)
    browser = at_the_second_step(cast.organiser)
    browser.post("/account/tweestaps/zonder/")
    assert browser.get("/mensen/").url == "/account/tweestaps/nodig/?next=%2Fmensen%2F"


def test_there_must_be_an_account_and_a_step_to_do_without(cast):
    with pytest.raises(ValidationError, match="geen tweede stap"):
        grant_waiver(person=cast.colleague, actor=cast.organiser, reason=REASON)
    cast.owner.is_active = False
    with pytest.raises(ValidationError, match="gesloten"):
        grant(cast)


def test_the_second_step_itself_still_works_beside_it(cast):
    secret = make_totp(cast.colleague)
    cast.colleague.set_password(PASSWORD)
    cast.colleague.save()
    grant_waiver(person=cast.colleague, actor=cast.organiser, reason=REASON)
    browser = at_the_second_step(cast.colleague)
    browser.post("/account/tweestaps/code/", {"code": totp_code(secret)})
    assert is_in(browser)
    assert open_waiver(cast.colleague) is not None


@pytest.mark.parametrize(
    "harm",
    [
        {"reason": " "},
        {"granted_by": F("person")},
        {"expires_at": F("granted_at") + timedelta(minutes=16)},
        {"used_at": F("expires_at")},
    ],
)
def test_the_database_refuses_what_no_code_may_write(cast, harm):
    waiver = grant(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.filter(pk=waiver.pk).update(**harm)


def in_two_threads(act) -> list[object]:
    """What `act` gave or raised, in two connections that begin together."""
    together, ends = threading.Barrier(2), []

    def run() -> None:
        together.wait()
        try:
            ends.append(act())
        except WaiverGoneError as gone:
            ends.append(gone)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_it_at_the_same_time_one_gets_in():
    cast = make_cast()
    make_totp(cast.owner)
    for _ in range(5):
        grant(cast)
        ends = in_two_threads(lambda: use_waiver(person=Person.objects.get(pk=cast.owner.pk)))
        assert sorted(type(end).__name__ for end in ends) == ["NoneType", "WaiverGoneError"]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_guard_both_would():
    cast = make_cast()
    make_totp(cast.owner)
    grant(cast)
    looked = threading.Barrier(2)

    def look_then_use() -> None:
        if open_waiver(cast.owner) is None:
            raise WaiverGoneError
        looked.wait()
        Waiver.objects.filter(person=cast.owner).update(used_at=F("granted_at"))

    assert in_two_threads(look_then_use) == [None, None]
