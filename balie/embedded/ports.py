"""Ports for parts of an installation on one machine."""

import random
import socket
from itertools import islice

# Linux gives outgoing connections ports from 32768 on: one of those, free now, may be taken before its part listens.
OURS = range(20_000, 32_000)


def free_ports(count: int, *, besides: int | None = None) -> list[int]:
    """Different ports on loopback that nobody listens on now; and not `besides`, which somebody is about to. Ask once
    for all that one installation needs: what is asked for later may be the same.
    """
    # Not by the seed of tests, which is the same in processes that run side by side.
    shuffled = random.SystemRandom().sample(OURS, len(OURS))
    return list(islice((port for port in shuffled if port != besides and _is_free(port)), count))


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
