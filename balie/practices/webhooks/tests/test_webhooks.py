"""Webhooks: told once what happened, in its transaction; signed; tried again; and nobody else's."""

import asyncio
import base64
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from balie.practices.models import AuditEvent
from balie.practices.services import record
from balie.practices.testing import make_cast
from balie.practices.webhooks.models import Webhook, WebhookDelivery
from balie.practices.webhooks.sending import PAUSES_S, Postman
from balie.practices.webhooks.services import MOST, add_webhook, rotate_secret
from balie.runtime.hot import connect

PAGE = "/medewerkers/meldingen/"


class Program(ThreadingHTTPServer):
    """A record system that is told: answers with `status`."""

    daemon_threads = True
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.got: list[tuple[dict[str, str], bytes]] = []


class Answers(BaseHTTPRequestHandler):
    server: Program

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

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


@pytest.fixture
def cast(installation):
    return make_cast()


def happens(cast, practice=None, action="order.placed", subject="B27-00001") -> None:
    record(actor=cast.owner, practice=practice or cast.practice, action=action, subject=subject)


def work(installation) -> None:
    """Until there is nothing more to do now, and all of it is written down."""

    async def turn() -> None:
        one = Postman("test")
        async with await connect(installation.dsn, name="test") as conn:
            await one.act(conn)
            while await one.landed():
                await one.act(conn)

    asyncio.run(turn())


def due() -> None:
    WebhookDelivery.objects.update(next_attempt_at=timezone.now())


def signature(secret: str, headers: dict[str, str], body: bytes) -> str:
    """As https://www.standardwebhooks.com has it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def test_what_happens_to_an_order_is_told_signed(cast, installation, program, address):
    secret = add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast)
    work(installation)
    headers, body = program.got[0]
    told = json.loads(body)
    assert (told["type"], told["data"]) == (
        "order.placed",
        {"practice": cast.practice.agb_code, "order": "B27-00001"},
    )
    assert headers["webhook-signature"] == signature(secret, headers, body)
    assert WebhookDelivery.objects.get().state == "sent"
    work(installation)
    assert len(program.got) == 1


def test_what_did_not_happen_is_not_told(cast, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    with transaction.atomic():
        happens(cast)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_what_is_of_another_practice_or_of_no_order_is_not_told(cast, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast, practice=cast.other_practice)
    happens(cast, action="connection.made")
    assert not WebhookDelivery.objects.exists()


def test_control_without_the_trigger_nothing_would_be_told(cast, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    with connection.cursor() as cursor:
        cursor.execute("drop trigger practices_tell_webhooks on practices_audit_event")
    happens(cast)
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("status", [500, 404, 302, 429])
def test_what_is_not_taken_goes_again_later_under_the_same_id(cast, installation, program, address, status):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast)
    program.status = status
    work(installation)
    waiting = WebhookDelivery.objects.get()
    assert (waiting.state, waiting.answer, waiting.attempts) == ("queued", str(status), 1)
    assert waiting.next_attempt_at > timezone.now()
    work(installation)
    assert len(program.got) == 1
    program.status = 200
    due()
    work(installation)
    assert [headers["webhook-id"] for headers, _ in program.got] == [f"msg_{waiting.message.hex}"] * 2
    assert WebhookDelivery.objects.get().state == "sent"


def test_after_the_last_pause_it_has_failed(cast, installation, program, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast)
    program.status = 500
    WebhookDelivery.objects.update(attempts=len(PAUSES_S))
    work(installation)
    assert WebhookDelivery.objects.get().state == "failed"


def test_who_wants_nothing_more_gets_nothing_more(cast, installation, program, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast)
    program.status = 410
    work(installation)
    assert Webhook.objects.get().ended_at is not None
    happens(cast, subject="B27-00002")
    assert WebhookDelivery.objects.count() == 1


def test_one_that_is_ill_delays_no_other(cast, installation, program, address):
    add_webhook(practice=cast.practice, url="http://127.0.0.1:1/nobody", actor=cast.owner)
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    for number in range(3):
        happens(cast, subject=f"B27-0000{number}")
    work(installation)
    assert len(program.got) == 3
    assert WebhookDelivery.objects.filter(state="sent").count() == 3


def test_two_workers_send_one_thing_once(cast, installation, program, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast)

    async def both() -> None:
        postmen = [Postman("one"), Postman("two")]
        async with (
            await connect(installation.dsn, name="test") as first,
            await connect(installation.dsn, name="test") as second,
        ):
            await asyncio.gather(postmen[0].act(first), postmen[1].act(second))
            for postman, conn in zip(postmen, (first, second), strict=True):
                await postman.landed()
                await postman.act(conn)

    asyncio.run(both())
    assert len(program.got) == 1


def test_a_worker_that_died_is_followed_by_another(cast, installation, program, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast)
    WebhookDelivery.objects.update(taken_by="dead", attempts=1, taken_until=timezone.now())
    work(installation)
    assert (len(program.got), WebhookDelivery.objects.get().attempts) == (1, 2)


@pytest.mark.parametrize("url", ["https://localhost/", "https://localhost.example.invalid/"])
def test_a_name_that_leads_inside_is_never_posted_to(cast, installation, program, settings, url):
    settings.WEBHOOKS_INSIDE = False
    add_webhook(practice=cast.practice, url=url, actor=cast.owner)
    happens(cast)
    work(installation)
    assert (WebhookDelivery.objects.get().state, program.got) == ("queued", [])


def test_for_a_day_both_secrets_sign(cast, installation, program, address):
    old = add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    new = rotate_secret(webhook=Webhook.objects.get(), actor=cast.owner)
    happens(cast)
    work(installation)
    headers, body = program.got[0]
    assert headers["webhook-signature"].split() == [signature(secret, headers, body) for secret in (new, old)]
    Webhook.objects.update(old_until=timezone.now())
    happens(cast, subject="B27-00002")
    work(installation)
    headers, body = program.got[1]
    assert headers["webhook-signature"].split() == [signature(new, headers, body)]


# The page.


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_secret_is_shown_once(cast):
    client = browser_of(cast.owner)
    page = client.post(PAGE, {"do": "add", "url": "https://his.example/hook"}).content.decode()
    secret = page.partition("data-secret>")[2].partition("<")[0]
    assert secret == Webhook.objects.get().secret
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(AuditEvent.objects.values_list())
    rotated = client.post(PAGE, {"do": "rotate", "webhook": Webhook.objects.get().pk}).content.decode()
    assert Webhook.objects.get().secret in rotated


@pytest.mark.parametrize(
    "url",
    ["", "http://his.example/", "https://10.0.0.1/", "https://127.0.0.1/", "https://a:b@his.example/", "ftp://x", "\0"],
)
def test_an_address_that_is_none_of_the_internet_is_refused(cast, url):
    page = browser_of(cast.owner).post(PAGE, {"do": "add", "url": url})
    assert page.status_code == 422
    assert not Webhook.objects.exists()


def test_there_are_not_too_many_and_none_twice(cast):
    client = browser_of(cast.owner)
    for number in range(MOST):
        assert client.post(PAGE, {"do": "add", "url": f"https://his.example/{number}"}).status_code == 200
        assert number or client.post(PAGE, {"do": "add", "url": "https://his.example/0"}).status_code == 422
    assert client.post(PAGE, {"do": "add", "url": "https://his.example/more"}).status_code == 422
    assert Webhook.objects.count() == MOST


def test_what_was_sent_can_go_again(cast, installation, program, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast)
    client = browser_of(cast.owner)
    delivery = WebhookDelivery.objects.get().pk
    assert client.post(PAGE, {"do": "again", "delivery": delivery}).status_code == 422  # it is still to go
    work(installation)
    assert client.post(PAGE, {"do": "again", "delivery": delivery}).status_code == 302
    work(installation)
    assert len({headers["webhook-id"] for headers, _ in program.got}) == 1
    assert len(program.got) == 2
    assert AuditEvent.objects.filter(action="webhook.sent_again").count() == 1


def test_an_ended_one_is_told_nothing(cast, installation, program, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast)
    client = browser_of(cast.owner)
    for _ in range(2):
        webhook = Webhook.objects.get().pk
        client.post(PAGE, {"do": "end", "webhook": webhook})
    work(installation)
    assert (program.got, AuditEvent.objects.filter(action="webhook.ended").count()) == ([], 1)


def test_who_does_not_decide_and_who_is_elsewhere(cast, address):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    happens(cast)
    assert browser_of(cast.colleague).get(PAGE).status_code == 403
    outsider = browser_of(cast.outsider)
    assert address not in outsider.get(PAGE).content.decode()
    webhook, delivery = Webhook.objects.get().pk, WebhookDelivery.objects.get().pk
    WebhookDelivery.objects.update(state="sent", settled_at=timezone.now())
    for act in ({"do": "end"}, {"do": "rotate"}, {"do": "again"}):
        given = {"webhook": webhook, "delivery": delivery}
        assert outsider.post(PAGE, act | given).status_code == 404
    assert Webhook.objects.get().ended_at is None


@pytest.mark.parametrize("given", ["x", "-1", "1" * 30])
def test_a_page_that_is_none(cast, given):
    assert browser_of(cast.owner).get(f"{PAGE}?voor={given}").status_code == 404


def test_older_ones_are_behind_it_and_cost_no_more_queries(cast, address, django_assert_max_num_queries):
    add_webhook(practice=cast.practice, url=address, actor=cast.owner)
    for number in range(30):
        happens(cast, subject=f"B27-000{number:02}")
    client = browser_of(cast.owner)
    client.get(PAGE)
    with django_assert_max_num_queries(10):
        first = client.get(PAGE).content.decode()
    assert ("B27-00029" in first, "B27-00004" in first) == (True, False)
    older = first.partition("?voor=")[2].partition('"')[0]
    assert "B27-00004" in client.get(f"{PAGE}?voor={older}").content.decode()
