"""What people see when their question cannot be answered, or when we fail."""

import re

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import resolve
from structlog.testing import capture_logs

from balie.lib.errors import bad_request, server_error
from balie.lib.references import make_number, make_reference

PATH = "/bestellen/2027/kalender/?weergave=tabel"


def fail(error: Exception, *, method: str = "GET", path: str = PATH):
    """The answer to a request during which this happened, and what the log says of it."""
    request = RequestFactory().generic(method, path)
    request.resolver_match = resolve(request.path)
    with capture_logs() as logs:
        try:
            raise error
        except type(error):
            response = server_error(request)
    return response, response.content.decode(), logs[0]


def test_a_reference_can_be_said_aloud():
    for _ in range(200):
        assert re.fullmatch(r"[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3}", make_reference())
        assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", make_number())


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (ValueError("broken"), 500, "Dit ging bij ons mis"),
        (OperationalError("no answer"), 503, "Wij zijn er even niet"),
    ],
)
def test_a_failure_shows_the_number_that_stands_in_the_log_and_asks_no_database(settings, error, status, heading):
    settings.HELP_PHONE = "088 123 45 67"
    response, page, log = fail(error)
    assert response.status_code == status
    assert response.headers.get("Retry-After") == ("5" if status == 503 else None)
    assert heading in page
    assert "U deed niets verkeerd" in page
    assert "Bel 088 123 45 67 en noem het nummer op dit briefje." in page.replace("\N{NO-BREAK SPACE}", " ")
    assert log["event"] == "page_failed"
    assert f"data-request>{log['request']}<" in page


def test_the_way_on_is_the_same_page_unless_a_form_was_sent():
    again = f'href="{PATH}"'
    assert again in fail(ValueError())[1]
    posted = fail(ValueError(), method="POST")[1]
    assert again not in posted
    assert "Ga terug en probeer het opnieuw" in posted


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (RequestDataTooBig(), 413, "Dit is te groot"),
        (SuspiciousOperation(), 400, "Wij begrijpen deze vraag niet"),
    ],
)
def test_what_cannot_be_read_is_refused_in_our_words(error, status, said):
    response = bad_request(RequestFactory().post("/"), error)
    assert response.status_code == status
    assert said in response.content.decode()


@pytest.mark.django_db
def test_a_form_that_is_too_large_changes_nothing_and_is_told(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = Client().post("/account/login/", {"login": "x" * 2000})
    assert response.status_code == 413
    assert "Er is niets bewaard of veranderd" in response.content.decode()


def test_the_log_tells_no_secret():
    path = "/account/wachtwoord/nieuw/1-een-geheim/"
    _response, _page, log = fail(ValueError(), path=path)
    assert log["route"].startswith("^account/wachtwoord/nieuw/")
    assert "een-geheim" not in str({name: value for name, value in log.items() if name != "exc_info"})


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
