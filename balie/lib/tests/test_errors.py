import re

import pytest
from django.test import Client, RequestFactory
from structlog.testing import capture_logs

from balie.lib.errors import make_reference, server_error


def test_a_reference_can_be_said_aloud():
    for _ in range(200):
        assert re.fullmatch(r"[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3}", make_reference())


def test_a_failure_shows_the_reference_that_stands_in_the_log_and_asks_no_database():
    with capture_logs() as logs:
        try:
            int("something is broken")
        except ValueError:
            response = server_error(RequestFactory().get("/bestellen/2027/kalender/"))
    page = response.content.decode()
    assert response.status_code == 500
    assert "U deed niets verkeerd" in page
    assert logs[0]["event"] == "page_failed"
    assert logs[0]["path"] == "/bestellen/2027/kalender/"
    assert logs[0]["reference"] in page


@pytest.mark.django_db
def test_what_is_not_there_is_said_in_our_words():
    response = Client().get("/bestaat/niet/")
    assert response.status_code == 404
    assert "Deze pagina is er niet" in response.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_our_words():
    response = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "x", "password": "y"})
    assert response.status_code == 403
    assert "Laad de pagina opnieuw" in response.content.decode()
