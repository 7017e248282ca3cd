"""Ports for parts of an installation on one machine."""

import socket
from contextlib import ExitStack


def free_ports(count: int, *, besides: int | None = None) -> list[int]:
    """Different ports on loopback that nobody listens on now; and not `besides`, which somebody is about to. Ask once
    for all that one installation needs: what is asked for later may be the same.
    """
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count + 1)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        found = [int(each.getsockname()[1]) for each in sockets]
        return [port for port in found if port != besides][:count]
