"""Second factors beside the app: recovery codes, passkeys as far as a server sees them, and who must have one.

Whole ceremonies with a passkey are played in a browser, in tests/e2e.
"""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.test import Client

from balie.mail.models import OutboxMail
from balie.practices.models import AuditEvent
from balie.practices.testing import PASSWORD, make_cast, make_membership, make_person, make_totp, totp_code

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture
def cast():
    return make_cast()


def log_in(person) -> Client:
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    client.post("/account/login/", {"login": person.email, "password": PASSWORD})
    return client


def confirm(client: Client) -> None:
    client.post("/account/bevestigen/", {"password": PASSWORD})


def turn_on_the_app(client: Client):
    """Returns the answer, and the secret of the app."""
    confirm(client)
    secret = client.get("/account/tweestaps/aan/").context["form"].secret
    return client.post("/account/tweestaps/aan/", {"code": totp_code(secret)}), secret


# Recovery codes


def codes_of(page: bytes) -> list[str]:
    return [f"{one}{two}" for one, two in re.findall(r"<code>(\d{4}) (\d{4})</code>", page.decode())]


def test_codes_are_shown_once_and_each_lets_in_once(cast):
    client = log_in(cast.owner)
    answer, _secret = turn_on_the_app(client)
    assert answer.url == "/account/tweestaps/herstelcodes/"
    page = client.get(answer.url)
    codes = codes_of(page.content)
    assert len(set(codes)) == 10
    assert f"%0A{codes[3]}%0A" in page.content.decode()  # to keep as a file
    assert codes_of(client.get(answer.url).content) == []

    for expected in (True, False):
        browser = log_in(cast.owner)
        browser.post("/account/tweestaps/code/", {"code": f"{codes[0][:4]} {codes[0][4:]}"})
        assert (browser.get("/medewerkers/").status_code == 200) is expected
    assert "9 codes" in client_with(cast.owner).get("/account/tweestaps/").content.decode()


def client_with(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_new_codes_end_the_old_ones(cast):
    client = log_in(cast.owner)
    turn_on_the_app(client)
    old = codes_of(client.get("/account/tweestaps/herstelcodes/").content)
    assert client.post("/account/tweestaps/herstelcodes/nieuw/").url == "/account/tweestaps/herstelcodes/"
    new = codes_of(client.get("/account/tweestaps/herstelcodes/").content)
    assert not set(old) & set(new)
    browser = log_in(cast.owner)
    browser.post("/account/tweestaps/code/", {"code": old[0]})
    assert browser.get("/medewerkers/").status_code == 302
    browser.post("/account/tweestaps/code/", {"code": new[0]})
    assert browser.get("/medewerkers/").status_code == 200


def test_codes_are_shown_to_nobody_who_did_not_just_show_who_they_are(cast):
    client = log_in(cast.owner)
    turn_on_the_app(client)
    client.get("/account/tweestaps/herstelcodes/")
    fresh = client_with(cast.owner)
    for path in ("/account/tweestaps/herstelcodes/", "/account/tweestaps/herstelcodes/nieuw/"):
        assert fresh.get(path).url.startswith("/account/bevestigen/")


def test_without_a_second_step_there_are_no_codes(cast):
    client = log_in(cast.owner)
    confirm(client)
    assert client.get("/account/tweestaps/herstelcodes/").status_code == 404
    assert "Zet eerst een tweede stap aan" in client.post("/account/tweestaps/herstelcodes/nieuw/").content.decode()
    assert not Authenticator.objects.exists()


# Passkeys


def options_of(page: bytes) -> dict:
    (found,) = re.findall(r'<script id="passkey-options" type="application/json">(.+?)</script>', page.decode())
    return json.loads(found)


def test_a_passkey_is_made_for_our_canonical_name_and_asks_who_holds_it(cast, settings):
    settings.ORIGINS = ["https://balie.example:8443", "https://elders.example"]
    client = log_in(cast.owner)
    confirm(client)
    options = options_of(client.get("/account/tweestaps/passkey/").content)["creation_options"]["publicKey"]
    assert options["rp"] == {"id": "balie.example", "name": "Balie"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["user"]["name"] == cast.owner.email


def test_a_passkey_is_only_added_by_who_just_showed_who_they_are(cast):
    client = log_in(cast.owner)
    assert client.get("/account/tweestaps/passkey/").url.startswith("/account/bevestigen/")


@pytest.mark.parametrize("credential", ["", "{}", "[]", "x", '{"id": "AAAA", "rawId": "AAAA", "response": {}}'])
def test_what_is_no_passkey_is_refused_where_it_is_made_and_where_it_is_used(cast, credential):
    client = log_in(cast.owner)
    confirm(client)
    client.get("/account/tweestaps/passkey/")
    assert client.post("/account/tweestaps/passkey/", {"name": "x", "credential": credential}).status_code == 200
    assert not Authenticator.objects.exists()
    stranger = Client()
    stranger.get("/account/login/passkey/", HTTP_ACCEPT="application/json")
    assert stranger.post("/account/login/passkey/", {"credential": credential}).url == "/account/login/"
    assert settings.PASS_COOKIE not in stranger.cookies


def test_logging_in_with_a_passkey_names_nobody_beforehand():
    answer = Client().get("/account/login/passkey/", HTTP_ACCEPT="application/json").json()
    options = answer["request_options"]["publicKey"]
    assert options.get("allowCredentials", []) == []
    assert options["userVerification"] == "required"


def a_passkey(person, name: str = "Balie links") -> Authenticator:
    return WebAuthn.add(person, name, {}).instance


def test_a_passkey_gets_a_name_and_is_removed_by_its_owner_alone(cast):
    passkey, client = a_passkey(cast.owner), log_in(cast.owner)
    passkey.delete()  # its first step back in would need a ceremony
    client = log_in(cast.owner)
    confirm(client)
    passkey = a_passkey(cast.owner)
    stranger = log_in(cast.outsider)
    confirm(stranger)
    for path in (f"{passkey.pk}/naam/", f"{passkey.pk}/weg/"):
        assert stranger.post(f"/account/tweestaps/passkey/{path}", {"name": "van mij"}).status_code == 404
    assert client.post(f"/account/tweestaps/passkey/{passkey.pk}/naam/", {"name": "Balie rechts"}).url
    assert "Balie rechts" in client.get("/account/tweestaps/").content.decode()
    assert client.post(f"/account/tweestaps/passkey/{passkey.pk}/weg/").url == "/account/tweestaps/"
    assert not Authenticator.objects.exists()
    assert list(AuditEvent.objects.values_list("action", "actor")) == [("account.webauthn_removed", cast.owner.pk)]
    letter = OutboxMail.objects.get(recipient=cast.owner.email).body
    assert "Er is een passkey verwijderd." in letter["text"]


# Who must have one


def test_organiser_staff_are_led_to_a_second_step_and_then_on(cast):
    client = log_in(cast.organiser)
    answer = client.get("/mensen/?zoek=anna")
    assert answer.url == "/account/tweestaps/nodig/?next=%2Fmensen%2F%3Fzoek%3Danna"
    assert "Stel er nu een in" in client.get(answer.url).content.decode()
    turn_on_the_app(client)
    assert client.get("/mensen/").status_code == 200  # whoever sets one up has shown that they have it
    assert client.get(answer.url).url == "/mensen/?zoek=anna"


def test_a_session_of_before_must_be_confirmed_too(cast):
    before = log_in(cast.organiser)
    secret = make_totp(cast.organiser)
    assert before.get("/mensen/").status_code == 302
    assert "Bevestig met uw tweede stap" in before.get("/account/tweestaps/nodig/").content.decode()
    before.post("/account/tweestaps/bevestigen/", {"code": totp_code(secret)})
    assert before.get("/mensen/").status_code == 200


def test_a_factor_that_is_removed_takes_its_sessions_rights_away(cast):
    client = Client()
    client.force_login(cast.organiser)
    assert client.get("/mensen/").status_code == 200
    Authenticator.objects.all().delete()
    assert client.get("/mensen/").url.startswith("/account/tweestaps/nodig/")


def test_practices_may_do_without(cast):
    client = log_in(cast.owner)
    assert client.get("/medewerkers/").status_code == 200


def test_an_organiser_who_works_for_a_practice_reaches_that_without(cast):
    make_membership(cast.organiser, cast.practice)
    client = log_in(cast.organiser)
    assert client.get("/medewerkers/").status_code == 200
    assert client.get("/mensen/").status_code == 302


def test_a_stranger_is_not_led_anywhere(cast):
    client = log_in(make_person())
    assert client.get("/mensen/").status_code == 404


def test_every_change_is_told_by_mail(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        turn_on_the_app(log_in(cast.owner))
    letter = OutboxMail.objects.get(recipient=cast.owner.email).body
    assert "Er is een app met codes toegevoegd" in letter["text"]
    assert AuditEvent.objects.get().action == "account.totp_activated"
