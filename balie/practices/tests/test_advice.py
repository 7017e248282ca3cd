"""The advice to take a second step: who gets it, that it goes away, and that it stays away."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from balie.practices.testing import make_cast, make_totp

WORDS = "Makkelijker en veiliger inloggen"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def reads_advice(person) -> bool:
    browser = Client()
    browser.force_login(person)
    answer = browser.get("/")
    assert answer.status_code == 200
    return WORDS in answer.content.decode()


def test_who_has_no_second_step_reads_it_on_the_start_page(cast):
    assert reads_advice(cast.owner)
    make_totp(cast.owner)
    assert not reads_advice(cast.owner)


def test_recovery_codes_alone_are_no_second_step(cast):
    RecoveryCodes.activate(cast.owner)
    assert reads_advice(cast.owner)


def test_put_away_it_stays_away_in_every_browser_and_for_nobody_else(cast):
    browser = Client()
    browser.force_login(cast.owner)
    answer = browser.post("/advies/weg/", {"next": "/"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [("/", 302)]
    assert "U vindt dit altijd terug onder Mijn account." in page
    assert WORDS not in page
    assert not reads_advice(cast.owner)
    assert reads_advice(cast.colleague)


def test_only_who_is_logged_in_puts_it_away_and_only_by_pressing(cast):
    assert Client().post("/advies/weg/")["Location"].startswith("/account/login/")
    browser = Client()
    browser.force_login(cast.owner)
    assert browser.get("/advies/weg/").status_code == 405
    assert reads_advice(cast.owner)


def test_the_way_back_leads_to_no_other_site(cast):
    browser = Client()
    browser.force_login(cast.owner)
    assert browser.post("/advies/weg/", {"next": "https://elders.example/"})["Location"] == "/"
