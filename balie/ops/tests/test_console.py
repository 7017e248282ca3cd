"""Who may see the console, and what it says; all of it over HTTP, and nothing of it from PostgreSQL."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from balie.ops import access
from balie.ops.access import LINK_COOKIE, make_link
from balie.ops.board import sentence
from balie.ops.console import Console
from balie.ops.engine import Engine
from balie.ops.graph import read_graph
from balie.ops.maintenance.models import Maintenance
from balie.ops.places import STANDARD, places
from balie.ops.runbooks import runbook, without_links
from balie.ops.states import State
from balie.ops.tests.driven import DrivenClock
from balie.ops.tests.world import World
from balie.practices.passes import make_pass

KEY_SERVERS = {
    **{f"KEYSERVER_{n}": f"ks{n}" for n in "123"},
    **{f"KEYSERVER_{n}_ROUTE": f"http://127.0.0.1:{n}" for n in "123"},
    **{f"KEYSERVER_{n}_BYPASS": f"http://127.0.0.1:1{n}" for n in "123"},
}


class NoLedger:
    """Its disk is full: the console must speak all the same."""

    async def history(self, _most):
        return None

    async def read(self, _what):
        return None


class Announced(NoLedger):
    """It has this maintenance, which goes on."""

    def __init__(self, *parts):
        begins_at, ends_at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC), datetime(2026, 11, 23, 3, 11, tzinfo=UTC)
        self.window = Maintenance(pk=7, begins_at=begins_at, ends_at=ends_at, parts=list(parts))

    async def read(self, _what):
        return [self.window]


@pytest.fixture
def world():
    return World(read_graph(STANDARD.read_text(), places() | KEY_SERVERS)).run(20)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Client:
    """Somebody with a browser, for as far as it matters here."""

    engine: Engine
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, language: str = "nl") -> Answer:
        return asyncio.run(self._get(path, language))

    async def _get(self, path: str, language: str) -> Answer:
        console = Console()
        console.engine = self.engine
        sent: list[dict] = []
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"host", b"x"), (b"cookie", cookies.encode()), (b"accept-language", language.encode())],
        }

        async def receive() -> dict:
            return {"type": "http.request"}

        async def send(message: dict) -> None:
            sent.append(message)

        await console.app()(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        if made := headers.get("set-cookie"):
            name, _, value = made.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:]).decode())


@pytest.fixture
def client(world):
    engine = Engine(world.graph, NoLedger(), every_s=5, clock=DrivenClock())
    client = Client(engine)
    judge(client, world)
    return client


def judge(client, world):
    client.engine.runner.tracks, client.engine.verdicts = world.tracks, world.verdicts
    asyncio.run(client.engine.judge())


def organiser(**more):
    return make_pass(**{"person": 1, "practice": None, "role": "organiser", "organiser": True, **more})


@pytest.mark.parametrize("path", ["/watch/", "/watch/now", "/watch/runbooks/watch"])
def test_nobody_else_sees_it(client, settings, path):
    assert client.get(path).status == 403
    for value in ("forged", organiser(organiser=False, role="manager"), organiser(now=1.0)):
        client.cookies = {settings.PASS_COOKIE: value}
        assert client.get(path).status == 403
    client.cookies = {settings.PASS_COOKIE: organiser()}
    assert client.get(path).status == 200


def test_a_link_from_the_machine_opens_it_and_leaves_the_address(client, settings):
    link = make_link(12)
    answer = client.get(link.removeprefix(settings.WATCH_URL))
    assert (answer.status, answer.headers["location"]) == (302, "/watch/")
    assert client.get("/watch/").status == 200
    client.cookies = {LINK_COOKIE: link.partition("token=")[2].replace("12:", "72:")}
    assert client.get("/watch/").status == 403, "its hours are signed"
    assert client.get("/watch/link?token=x").status == 403


def test_a_link_ends(client, settings, monkeypatch):
    client.get(make_link(1).removeprefix(settings.WATCH_URL))
    assert client.get("/watch/").status == 200
    monkeypatch.setattr(access, "HOUR_S", -1)
    assert client.get("/watch/").status == 403


def test_it_names_the_route_and_shows_that_the_key_servers_are_well(client, settings, world):
    client.cookies = {settings.PASS_COOKIE: organiser()}
    assert "Alles werkt" in client.get("/watch/").text
    world.blind = frozenset({("canary", "routes"), ("canary", "keyservers")})  # clients take the other way
    world.faults = {f"route-{n}": State.DOWN for n in "123"}
    world.run(20)
    judge(client, world)
    said = client.get("/watch/").text
    assert f"{world.graph.groups['routes'].title.nl} werken niet" in said
    assert world.graph.functions["conversations"].degraded.nl in said
    assert "erlangs: keyserver-1 up" in said
    assert "Het logboek is nu niet te lezen" in said
    english = client.get("/watch/", language="en").text
    assert "do not work" in english
    assert world.graph.functions["conversations"].degraded.en in english


def test_two_of_three_are_called_by_their_names(client, settings, world):
    client.cookies = {settings.PASS_COOKIE: organiser()}
    world.faults = {f"keyserver-{n}": State.DOWN for n in "12"}
    world.run(20)
    judge(client, world)
    said = client.get("/watch/").text
    first, second = (world.graph.nodes[f"keyserver-{n}"].title.nl for n in "12")
    assert f"{first} en {second} werken niet" in said
    assert "Hinder" in said
    assert world.graph.functions["conversations"].degraded.nl in said
    assert said.index(f"<strong>{second}</strong>") < said.index(
        f"<strong>{world.graph.nodes['web'].title.nl}</strong>".replace("'", "&#x27;")
    )


def test_the_picture_holds_every_part_and_function_once(client, settings, world):
    client.cookies = {settings.PASS_COOKIE: organiser()}
    graph = world.graph
    drawn = client.get("/watch/").text.count('class="balie-graph__box ')
    assert drawn == len(graph.nodes) + len(graph.groups) + len(graph.functions)


def test_a_runbook_is_in_the_language_of_whoever_reads_it_and_leads_to_others(client, settings):
    client.cookies = {settings.PASS_COOKIE: organiser()}
    dutch, english = (client.get("/watch/runbooks/keyserver", language=each).text for each in ("nl", "en"))
    assert "<strong>Doe dit</strong>" in dutch
    assert "<strong>Do first</strong>" in english
    for each in (dutch, english):
        assert '<a href="/watch/runbooks/route">' in each
        assert 'href="../' not in each
    assert client.get("/watch/runbooks/route").status == 200
    book = runbook("keyserver")
    assert "<a " in book.html.nl
    assert "<a " not in without_links(book.html.nl), "for whoever came by a link of a message"


def test_every_answer_forbids_scripts_of_others_and_being_kept(client, settings):
    client.cookies = {settings.PASS_COOKIE: organiser()}
    for path in ("/watch/", "/watch/now", "/watch/runbooks/watch"):
        answer = client.get(path)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert "<script>" not in answer.text


def test_health_and_ready_tell_a_second_watch(client):
    assert json.loads(client.get("/health").text) == {"well": True}
    assert client.get("/ready").status == 200
    client.engine.clock.now = 10_000.0
    assert client.get("/ready").status == 503, "nothing has been looked at for long"


def test_a_part_with_a_plural_title_does_not_work_in_the_plural():
    graph = read_graph(STANDARD.read_text(), places() | KEY_SERVERS)
    assert sentence(graph, ["web"], "down") == "Webpagina's werken niet"
    assert sentence(graph, ["web"], "slow") == "Webpagina's zijn traag"
    assert sentence(graph, ["database"], "down") == "De database werkt niet"


def test_it_says_what_falls_under_announced_maintenance_and_what_does_not(client, settings, world):
    client.cookies = {settings.PASS_COOKIE: organiser()}
    world.faults = {"keyserver-1": State.DOWN}
    world.run(20)
    judge(client, world)
    client.engine.ledger = Announced("keyserver-1")
    said = client.get("/watch/").text
    assert "Nu aangekondigd onderhoud, tot maandag 23 november om 04.11 uur:" in said
    assert "Dit valt onder aangekondigd onderhoud O-007" in said
    assert "Tot maandag 23 november om 04.11 uur wordt hiervoor niemand gewekt." in said
    client.engine.ledger = Announced("keyserver-2")
    said = client.get("/watch/").text
    assert "Nu aangekondigd onderhoud" in said
    assert "Dit valt onder" not in said


def test_without_a_rota_it_says_that_nobody_is_woken(client, settings):
    client.cookies = {settings.PASS_COOKIE: organiser()}
    assert "er is geen rooster, dus niemand wordt gewekt" in client.get("/watch/").text
