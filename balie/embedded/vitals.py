"""Whether a running installation is well, as seen from outside."""

import http.client
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from balie.embedded.supervisor import Supervisor

PATHS = ("/live/health", "/")
HEALTH = "/health"
_PATIENCE_S = 5.0


def ask(port: int, path: str) -> int | None:
    """The status of a GET on this machine; None when nobody answers in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def complaints(
    supervisor: Supervisor,
    port: int,
    paths: Sequence[str] = PATHS,
    others: Mapping[str, int] = MappingProxyType({}),
) -> list[str]:
    """What is not well, one line each: parts that do not run, addresses that do not answer well. `others`: ports that
    answer for their own health.
    """
    found = [f"{child.part.name} does not run (see {child.log})" for child in supervisor.unwell()]
    found += [f"the {name} is not well (see {supervisor.logs})" for name in others if ask(others[name], HEALTH) != 200]
    for path in paths:
        status = ask(port, path)
        if status is None:
            found.append(f"{path} does not answer")
        elif status >= 400:
            found.append(f"{path} answers {status} (see {supervisor.logs})")
    return found
