"""Walks through docs/pages.md: every page, for every role, in every state that matters to it."""

from itertools import groupby

import pytest
from django.test import Client
from django.urls import get_resolver, resolve

from balie.ordering.models import Campaign
from balie.practices.models import AuditEvent
from balie.practices.testing import make_cast, make_person
from tests.pages.addresses import address, flat
from tests.pages.stages import STAGES, people
from tests.pages.table import COLUMNS, Row, rows

ROWS = list(rows())
BY_STATE = {state: list(group) for state, group in groupby(sorted(ROWS, key=lambda row: row.state), lambda r: r.state)}
# Pages of one step within a form or a mail, or about somebody; all have tests of their own in their context.
OWN_TESTS = {
    "account_",
    "api_",
    "mfa_",
    "choose_language",
    "choose_scheme",
    "connect",
    "destruction",
    "openid_connect_",
    "person",
    "put_away_advice",
    "without_second_step",
}


def answer(client: Client, row: Row, campaign: Campaign | None) -> str:
    """As the table writes it."""
    response = getattr(client, row.method.lower())(address(row.page, campaign))
    if response.status_code != 302:
        return str(response.status_code)
    page = resolve(response["Location"].split("?")[0]).url_name
    return "login" if page == "account_login" else f"→ {page}"


def test_every_page_is_in_the_table():
    listed = {row.page for row in ROWS}
    names = [pattern.name for pattern in flat(get_resolver().url_patterns)]
    missing = [name for name in names if name and name not in listed]
    assert [name for name in missing if not any(name.startswith(own) for own in OWN_TESTS)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("state", sorted(BY_STATE))
def test_every_page_answers_everybody_as_the_table_says(state):
    cast = make_cast()
    roles = people(cast)
    campaign = STAGES[state](cast)
    before = AuditEvent.objects.count()
    wrong = []
    for role, person in roles.items():
        client = Client()
        if person:
            client.force_login(person)
        for row in BY_STATE[state]:
            found = answer(client, row, campaign)
            if found != row.answers[role]:
                wrong.append(f"{row}: {role} gets {found}, and not {row.answers[role]}")
    assert wrong == []
    assert AuditEvent.objects.count() == before, "an empty form changed something"


@pytest.mark.django_db
@pytest.mark.parametrize("state", sorted(BY_STATE))
def test_the_distributor_sees_what_anybody_sees_and_deliveries(state):
    """Whoever drives the lorries works for no practice and not for the organiser."""
    cast = make_cast()
    people(cast)
    campaign = STAGES[state](cast)
    driver = Client()
    driver.force_login(make_person("Dirk Rijder", is_distributor=True))
    wrong = []
    for row in BY_STATE[state]:
        found = answer(driver, row, campaign)
        for_anybody = row.answers["newcomer"] == found or found in {"404", "403", "405"}
        if not for_anybody and not row.page.startswith("delivery_") and found != "→ delivery_campaigns":
            wrong.append(f"{row}: the distributor gets {found}")
    assert wrong == []


def test_a_wrong_cell_would_be_seen(db):
    """The walk compares with what the page really answers."""
    cast = make_cast()
    row = Row("GET", "before the doors", "prepare", dict.fromkeys(COLUMNS[2:], "200"))
    assert answer(Client(), row, STAGES["before the doors"](cast)) == "login"
