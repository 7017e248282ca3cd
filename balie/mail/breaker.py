"""How long to wait: after a failure, per mail; and for all mails together when the server itself is sick."""

import random
from collections.abc import Callable

_MOST_DOUBLINGS = 20


def pause(*, first_s: float, longest_s: float, failures: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after so many failures: doubling, with a random half against coming back all together."""
    whole = min(longest_s, first_s * 2.0 ** min(failures - 1, _MOST_DOUBLINGS))
    return whole * (0.5 + chance() / 2)


class Breaker:
    """Opens after `threshold` failures of the server in a row; then one mail at a time probes whether it is well again.

    closed    every mail may go
    open      none, until the pause is over
    probing   one is on its way; its end decides

    Times are seconds on the caller's monotonic clock.
    """

    def __init__(self, *, threshold: int, first_pause_s: float, longest_pause_s: float) -> None:
        self._threshold = threshold
        self._first_s = first_pause_s
        self._longest_s = longest_pause_s
        self._failures = 0
        self._probing = False
        self.open_until: float | None = None

    def room(self, now: float) -> int | None:
        """How many mails may start; None is any number."""
        if self.open_until is None:
            return None
        return 1 if not self._probing and now >= self.open_until else 0

    def probe(self) -> None:
        """The one mail for which there was room has started."""
        self._probing = True

    def succeeded(self, *, probe: bool) -> bool:
        """The server answered as servers do; true when that closed the breaker."""
        closed = probe and self._probing
        if closed or self.open_until is None:
            self._failures = 0
            self._probing = False
            self.open_until = None
        return closed

    def failed(self, now: float, *, probe: bool) -> bool:
        """The server could not be reached or left us without an answer; true when that opened the breaker."""
        if self.open_until is not None and not probe:
            return False  # it started while we still thought the server well: nothing new
        self._failures += 1
        if self._failures < self._threshold:
            return False
        self._probing = False
        beyond = self._failures - self._threshold + 1
        self.open_until = now + pause(first_s=self._first_s, longest_s=self._longest_s, failures=beyond)
        return True

    def said_nothing(self, *, probe: bool) -> None:
        """The mail never came to the server, so that it tells nothing: another may probe."""
        if probe:
            self._probing = False
