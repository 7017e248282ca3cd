"""Joining, saying yes and leaving over HTTP; and what a stranger can learn or do there, which is nothing."""

import asyncio
import dataclasses
import email
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from msgspec.structs import replace
from starlette.applications import Starlette

from balie.ops.incidents.tests.browser import Answer
from balie.ops.subscribers.joining import Channel, leave
from balie.ops.subscribers.models import Sending, Subscriber
from balie.ops.subscribers.pages import SubscriberPages
from balie.ops.subscribers.signatures import make_token
from balie.practices.passes import make_pass

ANNA = "anna@praktijk.example"


class Visitor:
    """Somebody without a cookie, at one address of the internet."""

    def __init__(self, readers) -> None:
        self.readers = readers
        self.app = Starlette(routes=SubscriberPages(readers.story.night.graph).routes())
        self.address, self.cookie = "192.0.2.1", ""

    def ask(self, method: str, path: str, fields: list[tuple[str, str]] = ()) -> Answer:
        with time_machine.travel(self.readers.now, tick=False):
            return asyncio.run(self._ask(method, path, urlencode(fields).encode()))

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        path, _, query = path.partition("?")
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode()}
        scope |= {"headers": [(b"host", b"x"), (b"accept-language", b"nl")], "client": (self.address, 1)}
        scope["headers"].append((b"cookie", self.cookie.encode()))
        sent: list[dict] = []

        async def receive() -> dict:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], got, b"".join(each.get("body", b"") for each in sent[1:]).decode())

    def join(self, address: str = ANNA, **more: str) -> Answer:
        fields = {"channel": "mail", "address": address, "language": "nl", **more}
        return self.ask("POST", "/subscribe/", list(fields.items()))


@pytest.fixture
def visitor(readers) -> Visitor:
    return Visitor(readers)


def path_in(content: bytes) -> str:
    """The link of a mail, without its origin."""
    text = email.message_from_bytes(content, policy=email.policy.default).get_content()
    found = re.search(r"http://localhost:8400(/subscribe/\S+/)", text)
    assert found, text
    return found[1]


def test_somebody_joins_hears_and_leaves(visitor, readers):
    assert "Stuur mij de vraag" in visitor.ask("GET", "/subscribe/").text
    assert visitor.join().headers["location"] == "/subscribe/asked/mail/?language=nl"
    readers.settle()
    (question,) = readers.post.got
    assert question.asks
    page = path_in(question.content)
    assert "Ja, stuur mij bericht" in visitor.ask("GET", page).text
    assert not Subscriber.objects.get().confirmed_at, "looking is no yes"
    visitor.ask("POST", f"{page}confirm")
    assert "U krijgt bericht" in visitor.ask("GET", page).text
    readers.story.verdict()
    readers.settle()
    ((address, _message),) = readers.told()
    assert address == ANNA
    assert visitor.ask("POST", f"{page}leave").status == 303
    assert "U bent afgemeld" in visitor.ask("GET", page).text
    readers.story.say(closes=True)
    readers.settle()
    assert len(readers.told()) == 1
    gone = Subscriber.objects.get()
    assert (gone.address, gone.left_at is not None, gone.lost) == ("", True, False)


def test_a_mail_program_takes_somebody_off_the_list_by_itself(visitor, readers):
    """RFC 8058: the two headers, and a POST of exactly that, without a cookie and without a redirect."""
    readers.join(ANNA)
    readers.story.verdict()
    readers.settle()
    mail = email.message_from_bytes(readers.post.got[-1].content, policy=email.policy.default)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.fullmatch(r"<http://localhost:8400(/subscribe/\S+/leave)>", mail["List-Unsubscribe"])
    assert path
    assert visitor.ask("GET", path[1]).status == 302
    assert Subscriber.objects.get().left_at is None, "a scanner that follows links takes nobody off"
    answer = visitor.ask("POST", path[1], [("List-Unsubscribe", "One-Click")])
    assert (answer.status, answer.text) == (200, "")
    assert Subscriber.objects.get().left_at


def test_a_stranger_cannot_tell_who_subscribed(visitor, readers):
    """Known, unknown and asked a moment ago: the same answer, to the letter."""
    readers.join(ANNA)
    readers.story.night.now += timedelta(hours=1)
    known, unknown, again = (visitor.join(each) for each in (ANNA, "bram@praktijk.example", "bram@praktijk.example"))
    assert known == unknown == again


def test_whoever_asks_again_changes_what_they_hear_of_and_stays_one(visitor, readers):
    readers.join(ANNA)
    readers.story.night.now += timedelta(hours=1)
    visitor.join(component="ordering")
    readers.settle()
    assert Subscriber.objects.get(confirmed_at__isnull=False).components == [], "not before they said yes"
    visitor.ask("POST", f"{path_in(readers.post.got[-1].content)}confirm")
    assert Subscriber.objects.get().components == ["ordering"]


def test_nobody_is_buried_in_questions(visitor, readers):
    """Three a day for an address, ten minutes apart, whoever asks; and a client has five tries."""
    for minute in range(0, 24 * 60, 5):
        visitor.address = f"192.0.2.{minute % 250}"
        visitor.join()
        readers.story.night.now += timedelta(minutes=5)
    assert Subscriber.objects.count() == 3
    statuses = [Visitor(readers).join(f"x{each}@praktijk.example").status for each in range(2)]
    visitor.address = "192.0.2.251"
    statuses += [visitor.join(f"{each}@praktijk.example").status for each in range(6)]
    assert statuses == [303] * 7 + [429]


def test_a_question_that_nobody_answers_is_forgotten(visitor, readers):
    visitor.join()
    readers.settle()
    page = path_in(readers.post.got[-1].content)
    readers.tick(25 * 3600)
    assert not Subscriber.objects.exists()
    assert not Sending.objects.exists()
    assert visitor.ask("GET", page).status == 404


def test_what_is_no_address_is_said_and_stays(visitor):
    answer = visitor.join("anna<b>")
    assert answer.status == 422
    assert "Geef een e-mailadres" in answer.text
    assert "anna&lt;b&gt;" in answer.text
    assert visitor.join("http://intern", channel="webhook").status == 422
    assert visitor.join("x", channel="duif").status == 422
    assert not Subscriber.objects.exists()


def test_a_link_of_somebody_else_is_nobodys(visitor, readers):
    subscriber = readers.join(ANNA)
    token = make_token(subscriber)
    assert visitor.ask("GET", f"/subscribe/{subscriber.pk + 1}{token[1:]}/").status == 404
    assert visitor.ask("POST", f"/subscribe/{token[:-1]}x/leave").status == 404
    assert Subscriber.objects.get().left_at is None


def test_somebody_hears_only_of_what_they_chose_until_it_is_over(readers):
    readers.join(ANNA, components=("ordering",))
    readers.join("bram@praktijk.example", components=("mail",))
    readers.story.verdict()
    readers.story.verdict("closed")
    readers.settle()
    assert [address for address, _ in readers.told()] == [ANNA, ANNA], "that it began, and that it is over"


def test_a_mail_says_what_happens_and_when_there_is_more(readers):
    readers.join(ANNA)
    readers.story.verdict()
    readers.settle()
    mail = email.message_from_bytes(readers.post.got[-1].content, policy=email.policy.default)
    assert mail["To"] == ANNA
    assert mail["Subject"].startswith("Balie I-0")
    text = mail.get_content()
    assert "Niemand kan bestellen." in text
    assert "Volgende update uiterlijk 03.30 uur." in text
    assert "/status/index.html" in text


def test_only_what_the_public_is_told_of_is_offered_and_taken(readers):
    graph = readers.story.night.graph
    hidden, *shown = graph.functions
    functions = graph.functions | {hidden: replace(graph.functions[hidden], public=False)}
    visitor = Visitor(readers)
    visitor.app = Starlette(routes=SubscriberPages(dataclasses.replace(graph, functions=functions)).routes())
    page = visitor.ask("GET", "/subscribe/").text
    assert f'value="{hidden}"' not in page
    assert all(f'value="{each}"' in page for each in shown)
    fields = {"channel": "mail", "address": ANNA, "language": "nl"}
    asked = [*fields.items(), ("component", hidden), *(("component", each) for each in shown)]
    assert visitor.ask("POST", "/subscribe/", asked).status == 303
    assert Subscriber.objects.get().components == shown


def mailed_while(readers, said: str) -> int:
    """How often Anna is tried with one update while her server says so."""
    readers.join(ANNA)
    readers.post.answer, readers.post.said = Sending.Outcome.REFUSED, said
    readers.story.verdict()
    for _ in range(60):
        readers.tick()
    return len(readers.told())


def test_an_address_that_is_there_no_longer_is_not_mailed_again(readers):
    assert mailed_while(readers, "550 5.1.1 <anna@praktijk.example>: user unknown") == 1
    left = Subscriber.objects.get()
    assert (left.left_at is None, left.address, left.lost) == (False, "", True)
    assert "Uw adres bestond niet meer" in Visitor(readers).ask("GET", f"/subscribe/{make_token(left)}/").text
    readers.story.verdict("closed", effect="none")
    readers.settle()
    assert len(readers.told()) == 1


@pytest.mark.parametrize("said", ["451 4.2.1 try later", "550 relay not permitted", "554 5.7.1 relay denied", ""])
def test_what_may_be_our_own_fault_sends_nobody_away(readers, said):
    assert mailed_while(readers, said) > 1
    assert Subscriber.objects.get().left_at is None


def test_staff_see_how_many_hear_of_it_and_what_arrived_and_nobody_else_does(readers, settings):
    readers.join(ANNA)
    readers.join("https://praktijk.example/hook", channel=Channel.WEBHOOK)
    leave(readers.join("bram@praktijk.example"), readers.now)
    readers.story.verdict()
    readers.settle()
    leave(Subscriber.objects.get(address=ANNA), readers.now, lost=True)
    visitor = Visitor(readers)
    closed = visitor.ask("GET", "/watch/subscribers/")
    assert (closed.status, "Mail" in closed.text) == (403, False)
    with time_machine.travel(readers.now, tick=False):
        held = make_pass(person=7, practice=None, role="", organiser=True, generation=0)
    visitor.cookie = f"{settings.PASS_COOKIE}={held}"
    seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", visitor.ask("GET", "/watch/subscribers/").text))
    assert "Mail 0 0 1 1 " in seen, "reads, was asked, left, lost"
    assert "Webhook 1 0 0 0 " in seen
    assert "Niemand kan bestellen 2 0 0 " in seen, "taken, under way, not taken"
    assert "anna" not in seen
