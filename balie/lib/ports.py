"""A port that a server of ours is about to listen on."""

import socket


def refuse_a_port_in_use(host: str, port: int) -> None:
    """Granian would share it silently, and every second request would reach the other server. Raises SystemExit."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as fault:
        raise SystemExit(f"balie: cannot listen on {host}, port {port}: {fault.strerror}") from None
