"""Where the parts of this installation are, by the names that a graph uses; and which graph that is."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from balie.ops.graph import Graph, GraphError, read_graph

STANDARD = Path(__file__).parent / "graphs" / "standard.toml"


def places() -> dict[str, str]:
    """Every `${NAME}` that a graph may use; empty where this installation does not have it."""
    return dict(_places())


def _places() -> Iterator[tuple[str, str]]:
    yield "ORIGIN", settings.ORIGINS[0]
    yield "HTTPS", settings.ORIGINS[0] if settings.SECURE else ""
    yield "DATABASE_URL", settings.DATABASE_URL
    yield "REPLICA", next(iter(settings.WATCH_REPLICAS), "")
    yield "MAILBOX", settings.WATCH_MAILBOX
    yield "MAILDIR", settings.WATCH_MAILDIR
    yield "OTHER_WATCH", settings.WATCH_OTHER
    yield "SMTP_URL", settings.SMTP_URL
    yield "SMTP_HOST", urlsplit(settings.SMTP_URL).hostname or ""
    yield "WATCH_FOLDER", settings.WATCH_FOLDER
    for number, server in enumerate(settings.KEY_SERVERS, start=1):
        yield f"KEYSERVER_{number}", server.server
        yield f"KEYSERVER_{number}_ROUTE", server.routes[0]
        yield f"KEYSERVER_{number}_BYPASS", server.routes[1] if len(server.routes) > 1 else ""


def load_graph(path: Path | None = None) -> Graph:
    """The graph at `path`, or the one that the settings name. Raises GraphError that names the file."""
    file = path or Path(settings.WATCH_GRAPH or STANDARD)
    try:
        return read_graph(file.read_text(encoding="utf-8"), places())
    except OSError as fault:
        raise GraphError(f"{file}: {fault.strerror}") from None
    except GraphError as fault:
        raise GraphError(f"{file}: {fault}") from None
