"""Nobody's message waits for a target that hangs: real servers, real transports."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from balie.ops.oncall.deliveries import DEADLINE_S, Outcome
from balie.ops.oncall.models import Notification
from balie.ops.oncall.sending import Couriers, Message, by_apprise


class Target(ThreadingHTTPServer):
    """Answers at /good; at /hang not before it is let go; at /bad with an error. `taken` has the paths, in order."""

    daemon_threads = True
    request_queue_size = 64  # all come at once: of those beyond a queue of five, a busy machine refused some

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.let_go = threading.Event()
        self.taken: list[tuple[str, float]] = []
        self.arrived = threading.Semaphore(0)


class Answer(BaseHTTPRequestHandler):
    server: Target

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, time.monotonic()))
        self.server.arrived.release()
        if self.path == "/hang":
            self.server.let_go.wait()
        self.send_response(500 if self.path == "/bad" else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def target() -> Iterator[Target]:
    server = Target()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.let_go.set()
    server.shutdown()
    thread.join()
    server.server_close()


def message(target: Target, number: int, path: str) -> Message:
    return Message(number, 1, f"json://127.0.0.1:{target.server_port}/{path}", "title", "body")


def test_good_targets_have_theirs_while_others_still_hang(target, record_property):
    """Hanging ones are sent first. What decides is the order; the time is kept beside the result."""
    ended = threading.Semaphore(0)
    couriers = Couriers(by_apprise, ended.release)
    for number in range(20):
        couriers.send(message(target, number, "hang"))
    for _ in range(20):
        target.arrived.acquire()
    began = time.monotonic()
    for number in range(20, 40):
        couriers.send(message(target, number, "good"))
    for _ in range(20):
        ended.acquire()
    outcomes = couriers.outcomes()
    assert {each.notification for each in outcomes if each.word == Notification.Outcome.SENT} == set(range(20, 40))
    assert len(outcomes) == 20  # the others still hang
    good = [at - began for path, at in target.taken if path == "/good"]
    record_property("first_good_s", round(min(good), 3))
    record_property("last_good_s", round(max(good), 3))


def test_a_target_that_hangs_is_given_up_and_its_outcome_is_unknown(target):
    times = iter([0, DEADLINE_S - 1, DEADLINE_S + 1])
    ended = threading.Event()
    couriers = Couriers(by_apprise, ended.set, clock=lambda: next(times))
    couriers.send(message(target, 1, "hang"))
    target.arrived.acquire()
    assert couriers.outcomes() == []
    [outcome] = couriers.outcomes()
    assert (outcome.word, outcome.answer) == ("unknown", "no answer in time")
    target.let_go.set()
    ended.wait()
    assert couriers.outcomes() == []  # what comes too late was given up


@pytest.mark.parametrize("path", ["bad", "nowhere"])
def test_a_refusal_is_told_without_the_address(target, path):
    ended = threading.Event()
    couriers = Couriers(by_apprise, ended.set)
    address = f"json://127.0.0.1:{target.server_port if path == 'bad' else 1}/{path}"
    couriers.send(Message(1, 1, address, "title", "body"))
    ended.wait()
    [outcome] = couriers.outcomes()
    assert isinstance(outcome, Outcome)
    assert outcome.word == "refused"
    assert "127.0.0.1" not in outcome.answer
