"""No answer of the watch may be framed, guessed at or run scripts of others, be it a page, a file or a refusal."""

import asyncio

import pytest

from balie.ops import headers as module
from balie.ops.console import Console
from balie.ops.graph import read_graph
from balie.ops.places import STANDARD, places
from balie.ops.tests.test_console import KEY_SERVERS
from balie.watch import with_static

ALL = {"content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options", "cache-control"}


@pytest.fixture
def app(settings, tmp_path):
    settings.STATUS_FOLDER = str(tmp_path)
    (tmp_path / "index.html").write_text("<p>Alles werkt", encoding="utf-8")
    return with_static(Console(), read_graph(STANDARD.read_text(), places() | KEY_SERVERS), None)


async def ask(app, path, method="GET"):
    sent = []

    parts = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        if not parts:
            await asyncio.Event().wait()  # whoever asks stays for the answer
        return parts.pop()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "root_path": "", "query_string": b"", "headers": []}
    await app(scope, receive, send)
    names = [name.decode().lower() for name, _ in sent[0]["headers"]]
    return sent[0]["status"], dict(zip(names, (value.decode() for _, value in sent[0]["headers"]), strict=True)), names


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 302),
        ("/watch/", 403),
        ("/watch/link", 403),
        ("/watch/incidents/", 403),
        ("/oncall/x/", 404),
        ("/health", 200),
        ("/ready", 503),
        ("/status/", 200),
        ("/status/nothing.html", 404),
        ("/nowhere", 404),
    ],
)
async def test_every_answer_has_every_header_once(app, path, status):
    found, headers, names = await ask(app, path)
    assert found == status
    assert set(headers) >= ALL
    assert len(names) == len(set(names))
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == ("no-cache" if path.startswith("/status") else "no-store")
    assert "x-request-id" in headers


async def test_without_it_a_file_would_have_none(app, monkeypatch):
    """The control."""
    monkeypatch.setattr(module.WithHeaders, "__call__", lambda self, *request: self._app(*request))
    assert not ALL & set((await ask(app, "/status/"))[1])
