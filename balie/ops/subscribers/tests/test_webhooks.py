"""Posting where strangers say: signed, to who gave the challenge back, and never into our own network."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from balie.lib import webhooks as guard
from balie.lib.webhooks import InsideError, check_url, is_outside, signed_headers, write_secret
from balie.ops.subscribers import webhooks
from balie.ops.subscribers.duty import letter
from balie.ops.subscribers.joining import Channel, Wish, ask
from balie.ops.subscribers.models import Sending, Subscriber
from balie.ops.subscribers.sending import deliver


class Program(ThreadingHTTPServer):
    """A subscriber's: gives challenges back unless it is `deaf`; answers with `status`."""

    daemon_threads = True
    deaf, status = False, 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.got: list[tuple[dict[str, str], bytes]] = []


class Answers(BaseHTTPRequestHandler):
    server: Program

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        challenge = json.loads(body).get("challenge")
        back = json.dumps({} if self.server.deaf else {"challenge": challenge}).encode()
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(back)))
        self.end_headers()
        self.wfile.write(back)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def program() -> Iterator[Program]:
    server = Program()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(program, settings) -> str:
    settings.WEBHOOKS_INSIDE = True
    return f"http://127.0.0.1:{program.server_port}/hook"


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.64.1.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "localhost",
    ],
)
def test_addresses_of_a_network_are_inside(inside):
    assert not is_outside(inside)


def test_addresses_of_the_internet_are_outside():
    assert is_outside("8.8.8.8")
    assert is_outside("2a00:1450:400e::1")


@pytest.mark.parametrize(
    "url",
    [
        "http://praktijk.example/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://a:b@praktijk.example/",
        "https://praktijk.example:x/",
        "https:///hook",
        "https://praktijk.example/a b",
        "file:///etc/passwd",
        f"https://praktijk.example/{'a' * 500}",
    ],
)
def test_what_is_no_webhook_is_refused(url):
    with pytest.raises(InsideError):
        check_url(url)


@pytest.mark.parametrize("host", ["localhost", "0x7f000001"])
def test_a_name_that_leads_inside_is_refused_when_it_is_looked_up(host):
    """As a name of a stranger may do at any moment: what counts is the address that is connected to."""
    with pytest.raises(InsideError, match="no address of the internet"):
        webhooks.post(f"https://{host}/", b"{}", message="m", secret=write_secret(b"k"), at=datetime.now(UTC))


def test_without_that_resolver_it_would_be_reached(address, program, settings, monkeypatch):
    """The control: the same program, by a name that leads inside."""
    url = address.replace("127.0.0.1", "localhost")
    settings.WEBHOOKS_INSIDE = False
    monkeypatch.setattr(guard, "check_url", lambda _url: None)
    with pytest.raises(InsideError, match="no address of the internet"):
        webhooks.post(url, b"{}", message="m", secret=write_secret(b"k"), at=datetime.now(UTC))
    assert not program.got
    monkeypatch.setattr(guard, "Outside", guard.ThreadedResolver)
    webhooks.post(url, b"{}", message="m", secret=write_secret(b"k"), at=datetime.now(UTC))
    assert program.got


def test_a_redirect_is_not_followed(address, program):
    program.status = 302
    webhooks.post(address, b"{}", message="m", secret=write_secret(b"k"), at=datetime.now(UTC))
    assert len(program.got) == 1


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"challenge": "other"}', b'{"challenge": "\xff"}', b"\xff"])
def test_what_does_not_give_the_challenge_back_means_no(answer):
    assert webhooks.echoes(b'{"challenge": "m"}', "m")
    assert not webhooks.echoes(answer, "m")


def test_a_signature_as_standard_webhooks_has_it():
    """The example of its specification's reference library."""
    at = datetime.fromtimestamp(1614265330, UTC)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed_headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def asked(readers, address: str) -> Sending:
    wish = Wish(channel=Channel.WEBHOOK, address=address, language="nl")
    assert ask(wish, readers.now)
    return Sending.objects.get()


def test_whoever_gives_the_challenge_back_subscribes(readers, address, program):
    word, _answer = deliver(letter(asked(readers, address), readers.story.night.graph))
    assert word == "sent"
    headers, body = program.got[0]
    told = json.loads(body)
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert headers["webhook-signature"] == signed_headers([told["secret"]], told["id"], at, body)["webhook-signature"]


def test_whoever_does_not_is_not_subscribed(readers, address, program):
    program.deaf = True
    word, why = deliver(letter(asked(readers, address), readers.story.night.graph))
    assert (word, why) == ("refused", "it did not give the challenge back")


def test_a_webhook_that_said_yes_hears_and_one_that_is_gone_leaves(readers):
    readers.join("https://praktijk.example/hook", channel=Channel.WEBHOOK)
    assert Subscriber.objects.get().confirmed_at, "by the challenge alone"
    readers.story.verdict()
    readers.post.answer, readers.post.said = "refused", "410: it wants nothing more"
    readers.settle()
    told = json.loads(readers.post.got[-1].content)
    assert told["text"]["nl"].startswith("Niemand kan bestellen.")
    assert told["components"] == ["ordering"]
    assert Subscriber.objects.get().address == ""


def test_a_stranger_who_asks_again_changes_nothing_of_a_webhook(readers):
    first = readers.join("https://praktijk.example/hook", channel=Channel.WEBHOOK)
    readers.story.night.now = readers.now.replace(hour=5)
    again = readers.join("https://praktijk.example/hook", channel=Channel.WEBHOOK, components=("ordering",))
    assert (again.pk, again.secret, again.components) == (first.pk, first.secret, [])
