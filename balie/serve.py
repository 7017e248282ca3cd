"""`balie serve`: starts the web server of a role, and starts it again when it gives up.

granian replaces a worker that died, but ends when the same one dies twice within seconds; so it is watched here.
"""

import multiprocessing
import os
import resource
import signal
import threading
import time
from contextlib import suppress
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import django
import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override
from granian.constants import Interfaces
from granian.server.mp import MPServer
from servestatic import ServeStaticASGI

from balie.lib.asgi import App, Scope, find_cookie
from balie.lib.loading import loading
from balie.lib.log import STANDARD_LIBRARY, set_up_logging
from balie.lib.numbers import Numbered, asked_number
from balie.lib.pages import Pages, Pool, Room
from balie.lib.ports import refuse_a_port_in_use
from balie.lib.standing_back import stand_back

if TYPE_CHECKING:
    from balie.asgi import TraceKinds

log = structlog.get_logger()

BUILT = Path(__file__).parent / "static" / "built"
STOP_WITHIN_S = 2
RESTART_PAUSE_S = 0.5
PARENT_LOOK_S = 0.5
# Logging in is the one page that costs much (Argon2), and all come for it at once: it has threads of its own, so that
# whoever is inside never waits for whoever still comes. As a role it also stands back at the processor.
LOGIN = "/account/"
LOGIN_ROOM = Room(threads=2, waiting=48, body_most=64 * 1024)
PAGE_ROOM = Room(threads=8, waiting=64, body_most=1024 * 1024)
# Files come up here. Few at a time: each is in memory until its page has it.
IMPORTS = "/praktijken/importeren/"
IMPORT_ROOM = Room(threads=2, waiting=2, body_most=24 * 1024 * 1024, readers=4, told_all=True)
LOGIN_NICENESS = 10
# Where people tell what does not work: it asks the watch alone, and has no thread to wait for.
REPORTS = "/storing/"
NUMBER = b"0000-0000"  # where that of a request will stand; it holds zeros, as none does
# granian counts connections, idle ones too, and stops answering new ones past this number per worker. Five thousand
# who wait keep theirs open between two questions.
CONNECTIONS_MOST = 16_384
BACKLOG = 4096
OPEN_FILES = 65_536


class ServeRole(StrEnum):
    """What a process answers; a proxy splits paths over them."""

    ALL = "all"
    PAGES = "pages"
    LOGIN = "login"
    LIVE = "live"
    STREAMS = "streams"


WORKERS = {ServeRole.ALL: 1, ServeRole.PAGES: 2, ServeRole.LOGIN: 1, ServeRole.LIVE: 2, ServeRole.STREAMS: 1}


def serve(*, role: ServeRole, host: str = "127.0.0.1", port: int = 8000, workers: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises ImproperlyConfigured when a setting is missing, and SystemExit with a sentence when the port is in use.
    """
    set_up_logging()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "balie.settings")
    refuse_a_port_in_use(host, port)
    log.info("serving", role=role.value, host=host, port=port, origins=settings.ORIGINS)
    _allow_many_connections()
    if role is ServeRole.LOGIN:
        stand_back(LOGIN_NICENESS)
    while True:
        server = _server(role, host, port, workers or WORKERS[role])
        with suppress(SystemExit):  # so it ends when a worker died twice
            server.serve(target_loader=partial(load, role), wrap_loader=False)
        if not server.interrupt_signal:
            log.error("server_begins_again", role=role.value)
            time.sleep(RESTART_PAUSE_S)
        if server.interrupt_signal:
            return


def load(role: ServeRole) -> App:
    """The app of a role. Called in each worker process, which has Django and its connections to itself."""
    set_up_logging()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with loading():
        django.setup()
        return Numbered(_traced(role) if settings.TRACES else _app(role))


def _traced(role: ServeRole) -> App:
    from balie.runtime.tracing import start  # noqa: PLC0415 - where nothing is traced, nothing of it is loaded

    tracing = start(role.value, settings.TRACES)
    return tracing.app(_app(role, tracing.kinds))


def _app(role: ServeRole, trace_kinds: "TraceKinds | None" = None) -> App:
    if role in {ServeRole.PAGES, ServeRole.LOGIN}:
        return _pages()
    from balie.asgi import Site, nowhere  # noqa: PLC0415 - it needs Django's models, which are there only now

    pages = _pages() if role is ServeRole.ALL else nowhere
    return Site(role.value, pages=pages, trace_kinds=trace_kinds)


def _pages() -> App:
    from balie.practices.symptoms.pages import SymptomPages  # noqa: PLC0415 - as above; and only some roles have pages
    from balie.wsgi import application  # noqa: PLC0415 - as above

    pages = Pages(
        {
            LOGIN: Pool("login", application, LOGIN_ROOM, words=_words),
            REPORTS: SymptomPages().app(),
            IMPORTS: Pool("imports", application, IMPORT_ROOM, words=_words),
            "": Pool("pages", application, PAGE_ROOM, words=_words),
        }
    )
    # Everything Vite builds carries a hash of its content in its name, and lies there compressed already.
    app: App = ServeStaticASGI(
        pages,
        root=BUILT,
        prefix="/static/built/",
        immutable_file_test=lambda *_: True,
        allow_all_origins=False,
    )
    return app


def _words(scope: Scope, status: int, seconds: int) -> bytes:
    chosen = (find_cookie(scope, settings.LANGUAGE_COOKIE_NAME.encode()) or b"").decode("latin-1")
    language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    return _page(language, status, seconds).replace(NUMBER, asked_number().encode())


@cache
def _page(language: str, status: int, seconds: int) -> bytes:
    """Written from files alone, and once: it is there when nothing else has time."""
    context = {"seconds": seconds, "number": NUMBER.decode(), "help_phone": settings.HELP_PHONE}
    with override(language):
        return render_to_string(f"{status}.html", context).encode()


def _server(role: ServeRole, host: str, port: int, workers: int) -> MPServer:
    return MPServer(
        f"balie {role.value}",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS_MOST,
        log_dictconfig=STANDARD_LIBRARY,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN_S,
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


def _allow_many_connections() -> None:
    """Each connection is an open file, of which a process may often have a thousand only."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
