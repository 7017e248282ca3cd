"""`balie serve`: starts the web server of a role, and starts it again when it gives up.

granian replaces a worker that died, but ends when the same one dies twice within seconds; so it is watched here.
"""

import asyncio
import gc
import multiprocessing
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import django
import structlog
from a2wsgi import WSGIMiddleware
from django.conf import settings
from granian.constants import Interfaces
from granian.server.mp import MPServer

from balie.lib.asgi import App, Message, Receive, Scope, Send
from balie.lib.log import STANDARD_LIBRARY, set_up_logging

log = structlog.get_logger()

BUILT = Path(__file__).parent / "static" / "built"
A_YEAR_S = 365 * 24 * 3600
STOP_WITHIN_S = 2
RESTART_PAUSE_S = 0.5
PAGE_THREADS = 8
BODY_WITHIN_S = 10.0
BODY_BYTES_PER_S = 50_000  # a slow line on which a file goes up; each such amount buys another second
PARENT_LOOK_S = 0.5
# granian counts connections, idle ones too, and stops answering new ones past this number per worker. Five thousand
# who wait keep theirs open between two questions.
CONNECTIONS_MOST = 16_384
BACKLOG = 4096
OPEN_FILES = 65_536


class ServeRole(StrEnum):
    """What a process answers; a proxy splits paths over them."""

    ALL = "all"
    PAGES = "pages"
    LIVE = "live"
    STREAMS = "streams"


WORKERS = {ServeRole.ALL: 1, ServeRole.PAGES: 2, ServeRole.LIVE: 2, ServeRole.STREAMS: 1}


def serve(*, role: ServeRole, host: str = "127.0.0.1", port: int = 8000, workers: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises ImproperlyConfigured when a setting is missing, and SystemExit with a sentence when the port is in use.
    """
    set_up_logging()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "balie.settings")
    _refuse_a_port_in_use(host, port)
    log.info("serving", role=role.value, host=host, port=port, origins=settings.ORIGINS)
    _allow_many_connections()
    while True:
        server = _server(role, host, port, workers or WORKERS[role])
        with suppress(SystemExit):  # so it ends when a worker died twice
            server.serve(target_loader=partial(load, role), wrap_loader=False)
        if not server.interrupt_signal:
            log.error("server_begins_again", role=role.value)
            time.sleep(RESTART_PAUSE_S)
        if server.interrupt_signal:
            return


def load(role: ServeRole) -> Callable[..., Any]:
    """The app of a role. Called in each worker process, which has Django and its connections to itself."""
    set_up_logging()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()
    app = _app(role)
    # All that was loaded stays. Else every full collection would walk over it while requests wait (some 30 ms).
    gc.freeze()
    return app


def _app(role: ServeRole) -> Callable[..., Any]:
    if role is ServeRole.PAGES:
        return _pages()
    from balie.asgi import Site  # noqa: PLC0415 - it needs Django's models, which are there only now

    if role is ServeRole.ALL:
        pages = WSGIMiddleware(_pages(), workers=PAGE_THREADS)
        return Site(role.value, pages=_with_bodies(pages))  # type: ignore[arg-type] # ASGI by another name
    return Site(role.value)


def _with_bodies(pages: App) -> App:
    """a2wsgi reads the body of a request from another thread, which can only wait for a coroutine; granian's `receive`
    gives a bare future. Without this every form is a 500. Nor may whoever sends half a form keep that thread: what has
    not come in time will not come. A file that goes on coming is in time.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        until = time.monotonic() + BODY_WITHIN_S

        async def receive_more() -> Message:
            nonlocal until
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                return {"type": "http.request", "body": b"", "more_body": False}
            until += len(message.get("body", b"")) / BODY_BYTES_PER_S
            return message

        await pages(scope, receive_more, send)

    return app


def _pages() -> Callable[..., Any]:
    from balie.wsgi import application  # noqa: PLC0415 - as above; and only some roles have pages

    return application


def _server(role: ServeRole, host: str, port: int, workers: int) -> MPServer:
    shows_pages = role in {ServeRole.PAGES, ServeRole.ALL}
    return MPServer(
        f"balie {role.value}",
        address=host,
        port=port,
        interface=Interfaces.WSGI if role is ServeRole.PAGES else Interfaces.ASGI,
        workers=workers,
        blocking_threads=PAGE_THREADS if role is ServeRole.PAGES else None,
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS_MOST,
        log_dictconfig=STANDARD_LIBRARY,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN_S,
        # Everything Vite builds carries a hash of its content in its name.
        static_path_route=["/static/built"] if shows_pages and BUILT.is_dir() else None,
        static_path_mount=[BUILT] if shows_pages and BUILT.is_dir() else None,
        static_path_expires=A_YEAR_S,
    )


def _end_with_parent() -> None:
    """A worker whose parent was killed would serve on, watched by nobody, beside the ones that are started next.

    The parent's pipe would tell, were it not that workers forked later hold its end open too; so its number is watched.
    A worker that does not end when asked, perhaps because it had not begun, is ended.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    while os.getppid() == parent.pid:
        time.sleep(PARENT_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_WITHIN_S)
    os.kill(os.getpid(), signal.SIGKILL)


def _refuse_a_port_in_use(host: str, port: int) -> None:
    """Granian would share it silently, and every second request would reach the other installation."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as fault:
        raise SystemExit(f"balie: cannot listen on {host}, port {port}: {fault.strerror}") from None


def _allow_many_connections() -> None:
    """Each connection is an open file, of which a process may often have a thousand only."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
