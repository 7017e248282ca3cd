"""DigiD through a broker: a real one of OpenID Connect, on loopback, that vouches for whom we tell it."""

import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from balie.embedded.ports import free_ports
from balie.patients.bsn import Bsn, keep_bsn
from balie.patients.models import Patient
from balie.patients.testing import make_bsn, make_patient
from balie.patients.tests.dump import everything_kept
from balie.practices.models import AuditEvent
from balie.practices.testing import Cast, make_cast, make_person, make_totp

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # the broker is a process
LOGIN = "/account/oidc/digid/login/"


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    [port] = free_ports(1)
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        next(line for line in running.stderr if "running on" in line)
        yield f"http://localhost:{port}"
        running.terminate()


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def configured(settings, broker):
    settings.OIDC_URL = broker
    app = {"provider_id": "digid", "name": "DigiD", "client_id": "balie", "secret": "geheim"}
    apps = [{**app, "settings": {"server_url": broker}}]
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": apps, "SCOPE": ["openid"], "OAUTH_PKCE_ENABLED": True}
    }


def log_in(browser: Client, broker: str, **claims: str):
    """By the login page's button, the broker's form, and back; what our page answers in the end."""
    sub = claims.pop("sub", "somebody")
    requests.put(f"{broker}/users/{sub}", json=claims, timeout=5).raise_for_status()
    away = browser.post(LOGIN)
    assert away.status_code == 302
    assert away["Location"].startswith(broker)
    back = requests.post(away["Location"], data={"sub": sub}, allow_redirects=False, timeout=5)
    there = urlsplit(back.headers["Location"])
    return browser.get(f"{there.path}?{there.query}")


def treated(cast: Cast, bsn: Bsn) -> Patient:
    patient = make_patient(cast.practice, make_person("Nadia Peters"))
    keep_bsn(patient=patient, bsn=bsn, actor=cast.owner)
    return patient


def test_who_has_an_account_and_this_bsn_is_in(cast, broker):
    bsn, browser = make_bsn(), Client()
    patient = treated(cast, bsn)
    assert log_in(browser, broker, bsn=bsn.digits).url == "/patient/"
    assert "Dag Nadia Peters" in browser.get("/patient/").content.decode()
    event = AuditEvent.objects.last()
    assert (event.action, event.actor) == ("patient.logged_in", patient.person)


def test_nothing_of_what_the_broker_tells_is_kept(cast, broker, capfd):
    bsn, browser = make_bsn(), Client()
    treated(cast, bsn)
    log_in(browser, broker, sub=bsn.digits, bsn=bsn.digits)
    out, err = capfd.readouterr()
    assert bsn.digits not in everything_kept() + out + err
    assert bsn.digits not in str(dict(browser.session))


@pytest.mark.parametrize("claims", [{"bsn": "999990018"}, {"bsn": ""}, {}, {"burgernr": "999990019"}])
def test_who_is_not_known_gets_no_account(cast, broker, claims):
    treated(cast, Bsn("999990019"))
    browser = Client()
    answer = log_in(browser, broker, **claims)
    assert answer.status_code == 403
    assert "999990018" not in answer.content.decode()
    assert browser.get("/patient/").url.startswith("/account/login/")


def test_who_was_ended_or_closed_is_not_in(cast, broker):
    bsn = make_bsn()
    person = treated(cast, bsn).person
    person.is_active = False
    person.save()
    assert log_in(Client(), broker, bsn=bsn.digits).status_code == 403


def test_a_second_step_is_asked_of_who_set_one(cast, broker):
    """A GP who is a patient somewhere does not come into their practice by DigiD alone."""
    bsn = make_bsn()
    make_totp(treated(cast, bsn).person)
    assert log_in(Client(), broker, bsn=bsn.digits).url.startswith("/account/tweestaps/code/")


def test_a_broker_that_is_away_stops_nobody_who_is_in(cast, broker, settings):
    bsn, browser = make_bsn(), Client()
    treated(cast, bsn)
    log_in(browser, broker, bsn=bsn.digits)
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    apps[0]["settings"]["server_url"] = "http://localhost:9"
    refused = Client().post(LOGIN)
    assert refused.status_code == 503
    assert "Log in met uw wachtwoord" in refused.content.decode()
    assert browser.get("/patient/").status_code == 200


def test_an_answer_that_nobody_asked_for_lets_nobody_in(cast):
    for query in ("", "?code=x&state=y", "?error=access_denied"):
        browser = Client()
        assert browser.get(f"{LOGIN}callback/{query}").status_code >= 400
        assert browser.get("/patient/").status_code == 302


def test_the_button_is_there_where_there_is_a_broker_and_no_other_way(settings):
    assert LOGIN in Client().get("/account/login/").content.decode()
    assert Client().get(LOGIN).status_code == 405
    assert Client().post("/account/oidc/ander/login/").status_code == 404
    settings.OIDC_URL = ""
    assert LOGIN not in Client().get("/account/login/").content.decode()
