"""What a link in a message opens, for whom, and what it takes to answer; all of it over HTTP, none of it PostgreSQL."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from starlette.applications import Starlette

from balie.ops.oncall.links import GOOD_FOR, make_token
from balie.ops.oncall.models import Escalation, Page
from balie.ops.oncall.pages import routes
from balie.ops.oncall.paging import confirmed
from balie.ops.oncall.tests.conftest import Night


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Browser:
    def __init__(self, night: Night) -> None:
        self.night, self.app = night, Starlette(routes=routes(night.graph))

    def ask(self, method: str, path: str) -> Answer:
        with time_machine.travel(self.night.now, tick=False):
            return asyncio.run(self._ask(method, path))

    async def _ask(self, method: str, path: str) -> Answer:
        sent: list[dict] = []
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": [(b"host", b"x")]}

        async def receive() -> dict:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], headers, body.decode())

    def link(self, person: str, page: Page) -> str:
        with time_machine.travel(self.night.now, tick=False):
            return f"/oncall/{make_token(page, person)}/"


@pytest.fixture
def browser(night: Night) -> Browser:
    night.verdict()
    night.tick()
    night.tick()  # hears what became of it
    return Browser(night)


def outage() -> Page:
    return Page.objects.get(kind=Page.Kind.OUTAGE)


def taken_by() -> str:
    return Escalation.objects.filter(page=outage()).order_by("-round")[0].acknowledged_by


def test_the_link_of_the_message_opens_the_page(browser):
    path = browser.night.sender.got[0].body.rpartition("http://localhost:8400")[2]
    answer = browser.ask("GET", path)
    assert answer.status == 200
    for words in (
        "Webpagina&#x27;s werken niet",
        "Niemand kan bestellen.",
        "Ik pak dit op",
        "Geef door aan de volgende",
        "ook Bram.",
        "Wat herstarten niet oplost",
        "no answer in 2 s",
        "Draaiboek: Webpagina&#x27;s antwoorden niet",
        "Anna: mail verzonden",
    ):
        assert words in answer.text, words
    assert 'data-scheme="dark"' in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "json://" not in answer.text


def test_looking_answers_for_nobody_and_taking_does(browser):
    link = browser.link("anna", outage())
    for _ in range(3):  # as mail scanners do
        browser.ask("GET", link)
        browser.ask("HEAD", link)
        assert browser.ask("GET", f"{link}take").status == 405
    assert taken_by() == ""
    answer = browser.ask("POST", f"{link}take")
    assert (answer.status, answer.headers["location"]) == (303, link)
    assert taken_by() == "anna"
    assert "U pakte dit op om 03.00 uur" in browser.ask("GET", link).text
    other = browser.ask("GET", browser.link("bram", outage())).text
    assert "Anna took this at 03:00" in other
    assert "I take this" not in other


def test_passing_on(browser):
    browser.ask("POST", f"{browser.link('anna', outage())}pass")
    browser.night.tick()
    assert browser.night.sender.titles()[-1][0] == "bram"
    assert "Anna passed it on" in browser.ask("GET", browser.link("bram", outage())).text


def test_a_link_is_for_one_page_and_expires(browser):
    link = browser.link("anna", outage())
    page, _, rest = link.removeprefix("/oncall/").partition(".")
    forged = f"/oncall/{int(page) - 1}.{rest}"
    for method, path in (("GET", forged), ("POST", f"{forged}take"), ("GET", "/oncall/x/")):
        answer = browser.ask(method, path)
        assert answer.status == 404
    browser.night.now += GOOD_FOR + timedelta(seconds=1)
    assert browser.ask("GET", link).status == 410
    assert browser.ask("POST", f"{link}take").status == 410
    assert taken_by() == ""


def test_what_is_over_says_so_and_asks_nothing(browser):
    link = browser.link("anna", outage())
    browser.night.verdict("closed")
    browser.night.tick()
    text = browser.ask("GET", link).text
    assert "Voorbij om 03.00 uur" in text
    assert "<form" not in text


def test_a_channel_counts_once_its_owner_confirmed_it(browser, monkeypatch):
    night = browser.night
    monkeypatch.setenv("ANNA_TEXT", "xml://127.0.0.1:1/other")
    night.restart()
    night.sender.got.clear()
    night.tick()
    [message] = night.sender.got
    path = message.body.rpartition("http://localhost:8400")[2]
    assert "Dit bericht bereikt mij" in browser.ask("GET", path).text
    assert set(night.duty.team.refused(confirmed())) == {"first"}
    browser.ask("POST", f"{path}take")
    assert night.duty.team.refused(confirmed()) == {}
    assert "Langs deze weg bereiken wij u." in browser.ask("GET", path).text


def test_a_missed_step_is_shown_in_red(browser):
    link = browser.link("anna", outage())
    assert "ging niet op tijd uit" not in browser.ask("GET", link).text
    browser.night.now += timedelta(minutes=20)
    browser.night.pass_by(20, step=5)
    assert "utrecht-alert--error" in browser.ask("GET", link).text


def test_links_work_while_postgresql_is_dead(browser, monkeypatch):
    def dead(*_: object) -> None:
        raise OperationalError("the database is dead")

    monkeypatch.setattr("django.db.backends.postgresql.base.DatabaseWrapper.get_new_connection", dead)
    link = browser.link("anna", outage())
    assert browser.ask("GET", link).status == 200
    assert browser.ask("POST", f"{link}take").status == 303
    assert taken_by() == "anna"
