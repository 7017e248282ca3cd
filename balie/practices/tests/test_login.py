"""Logging in, the second step, forgetting, changing: as a browser does it."""

import re
import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache
from django.test import Client

from balie.mail.models import OutboxMail
from balie.practices.models import AuditEvent, PassRevocation
from balie.practices.passes import read_pass
from balie.practices.testing import PASSWORD, make_membership, make_person, make_practice, make_totp, totp_code

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.practices.tests.pages")]

EMAIL = "anna@delinde.example"
NEW_PASSWORD = "een heel ander wachtwoord 28"


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Argon2 takes its time on purpose; only its own test waits for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture
def person():
    person = make_person("Anna de Vries", email=EMAIL, password=PASSWORD)
    make_membership(person, make_practice())
    return person


def log_in(client: Client, *, email: str = EMAIL, password: str = PASSWORD, **headers: str):
    return client.post("/account/login/", {"login": email, "password": password}, **headers)


def is_logged_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def reset_link(row: OutboxMail) -> str:
    (link,) = re.findall(r"^https?://\S+$", row.body["text"], re.MULTILINE)
    return link


def ask_for_a_link(client: Client) -> str:
    client.post("/account/wachtwoord/vergeten/", {"email": EMAIL})
    return urlsplit(reset_link(OutboxMail.objects.latest("pk"))).path


@pytest.mark.parametrize("email", [EMAIL, "Anna@DeLinde.example", f"  {EMAIL} "])
def test_password_and_address_give_a_session_and_a_pass(person, email):
    client = Client()
    response = log_in(client, email=email)
    assert response.url == "/"
    held = read_pass(client.cookies[settings.PASS_COOKIE].value, time.time())
    assert (held.person, held.practice) == (person.pk, person.practices.get().pk)
    assert is_logged_in(client)


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "niet dit wachtwoord"), ("niemand@delinde.example", PASSWORD)])
def test_wrong_password_and_unknown_address_sound_the_same(person, email, password):
    client = Client()
    response = log_in(client, email=email, password=password)
    assert "horen niet bij elkaar" in response.content.decode()
    assert settings.PASS_COOKIE not in client.cookies
    assert not is_logged_in(client)


def test_the_password_never_comes_back_in_the_page(person):
    assert b"niet dit wachtwoord" not in log_in(Client(), password="niet dit wachtwoord").content


def test_login_needs_a_csrf_token(person):
    client = Client(enforce_csrf_checks=True)
    assert log_in(client).status_code == 403


def test_logging_out_takes_the_pass_away(person):
    client = Client()
    log_in(client)
    response = client.post("/account/logout/")
    assert response.url == "/account/login/"
    assert client.cookies[settings.PASS_COOKIE].value == ""
    assert not is_logged_in(client)


def test_somebody_whose_account_was_closed_gets_no_session(person):
    person.is_active = False
    person.save()
    client = Client()
    assert log_in(client).url == "/account/gesloten/"
    assert not is_logged_in(client)


@pytest.mark.parametrize("path", ["signup", "email", "password/set", "confirm-email", "login/code"])
def test_what_we_do_not_use_of_allauth_does_not_exist(person, path):
    client = Client()
    log_in(client)
    assert client.get(f"/account/{path}/").status_code == 404


def test_passwords_are_kept_with_argon2(settings):
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]
    assert make_person(password=PASSWORD).password.startswith("argon2$argon2id$")


# The second step


def test_the_second_step_asks_a_code(person):
    secret = make_totp(person)
    client = Client()
    assert log_in(client).url == "/account/tweestaps/code/"
    assert not is_logged_in(client)
    assert settings.PASS_COOKIE not in client.cookies
    assert client.post("/account/tweestaps/code/", {"code": totp_code(secret)}).url == "/"
    assert is_logged_in(client)


@pytest.mark.parametrize("code", ["000000", "", "abcdef", "12345678901234567890"])
def test_a_wrong_code_gets_nobody_in(person, code):
    make_totp(person)
    client = Client()
    log_in(client)
    answer = client.post("/account/tweestaps/code/", {"code": code})
    assert answer.status_code == 200
    assert not code or "Wacht op de volgende en vul die in." in answer.content.decode()
    assert not is_logged_in(client)


def test_a_code_of_half_a_minute_ago_still_counts_and_an_older_one_does_not(person, time_machine):
    secret = make_totp(person)
    time_machine.move_to("2027-05-31T22:00:15Z", tick=False)
    for periods, gets_in in ((-2, False), (-1, True)):
        client = Client()
        log_in(client)
        client.post("/account/tweestaps/code/", {"code": totp_code(secret, periods_from_now=periods)})
        assert is_logged_in(client) is gets_in


@pytest.mark.parametrize("written", ["{}", " {} ", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}"])
def test_a_code_counts_once_for_as_long_as_it_is_valid(person, time_machine, written):
    secret = make_totp(person)
    time_machine.move_to("2027-05-31T22:00:00Z", tick=False)
    code = totp_code(secret, periods_from_now=1)
    assert log_in_with(code) is True
    time_machine.move_to("2027-05-31T22:00:45Z", tick=False)
    assert log_in_with(written.format(code)) is False


def test_control_allauth_alone_would_take_the_code_again(person, time_machine, settings):
    settings.MFA_FORMS = {}
    secret = make_totp(person)
    time_machine.move_to("2027-05-31T22:00:00Z", tick=False)
    code = totp_code(secret, periods_from_now=1)
    assert log_in_with(code) is True
    time_machine.move_to("2027-05-31T22:00:45Z", tick=False)
    assert log_in_with(code) is True


def log_in_with(code: str) -> bool:
    client = Client()
    log_in(client)
    client.post("/account/tweestaps/code/", {"code": code})
    return is_logged_in(client)


def test_codes_cannot_be_guessed_for_long(person):
    secret = make_totp(person)
    client = Client()
    log_in(client)
    for number in range(5):
        client.post("/account/tweestaps/code/", {"code": f"{number:06}"})
    response = client.post("/account/tweestaps/code/", {"code": totp_code(secret)})
    assert "Te vaak misgegaan" in response.content.decode()
    assert not is_logged_in(client)


def test_turning_the_second_step_on_and_off(person):
    client = Client()
    log_in(client)
    ask = client.get("/account/tweestaps/aan/").url
    assert ask == "/account/bevestigen/?next=%2Faccount%2Ftweestaps%2Faan%2F"
    assert client.post(ask, {"password": "niet dit wachtwoord"}).status_code == 200
    assert client.get("/account/tweestaps/aan/").status_code == 302
    assert client.post(ask, {"password": PASSWORD}).url == "/account/tweestaps/aan/"

    page = client.get("/account/tweestaps/aan/")
    assert "data:image/svg+xml;base64," in page.content.decode()
    assert client.post("/account/tweestaps/aan/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()
    secret = client.get("/account/tweestaps/aan/").context["form"].secret
    activated = client.post("/account/tweestaps/aan/", {"code": totp_code(secret)})
    assert activated.url == "/account/tweestaps/herstelcodes/"
    assert "staat aan" in client.get("/account/tweestaps/").content.decode()

    assert client.get("/account/tweestaps/uit/").status_code == 200
    client.post("/account/tweestaps/uit/")
    assert not Authenticator.objects.exists()


def test_turning_it_off_asks_who_one_is_even_just_after_logging_in(person):
    secret = make_totp(person)
    client = Client()
    log_in(client)
    client.post("/account/tweestaps/code/", {"code": totp_code(secret, periods_from_now=-1)})
    assert client.post("/account/tweestaps/uit/").url.startswith("/account/bevestigen/")
    assert client.post("/account/tweestaps/bevestigen/", {"code": "000000"}).status_code == 200
    assert client.post("/account/tweestaps/uit/").status_code == 302
    assert Authenticator.objects.exists()
    client.post("/account/tweestaps/bevestigen/", {"code": totp_code(secret)})
    client.post("/account/tweestaps/uit/")
    assert not Authenticator.objects.exists()


# Guessing


def test_guessing_is_stopped(person):
    client = Client()
    for _attempt in range(5):
        log_in(client, password="niet dit wachtwoord")
    assert "Te vaak misgegaan" in log_in(client).content.decode()
    assert not is_logged_in(client)


def test_guessing_locks_nobody_else_out(person):
    for _attempt in range(5):
        log_in(Client(), password="niet dit wachtwoord", REMOTE_ADDR="192.0.2.66")
    client = Client()
    log_in(client, REMOTE_ADDR="192.0.2.7")
    assert is_logged_in(client)


def test_control_with_allauths_own_count_it_would(person, monkeypatch):
    monkeypatch.delattr("balie.practices.login.AccountAdapter._get_login_attempts_cache_key")
    for _attempt in range(5):
        log_in(Client(), password="niet dit wachtwoord", REMOTE_ADDR="192.0.2.66")
    client = Client()
    log_in(client, REMOTE_ADDR="192.0.2.7")
    assert not is_logged_in(client)


def test_behind_a_proxy_the_client_is_who_the_proxy_saw(person, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(5):
        forged = f"198.51.100.{number}, 192.0.2.66"
        log_in(Client(), password="niet dit wachtwoord", HTTP_X_FORWARDED_FOR=forged)
    client = Client()
    assert "Te vaak misgegaan" in log_in(client, HTTP_X_FORWARDED_FOR="192.0.2.66").content.decode()
    log_in(client, HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert is_logged_in(client)


def test_the_counts_are_shared_by_all_processes(person):
    log_in(Client(), password="niet dit wachtwoord")
    assert isinstance(cache._connections["default"], DatabaseCache)


def test_too_many_logins_from_one_place_get_a_page(person):
    for _attempt in range(30):
        response = Client().post("/account/login/", {"login": "", "password": ""})
    assert response.status_code == 200
    response = Client().post("/account/login/", {"login": "", "password": ""})
    assert response.status_code == 429
    assert "Wacht een minuut" in response.content.decode()


# Forgotten and changed


def test_the_mail_with_the_link_goes_through_the_outbox(person):
    client = Client()
    response = client.post("/account/wachtwoord/vergeten/", {"email": EMAIL}, HTTP_HOST="testserver")
    assert response.url == "/account/wachtwoord/vergeten/mail/"
    row = OutboxMail.objects.get()
    assert (row.kind, row.recipient, row.reference) == ("account_message", EMAIL, f"person:{person.pk}")
    assert row.body["subject"] == "Kies een nieuw wachtwoord voor Balie"
    assert reset_link(row).startswith(settings.ORIGINS[0])
    assert reset_link(row) in row.body["html"]
    assert mail.outbox == []


def test_an_unknown_address_gets_the_same_answer_and_no_mail(person):
    client = Client()
    known = client.post("/account/wachtwoord/vergeten/", {"email": EMAIL}, follow=True)
    OutboxMail.objects.all().delete()
    unknown = client.post("/account/wachtwoord/vergeten/", {"email": "niemand@delinde.example"}, follow=True)
    assert unknown.redirect_chain == known.redirect_chain
    assert not OutboxMail.objects.exists()


def test_the_link_lets_one_choose_a_password_once(person):
    client = Client()
    link = ask_for_a_link(client)
    form = client.get(link, follow=True)
    chosen = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    client.post(form.redirect_chain[-1][0], chosen)
    assert log_in(client, password=NEW_PASSWORD).url == "/"
    assert AuditEvent.objects.filter(action="person.password_set", actor=person).count() == 1
    assert "werkt niet meer" in Client().get(link, follow=True).content.decode()


def test_somebody_from_an_import_chooses_a_first_password_the_same_way(person):
    person.set_unusable_password()
    person.save()
    test_the_link_lets_one_choose_a_password_once(person)


def test_a_link_is_good_for_a_day(person, time_machine):
    time_machine.move_to("2027-05-30T12:00:00Z")
    link = ask_for_a_link(Client())
    time_machine.move_to("2027-05-31T12:01:00Z")
    assert "werkt niet meer" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize("path", ["1-verzonnen", "zzz-abc-def"])
def test_a_made_up_link_says_what_to_do(person, path):
    response = Client().get(f"/account/wachtwoord/nieuw/{path}/", follow=True)
    assert "Vraag een nieuwe link" in response.content.decode()


def test_a_new_password_ends_other_sessions_and_all_passes_but_not_this_one(person):
    here, there = Client(), Client()
    log_in(here)
    log_in(there)
    response = here.post(
        "/account/wachtwoord/", {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )
    assert response.status_code == 302
    assert is_logged_in(here)
    assert not is_logged_in(there)
    held = read_pass(here.cookies[settings.PASS_COOKIE].value, time.time())
    assert held.generation == PassRevocation.objects.get().generation


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("niet dit wachtwoord", NEW_PASSWORD, "niet uw huidige"),
        (PASSWORD, "te kort", "12"),
        (PASSWORD, "annadevriesvries", ""),
        (PASSWORD, "password123456", ""),
    ],
)
def test_a_weak_or_unproven_password_changes_nothing(person, old, new, says):
    client = Client()
    log_in(client)
    response = client.post("/account/wachtwoord/", {"oldpassword": old, "password1": new, "password2": new})
    assert response.status_code == 200
    assert says in response.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
