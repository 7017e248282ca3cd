"""What one chooses at the foot of a page: the language, which is Dutch until then, and a light or a dark screen."""

import re

import pytest
from django.conf import settings
from django.test import Client

from balie.mail.models import OutboxMail
from balie.practices.services import choose_language
from balie.practices.testing import logged_in, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.practices.tests.pages")]

LOGIN, ACCOUNT = "/account/login/", "/account/tweestaps/"


@pytest.fixture
def cast():
    return make_cast()


def language_of(client: Client, path: str = LOGIN) -> str:
    """As the page declares it, on the way and inside, when the two agree with its words."""
    response = client.get(path)
    page = response.content.decode()
    (declared,) = re.findall(r'<html lang="(\w+)"', page)
    assert response.headers["Content-Language"] == declared
    assert ("Main menu" in page or "Log in to Balie" in page) == (declared == "en")
    return declared


def choose(client: Client, language: str, *, back: str = LOGIN):
    return client.post("/taal/", {"language": language, "next": back})


def test_pages_are_dutch_whatever_the_computer_is_set_to():
    assert language_of(Client(headers={"accept-language": "en-US,en;q=0.9"})) == "nl"


def test_a_choice_stays_with_the_browser():
    client = Client()
    response = choose(client, "en", back=f"{LOGIN}?next=/")
    assert response.url == f"{LOGIN}?next=/"
    assert language_of(client) == "en"
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 365 * 24 * 3600)
    choose(client, "nl")
    assert language_of(client) == "nl"


def test_every_page_offers_the_other_language_and_leads_back(cast):
    for client, path in ((Client(), f"{LOGIN}?next=/"), (logged_in(cast.owner), ACCOUNT)):
        page = client.get(path).content.decode()
        assert f'name="next" value="{path}"' in page
        assert re.search(r'<button [^>]*name="language" value="en" lang="en">English</button>', page)
        assert 'value="nl" lang' not in page


def test_a_choice_follows_the_person_to_other_browsers_and_touches_nobody_else(cast):
    here, there, outsider = logged_in(cast.owner), logged_in(cast.owner), logged_in(cast.outsider)
    assert language_of(there, ACCOUNT) == "nl"
    choose(here, "en")
    cast.owner.refresh_from_db()
    assert cast.owner.language == "en"
    there.get(ACCOUNT)
    assert language_of(there, ACCOUNT) == "en"
    outsider.get(ACCOUNT)
    assert language_of(outsider, ACCOUNT) == "nl"
    choose(there, "nl")
    here.get(ACCOUNT)
    assert language_of(here, ACCOUNT) == "nl"


@pytest.mark.parametrize("language", ["", "de", "nl-NL", "xx", "en\0"])
def test_a_language_we_do_not_have_changes_nothing(cast, language):
    client = logged_in(cast.owner)
    assert choose(client, language).status_code == 400
    cast.owner.refresh_from_db()
    assert cast.owner.language == ""
    assert language_of(client, ACCOUNT) == "nl"


@pytest.mark.parametrize("value", ["de", "x" * 5000, "../../en"])
def test_a_cookie_of_somebody_elses_making_changes_nothing(value):
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = value
    assert language_of(client) == "nl"


def test_a_choice_leads_nowhere_else():
    assert choose(Client(), "en", back="https://kwaad.example/").url == "/"


def test_a_choice_needs_a_post_and_a_token():
    assert Client().get("/taal/").status_code == 405
    assert choose(Client(enforce_csrf_checks=True), "en").status_code == 403


def test_mail_is_in_the_language_of_its_reader(cast):
    asked_in_dutch = Client()
    choose_language(person=cast.owner, language="en")
    for person in (cast.owner, cast.colleague):
        asked_in_dutch.post("/account/wachtwoord/vergeten/", {"email": person.email})
    english, dutch = OutboxMail.objects.order_by("pk")
    assert (english.body["subject"], english.body["language"]) == ("Choose a new password for Balie", "en")
    assert '<html lang="en">' in english.body["html"]
    assert (dutch.body["subject"], dutch.body["language"]) == ("Kies een nieuw wachtwoord voor Balie", "nl")


def test_mail_to_who_never_chose_is_in_the_language_of_the_page_that_asked(cast):
    client = Client()
    choose(client, "en")
    client.post("/account/wachtwoord/vergeten/", {"email": cast.owner.email})
    assert OutboxMail.objects.get().body["language"] == "en"


def test_a_dark_screen_stays_with_the_browser():
    client = Client()
    assert "data-scheme" not in client.get(LOGIN).content.decode()
    for scheme in ("dark", "light"):
        assert client.post("/scherm/", {"scheme": scheme, "next": LOGIN}).url == LOGIN
        page = client.get(LOGIN).content.decode()
        assert f'balie-theme" data-scheme="{scheme}">' in page
        assert f'name="scheme" value="{scheme}"' not in page


@pytest.mark.parametrize("scheme", ["", "plum", '"><script>'])
def test_a_scheme_we_do_not_have_changes_nothing(scheme):
    client = Client()
    assert client.post("/scherm/", {"scheme": scheme}).status_code == 400
    client.cookies["balie_scheme"] = scheme
    assert "data-scheme" not in client.get(LOGIN).content.decode()
