"""Handing messages to their transports, each in a thread of its own.

Apprise waits with its thread, and gives several targets at once to a pool in which hanging ones keep good ones waiting:
with 20 of each the first good delivery came after twelve seconds. So no target ever waits for another, none is waited
for beyond a deadline, and none holds up the end of the process.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Final, Generic, Protocol, TypeVar

from balie.ops.oncall.deliveries import DEADLINE_S, Outcome
from balie.ops.oncall.models import Notification

_CONNECT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Message:
    """For one person by one channel, in their language. `claim` as in `Outcome`; `address` is never shown."""

    notification: int
    claim: int
    address: str = field(repr=False)
    title: str = field(repr=False)
    body: str = field(repr=False)


class Carried(Protocol):
    """Whatever is sent, by the row that it belongs to."""

    @property
    def notification(self) -> int: ...
    @property
    def claim(self) -> int: ...


M = TypeVar("M", bound=Carried)
M_contra = TypeVar("M_contra", bound=Carried, contravariant=True)


class Sender(Protocol[M_contra]):
    """Begins to send, and tells later what came of it."""

    def send(self, message: M_contra) -> None: ...

    def outcomes(self) -> list[Outcome]: ...


def by_apprise(message: Message) -> tuple[Notification.Outcome, str]:
    """Whether its transport took it."""
    import apprise  # noqa: PLC0415 - it reads all transports it knows, which takes a second

    transport = apprise.Apprise.instantiate(message.address)
    assert isinstance(transport, apprise.NotifyBase), "addresses were tried when the team's file was read"
    transport.socket_connect_timeout = _CONNECT_S
    # Longer than ours: what ends by this one would look like a refusal, and the message may have been taken.
    transport.socket_read_timeout = 2 * DEADLINE_S
    transport.notify_format = apprise.NotifyFormat.TEXT  # else mail would be HTML, without its line ends
    if transport.notify(body=message.body, title=message.title):
        return Notification.Outcome.SENT, ""
    return Notification.Outcome.REFUSED, "the transport refused it, or could not be reached"


class Couriers(Generic[M]):
    """One thread a message, in which `deliver` says what came of it. `told` is called from such a thread when there is
    an outcome to fetch.
    """

    def __init__(
        self,
        deliver: Callable[[M], tuple[Notification.Outcome, str]],
        told: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._through, self._told, self._clock = deliver, told, clock
        self._ended: SimpleQueue[Outcome] = SimpleQueue()
        self._begun: dict[tuple[int, int], float] = {}

    def send(self, message: M) -> None:
        self._begun[message.notification, message.claim] = self._clock()
        threading.Thread(target=self._deliver, args=(message,), name="page", daemon=True).start()

    def outcomes(self) -> list[Outcome]:
        """Those that ended, and those that took longer than the deadline: they may have arrived."""
        found: list[Outcome] = []
        while True:
            try:
                outcome = self._ended.get_nowait()
            except Empty:
                break
            if self._begun.pop((outcome.notification, outcome.claim), None) is not None:
                found.append(outcome)
        late = [key for key, begun in self._begun.items() if self._clock() - begun > DEADLINE_S]
        for key in late:
            del self._begun[key]
            found.append(_outcome(*key, Notification.Outcome.UNKNOWN, "no answer in time"))
        return found

    def _deliver(self, message: M) -> None:
        try:
            word, answer = self._through(message)
        except Exception as error:  # noqa: BLE001 - a transport's own fault is an outcome too; its words may hold keys
            word, answer = Notification.Outcome.UNKNOWN, f"the transport failed: {type(error).__name__}"
        self._ended.put(_outcome(message.notification, message.claim, word, answer))
        self._told()


def _outcome(notification: int, claim: int, word: Notification.Outcome, answer: str) -> Outcome:
    return Outcome(notification, claim, word.value, answer, datetime.now(UTC))
