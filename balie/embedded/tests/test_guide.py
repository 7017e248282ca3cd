"""The demo's own page, and the way to the address that counts."""

import re
import time

import pytest
from django.test import override_settings

from balie.embedded.logins import LOGINS, PASSWORD, current_tickets
from balie.embedded.national import imagine_country
from balie.embedded.seed import seed_country


@pytest.fixture(autouse=True)
def demo_pages():
    with override_settings(ROOT_URLCONF="balie.embedded.urls"):
        yield


@pytest.fixture
def visitor(client, db):
    client.defaults["HTTP_HOST"] = "localhost:8000"
    return client


def test_it_shows_who_can_log_in_and_how(visitor):
    seed_country(imagine_country(10), last_year=2026)
    before = time.time()
    page = visitor.get("/demo/")
    after = time.time()
    text = page.content.decode()
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert PASSWORD in text
    assert {login.email for login in LOGINS} <= set(re.findall(r"[\w.]+@[\w.]+", text))
    shown = set(re.findall(r">(\d{6})<", text))
    assert len(shown) == len(LOGINS)
    assert shown <= {ticket.code for moment in (before, after) for ticket in current_tickets(moment)}


def test_it_shows_nobody_where_nobody_was_made(visitor):
    assert visitor.get("/demo/").status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "machine.example"])
def test_another_name_of_the_machine_leads_to_the_one_that_counts(visitor, host):
    led = visitor.get("/demo/?van=hier", HTTP_HOST=host)
    assert (led.status_code, led.headers["Location"]) == (302, "http://localhost:8000/demo/?van=hier")


def test_what_is_sent_to_another_name_is_refused(visitor):
    assert visitor.post("/account/login/", HTTP_HOST="127.0.0.1:8000").status_code == 400


@override_settings(ROOT_URLCONF="balie.urls")
def test_in_production_another_name_is_refused_and_the_demo_is_not_there(visitor):
    assert visitor.get("/", HTTP_HOST="127.0.0.1:8000").status_code == 400
    assert visitor.get("/demo/").status_code == 404
