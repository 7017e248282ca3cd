"""From a browser by the web to the watch, and by the status page; over ASGI, and nothing of it asks PostgreSQL."""

import asyncio
from urllib.parse import urlencode

import msgspec
import pytest
import time_machine
from starlette.applications import Starlette

from balie.ops.access import LINK_COOKIE, make_link
from balie.ops.incidents.tests.browser import Answer
from balie.ops.maintenance.models import Maintenance
from balie.ops.maintenance.tests.test_maintenance import plan
from balie.ops.subscribers.models import Subscriber
from balie.ops.symptoms.models import Symptom
from balie.ops.symptoms.pages import SymptomPages
from balie.practices.passes import make_pass
from balie.practices.staff import DECIDES
from balie.practices.symptoms import pages as web
from balie.practices.symptoms.wire import Ask, AwayError, Heard, sign

WORDS = {"what": "ordering", "minutes": "15", "text": "Bestellen blijft draaien."}


class Browser:
    """Somebody at both; `cookies` are sent to whichever is asked."""

    def __init__(self, story) -> None:
        self.story, self.watch = story, SymptomPages(story.night.graph)
        self.web = web.SymptomPages().app()
        self.cookies: dict[str, str] = {}
        self.origin, self.address = "http://localhost:8000", "192.0.2.1"

    def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        with time_machine.travel(self.story.night.now, tick=False):
            return asyncio.run(self._ask(method, path, body))

    def fill(self, path: str, **fields: str) -> Answer:
        return self.ask("POST", path, urlencode(fields).encode())

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        app = self.web if path == "/storing/" else Starlette(routes=self.watch.routes())
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = [(b"host", b"x"), (b"cookie", cookies.encode()), (b"origin", self.origin.encode())]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
        scope["client"] = (self.address, 1)
        sent: list[dict] = []

        async def receive() -> dict:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message) -> None:
            sent.append(message)

        await app(scope, receive, send)
        got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], got, b"".join(each.get("body", b"") for each in sent[1:]).decode())

    def log_in(self, settings, *, practice: int | None = 5, role: str = "manager", person: int = 7) -> None:
        with time_machine.travel(self.story.night.now, tick=False):
            held = make_pass(person=person, practice=practice, role=role, organiser=False, generation=0)
        self.cookies = {settings.PASS_COOKIE: held}


@pytest.fixture
def browser(story, settings, monkeypatch) -> Browser:
    settings.ORIGINS, settings.HELP_PHONE = ["http://localhost:8000"], "088 123 45 67"
    made = Browser(story)

    async def over_http(ask: Ask) -> Heard:
        answer = await made._ask("POST", "/reports/", sign(ask))
        if answer.status != 200:
            raise AwayError
        return msgspec.json.decode(answer.text, type=Heard)

    monkeypatch.setattr(web, "tell_watch", over_http)
    return made


def test_a_report_of_somebody_who_is_logged_in_counts_for_their_practice(browser, settings):
    browser.log_in(settings)
    assert "geen naam, geboortedatum of nummer" in browser.ask("GET", "/storing/").text
    answer = browser.fill("/storing/", do="report", **WORDS)
    report = Symptom.objects.get()
    assert f"Uw melding is {report.number}" in answer.text
    assert (report.practice, report.source, report.what) == (5, "person 7", "ordering")
    assert (report.at - report.since).total_seconds() == 15 * 60


def test_the_page_says_at_once_what_is_known(browser, settings, story):
    story.verdict()
    browser.log_in(settings)
    text = browser.ask("GET", "/storing/").text
    assert "Wij weten hiervan: Niemand kan bestellen" in text
    assert "Volgende update uiterlijk 03.30 uur" in text
    assert f"Zij hoort bij storing {story.incident().number}" in browser.fill("/storing/", do="report", **WORDS).text


@pytest.fixture
def work(story) -> Maintenance:
    """Goes on, and ordering may suffer from it."""
    made = plan(story, after=10, lasts=600)
    story.tick(20)
    return made


def test_maintenance_is_said_at_once_and_what_comes_in_is_put_under_it(browser, settings, staff, work):
    browser.log_in(settings)
    text = browser.ask("GET", "/storing/").text
    assert f"Onderhoud {work.number}, tot maandag 23 november om 03.10 uur" in text
    assert "Wij vervangen een schijf." in text
    text = browser.fill("/storing/", do="report", **WORDS).text
    assert f"Wij zetten uw melding bij onderhoud {work.number}." in text
    text = browser.fill("/report/", language="en", **WORDS).text
    assert f"We put your report with maintenance {work.number}." in text
    assert "2 meldingen van gebruikers" in staff.ask("GET", "/watch/maintenance/").text
    with time_machine.travel(browser.story.night.now, tick=False):
        browser.cookies[LINK_COOKIE] = make_link(1).partition("token=")[2]
    assert (
        f'<a class="utrecht-link" href="/watch/maintenance/#{work.number}">'
        in browser.ask("GET", "/watch/symptoms/").text
    )


def test_a_watch_that_is_away_is_said_with_the_phone_number_and_the_words_stay(browser, settings, monkeypatch):
    async def away(_ask: Ask) -> Heard:
        raise AwayError("nobody there")

    monkeypatch.setattr(web, "tell_watch", away)
    browser.log_in(settings)
    assert "Bel 088" in browser.ask("GET", "/storing/").text
    answer = browser.fill("/storing/", do="report", **WORDS)
    assert answer.status == 503
    assert "Uw melding kwam niet aan" in answer.text
    assert "Bestellen blijft draaien." in answer.text


def test_whoever_is_not_logged_in_or_comes_from_another_site_is_led_on(browser, settings):
    assert "/report/" in browser.ask("GET", "/storing/").text
    browser.log_in(settings)
    browser.origin = "https://elders.example"
    assert browser.fill("/storing/", do="report", **WORDS).status == 403
    assert not Symptom.objects.exists()


def test_what_is_too_long_or_too_often_is_said(browser, settings):
    browser.log_in(settings)
    answer = browser.fill("/storing/", do="report", **WORDS | {"text": "a" * 501})
    assert answer.status == 422
    assert "ten hoogste 500 tekens" in answer.text
    for _ in range(3):
        assert browser.fill("/storing/", do="report", **WORDS).status == 200
    assert "Wacht twee minuten" in browser.fill("/storing/", do="report", **WORDS).text
    assert Symptom.objects.count() == 3


def test_what_we_did_not_sign_or_long_ago_is_refused(browser, story):
    ask = Ask(do="report", person=1, practice=2, language="nl", id="x", text="x")
    with time_machine.travel(story.night.now, tick=False):
        signed = sign(ask)
    assert browser.ask("POST", "/reports/", signed[:-1] + b"x").status == 403
    story.tick(61)
    assert browser.ask("POST", "/reports/", signed).status == 403
    assert not Symptom.objects.exists()


def test_whoever_cannot_log_in_tells_it_at_the_status_page(browser):
    assert "nooit als meer dan één" in browser.ask("GET", "/report/").text
    answer = browser.fill("/report/", language="nl", **WORDS)
    report = Symptom.objects.get()
    assert f"Uw melding is {report.number}" in answer.text
    assert (report.practice, report.source.partition(" ")[0]) == (None, "network")
    assert "192.0.2.1" not in report.source
    browser.fill("/report/", **WORDS)
    assert browser.fill("/report/", **WORDS).status == 429


def test_whoever_decides_subscribes_their_practice_and_stops_again(browser, settings):
    browser.log_in(settings, role="assistant")
    assert browser.fill("/storing/", do="subscribe").status == 404
    browser.log_in(settings)
    assert "Stop met deze mails" in browser.fill("/storing/", do="subscribe").text
    assert Subscriber.objects.get(left_at=None).address == "5"
    assert "Mail onze praktijk" in browser.fill("/storing/", do="leave").text
    assert Subscriber.objects.get().address == ""


def test_who_decides_is_who_decides_elsewhere():
    assert set(DECIDES) == web.DECIDES


def test_staff_read_what_was_told_and_others_do_not(browser, settings, story):
    browser.log_in(settings)
    browser.fill("/storing/", do="report", **WORDS)
    assert browser.ask("GET", "/watch/symptoms/").status == 403
    with time_machine.travel(story.night.now, tick=False):
        browser.cookies[LINK_COOKIE] = make_link(1).partition("token=")[2]
    assert "Bestellen blijft draaien." in browser.ask("GET", "/watch/symptoms/").text
