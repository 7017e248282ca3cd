"""A night for whoever is on call: woken by a real `balie watch` without PostgreSQL, answering from a phone by link,
while somebody else leads from the console.
"""

import asyncio
import json
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_urlsafe

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from playwright.async_api import Page, expect

from balie.embedded.oncall import write_rotas
from balie.embedded.ports import free_ports
from tests.e2e.commander import lead, organisers_pass
from tests.e2e.eyes import Eyes
from tests.e2e.retrospect import report
from tests.e2e.visitor import PHONE, WIDE

pytestmark = pytest.mark.slow

STARTED_AND_WOKEN_S = 60  # on a machine that does much else
GRAPH = """
stable_s = 2

[node.web]
title = {{ nl = "De website", en = "The web site" }}
runbook = "web"
probe = {{ kind = "http", url = "http://127.0.0.1:{port}/" }}

[function.ordering]
title = {{ nl = "Bestellen", en = "Ordering" }}
plural = false
needs = ["web"]
degraded = {{ nl = "Bestellen gaat traag.", en = "Ordering is slow." }}
stopped = {{ nl = "Praktijken kunnen niet bestellen.", en = "Practices cannot order." }}
"""


class Gateway(ThreadingHTTPServer):
    """Takes text messages: (mobile number, words)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Texts)
        self.texts: queue.Queue[tuple[str, str]] = queue.Queue()

    async def next(self) -> tuple[str, str]:
        """The next text, waited for without standing in the way of the browser."""
        return await asyncio.to_thread(self.texts.get, timeout=STARTED_AND_WOKEN_S)


class Texts(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.server.texts.put((said["to"], f"{said['title']}\n{said['message']}"))

    def log_message(self, *_: object) -> None:
        pass


class Website(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def watch(folder: Path, graph: Path, port: int, gateway: Gateway, smtp: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """A real one; whoever is on call gets no mail, since that server is dead too; subscribers have one at `smtp`."""
    environment = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/balie",
        "BALIE_SECRET_KEY": SECRET,
        "BALIE_WATCH_FOLDER": str(folder / "watch"),
        "BALIE_WATCH_URL": f"http://localhost:{port}",
        "BALIE_WATCH_INTERVAL": "1",
        "BALIE_STATUS_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        **write_rotas(folder / "oncall", smtp=1, gateway=gateway.server_port),
    }
    command = [sys.executable, "-m", "balie.cli", "watch", "--graph", str(graph), "--port", str(port)]
    with (folder / "watch.log").open("ab") as log, subprocess.Popen(command, env=environment, stderr=log) as process:
        try:
            yield process
        finally:
            process.kill()


SECRET = token_urlsafe(48)


class Mailbox:
    """Takes mails, as their texts."""

    def __init__(self) -> None:
        self.mails: queue.Queue[EmailMessage] = queue.Queue()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        assert isinstance(envelope.content, bytes)
        self.mails.put(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    async def next_link(self) -> str:
        """In the next mail."""
        mail = await asyncio.to_thread(self.mails.get, timeout=STARTED_AND_WOKEN_S)
        return re.findall(r"http://localhost:\S+/subscribe/\S+", mail.get_content())[-1]


def link_of(text: str) -> str:
    found = re.search(r"http://localhost:\S+", text)
    assert found, text
    return found[0]


async def confirm(page: Page, gateway: Gateway) -> None:
    """Both answer their test."""
    for _ in range(2):
        _mobile, text = await gateway.next()
        await page.goto(link_of(text))
        await page.get_by_role("button", name="Dit bericht bereikt mij").click()
        await expect(page.get_by_text("Bevestigd")).to_be_visible()


async def test_woken_in_the_night_and_answering_with_one_thumb(browse, tmp_path):
    port, web = free_ports(2)
    gateway, graph = Gateway(), tmp_path / "graph.toml"
    graph.write_text(GRAPH.format(port=web))
    page = await (await browse(size=PHONE)).new_page()
    eyes = Eyes(page)
    with running(gateway):
        with ExitStack() as website:
            website.enter_context(running(ThreadingHTTPServer(("127.0.0.1", web), Website)))
            with watch(tmp_path, graph, port, gateway):
                await confirm(page, gateway)
                website.close()  # it dies, as PostgreSQL and the mail server have
                mobile, text = await gateway.next()
                assert mobile == "+31600000001"
                assert "De website werkt niet\nPraktijken kunnen niet bestellen." in text
                await page.goto(link_of(text))
                await expect(page.get_by_role("heading", name="De website werkt niet")).to_be_visible()
                await expect(page.get_by_text("Wat herstarten niet oplost")).to_be_visible()
                await page.locator("summary").click()
                await eyes.look()
                await page.get_by_role("button", name="Ik pak dit op").click()
                await expect(page.get_by_text(re.compile("U pakte dit op om"))).to_be_visible()
                cookie = organisers_pass(SECRET, person=7, cookie=settings.PASS_COOKIE)
                await lead(await browse(), f"http://localhost:{port}", cookie)
        with running(ThreadingHTTPServer(("127.0.0.1", web), Website)), watch(tmp_path, graph, port, gateway):
            mobile, text = await gateway.next()  # nothing else after the kill: it had been taken
            assert mobile == "+31600000001"
            assert "is opgelost" in text
            await page.set_viewport_size(WIDE)
            await page.reload()
            await expect(page.get_by_text(re.compile("^Voorbij om"))).to_be_visible()
            await eyes.look()
            await report(page, port, SECRET)
    assert gateway.texts.empty()


async def test_somebody_subscribes_hears_of_an_outage_and_leaves(browse, tmp_path):
    """By the watch alone: nothing else of Balie lives."""
    port, web, smtp = free_ports(3)
    mailbox, gateway, graph = Mailbox(), Gateway(), tmp_path / "graph.toml"
    graph.write_text(GRAPH.format(port=web))
    page = await (await browse(size=PHONE)).new_page()
    eyes = Eyes(page)
    post = Controller(mailbox, hostname="127.0.0.1", port=smtp)
    post.start()
    try:
        with running(gateway), ExitStack() as website:
            website.enter_context(running(ThreadingHTTPServer(("127.0.0.1", web), Website)))
            with watch(tmp_path, graph, port, gateway, smtp):
                await confirm(page, gateway)  # so that it has begun
                await page.goto(f"http://localhost:{port}/subscribe/")
                await eyes.look()
                await page.get_by_label("E-mailadres").fill("anna@praktijk.example")
                await page.get_by_label("Bestellen").first.check()
                await page.get_by_role("button", name="Stuur mij de vraag").click()
                await expect(page.get_by_role("heading", name="De vraag is onderweg")).to_be_visible()
                await page.goto(await mailbox.next_link())
                await eyes.look()
                await page.get_by_role("button", name="Ja, stuur mij bericht").click()
                await expect(page.get_by_role("heading", name="U krijgt bericht bij een storing")).to_be_visible()
                website.close()
                await page.goto(await mailbox.next_link())
                await page.set_viewport_size(WIDE)
                await page.get_by_role("button", name="Meld mij af").click()
                await expect(page.get_by_role("heading", name="U bent afgemeld")).to_be_visible()
                await eyes.look()
                await page.goto(f"http://localhost:{port}/report/")
                await expect(page.get_by_text("Wij weten hiervan: Praktijken kunnen niet bestellen")).to_be_visible()
                await eyes.look()
    finally:
        post.stop()
