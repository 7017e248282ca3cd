"""Walks through docs/pages.md: every page, for every role, in every state that matters to it."""

from itertools import groupby

import pytest
from django.test import Client
from django.urls import get_resolver, resolve

from balie.ordering.models import Campaign
from balie.practices.models import AuditEvent
from balie.practices.testing import make_cast
from tests.pages.addresses import address, flat
from tests.pages.stages import STAGES, people
from tests.pages.table import ROLES, Row, rows

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


def test_an_auditor_is_refused_whatever_staff_may_do():
    """One door refuses, so no page can forget it."""
    acts = [row for row in ROWS if row.method == "POST" and row.page not in {"invitation", "suggestions"}]
    for_staff = [row for row in acts if row.answers["organiser"] not in {"403", "404"}]
    assert len(for_staff) > 5
    assert {row.answers["auditor"] for row in for_staff} == {"403"}


def test_a_wrong_cell_would_be_seen(db):
    """The walk compares with what the page really answers."""
    cast = make_cast()
    row = Row("GET", "before the doors", "prepare", dict.fromkeys(ROLES, "200"))
    assert answer(Client(), row, STAGES["before the doors"](cast)) == "login"
