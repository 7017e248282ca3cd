import re

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve
from structlog.testing import capture_logs

from balie.lib.errors import make_reference, server_error


def test_a_reference_can_be_said_aloud():
    for _ in range(200):
        assert re.fullmatch(r"[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3}", make_reference())


def test_a_failure_shows_the_reference_that_stands_in_the_log_and_tells_no_secret():
    with capture_logs() as logs:
        try:
            int("something is broken")
        except ValueError:
            request = RequestFactory().get("/account/wachtwoord/nieuw/1-een-geheim/")
            request.resolver_match = resolve(request.path)
            response = server_error(request)
    page = response.content.decode()
    assert response.status_code == 500
    assert "U deed niets verkeerd" in page
    assert logs[0]["event"] == "page_failed"
    assert logs[0]["route"].startswith("^account/wachtwoord/nieuw/")
    assert "een-geheim" not in str({name: value for name, value in logs[0].items() if name != "exc_info"})
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
