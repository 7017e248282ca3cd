"""Handing one text message to the gateway, through Apprise, which knows the gateways and their languages.

Apprise waits with its thread, and a gateway that sends its answer drop by drop keeps it for as long as it likes. So
each attempt has a thread of its own, which nobody waits for beyond a deadline, not even at the end of the process.
"""

import asyncio
import logging
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    import apprise

# What the setting holds in the place of the number.
PLACEHOLDER = "{to}"
_EXAMPLE = "+31612345678"
_CONNECT_S = 10.0


class Verdict(Enum):
    """What is known after an attempt."""

    ACCEPTED = auto()  # the gateway took it
    REFUSED = auto()  # it did not, or could not be reached
    UNKNOWN = auto()  # no answer in time: it may have taken it


@dataclass(frozen=True)
class Outcome:
    """`answer` is for people."""

    verdict: Verdict
    answer: str


class BadGatewayError(ValueError):
    """BALIE_SMS_URL is none that Apprise understands."""


class Gateway:
    """Whatever `url` leads to. `lingering` counts the threads of attempts that were given up and still wait."""

    def __init__(self, url: str, *, answer_s: float) -> None:
        """Raises BadGatewayError. Takes seconds the first time: Apprise reads all the gateways it knows."""
        self._url = url
        self._answer_s = answer_s
        self._threads: set[threading.Thread] = set()
        self._plugin(_EXAMPLE)

    @property
    def lingering(self) -> int:
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        return len(self._threads)

    async def hand_over(self, *, recipient: str, words: str) -> Outcome:
        """One attempt; its answer, or that it did not come within `answer_s` seconds. Raises what Apprise may raise."""
        answered: Future[Outcome] = Future()
        answered.set_running_or_notify_cancel()

        def attempt() -> None:
            try:
                answered.set_result(self._send(recipient, words))
            except Exception as error:  # noqa: BLE001 - raised again in the loop
                answered.set_exception(error)

        thread = threading.Thread(target=attempt, name="sms", daemon=True)
        thread.start()
        answer = asyncio.wrap_future(answered)
        done, _ = await asyncio.wait({answer}, timeout=self._answer_s)
        if done:
            return answer.result()
        answer.cancel()
        self._threads.add(thread)
        return Outcome(Verdict.UNKNOWN, "no answer in time")

    def _send(self, recipient: str, words: str) -> Outcome:
        with _Overheard() as said:
            accepted = self._plugin(recipient).notify(body=words)
        if accepted:
            return Outcome(Verdict.ACCEPTED, "")
        return Outcome(Verdict.REFUSED, " ".join(said) or "the gateway refused it")

    def _plugin(self, recipient: str) -> "apprise.NotifyBase":
        import apprise  # noqa: PLC0415 - so that a worker without a gateway starts sooner

        plugin = apprise.Apprise.instantiate(self._url.replace(PLACEHOLDER, quote(recipient, safe="")))
        if plugin is None:
            raise BadGatewayError("BALIE_SMS_URL is not an address that Apprise understands.")
        plugin.socket_connect_timeout = _CONNECT_S
        # Longer than ours: what ends by this one would look like a refusal, and the text may have been taken.
        plugin.socket_read_timeout = 2 * self._answer_s
        return plugin


class _Overheard(logging.Handler):
    """What Apprise says in this thread about an attempt that failed: all that it tells."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self._said: list[str] = []

    def __enter__(self) -> list[str]:
        logging.getLogger("apprise").addHandler(self)
        return self._said

    def __exit__(self, *_error: object) -> None:
        logging.getLogger("apprise").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._said.append(record.getMessage())
