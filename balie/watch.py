"""`balie watch`: one process that looks, judges, remembers and shows. It starts and speaks without PostgreSQL."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

import aiohttp
import structlog
from django.conf import settings
from django.db import DatabaseError
from granian.constants import Interfaces
from granian.server.embed import Server
from servestatic import ServeStaticASGI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from balie.lib.asgi import App
from balie.lib.log import STANDARD_LIBRARY
from balie.lib.numbers import Numbered
from balie.ops.access import PASSES
from balie.ops.console import Console
from balie.ops.engine import Engine
from balie.ops.graph import Graph
from balie.ops.headers import WithHeaders
from balie.ops.incidents.duty import Incidents
from balie.ops.incidents.maintaining import MaintenancePages
from balie.ops.incidents.pages import IncidentPages
from balie.ops.incidents.reports.pages import ReportPages
from balie.ops.ledger import LEASE_S, Ledger
from balie.ops.oncall.duty import OnCall
from balie.ops.oncall.pages import routes
from balie.ops.revocations import Revocations
from balie.ops.subscribers.duty import Subscribers
from balie.ops.subscribers.pages import SubscriberPages
from balie.ops.switching import Switching
from balie.ops.symptoms.pages import SymptomPages
from balie.runtime.duties import process_name

log = structlog.get_logger()

BUILT: Final = Path(__file__).parent / "static" / "built"
PING_EVERY_S: Final = 10.0
PING_WITHIN_S: Final = 2.0


def open_ledger() -> Ledger:
    """Raises LedgerError: another watch is there, or it cannot be written."""
    ledger = Ledger(None if settings.OPS_DATABASE_URL else Path(settings.WATCH_FOLDER))
    ledger.open()
    return ledger


async def watch(graph: Graph, ledger: Ledger, oncall: OnCall | None, *, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT. Without `oncall` nobody is woken."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    console = Console(oncall.on_call if oncall else None)
    server = Server(
        with_static(console, graph, oncall),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_dictconfig=STANDARD_LIBRARY,
    )
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve())
        duties = [
            _judge(graph, ledger, console, oncall),
            _ping(console),
            Revocations(PASSES, Path(settings.WATCH_FOLDER)).run(),
        ]
        working = [tasks.create_task(duty) for duty in duties]
        await stop.wait()
        log.info("watch_stops")
        for each in working:
            each.cancel()
        server.stop()  # type: ignore[no-untyped-call]
        await serving


def with_static(console: Console, graph: Graph, oncall: OnCall | None) -> App:
    """Everything that the watch answers."""
    pages = console.app()
    pages.routes.extend(routes(graph))
    pages.routes.extend(IncidentPages(graph, oncall).routes())
    pages.routes.extend(SubscriberPages(graph).routes())
    pages.routes.extend(ReportPages(graph, oncall).routes())
    pages.routes.extend(MaintenancePages(graph, oncall).routes())
    pages.routes.extend(SymptomPages(graph).routes())
    public = StaticFiles(directory=settings.STATUS_FOLDER, html=True, check_dir=False)
    pages.routes.append(Mount("/status", public))
    app: App = ServeStaticASGI(
        pages,
        root=BUILT,
        prefix="/static/built/",
        immutable_file_test=lambda *_: True,
        allow_all_origins=False,
    )
    return Numbered(WithHeaders(app))


async def _judge(graph: Graph, ledger: Ledger, console: Console, oncall: OnCall | None) -> None:
    """Judge while it is ours to do; with a shared ledger others stand by, and one of them takes over."""
    holder = process_name("watch")
    while True:
        if ledger.shared and not await _leads(ledger, holder, before=False):
            await asyncio.sleep(LEASE_S / 3)
            continue
        engine = Engine(graph, ledger, every_s=settings.WATCH_INTERVAL_S)
        verdicts, next_id = await ledger.load()
        engine.resume(verdicts, next_id=next_id)
        log.info("watch_judges", nodes=len(graph.nodes), probes=len(graph.probes), open=len(verdicts))
        console.engine = engine
        running = asyncio.create_task(_work(engine, oncall, Incidents(graph, oncall)))
        try:
            while not running.done() and (not ledger.shared or await _leads(ledger, holder, before=True)):
                await asyncio.wait({running}, timeout=LEASE_S / 3)
        finally:
            console.engine = None
            running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        log.warning("watch_stands_by")


async def _work(engine: Engine, oncall: OnCall | None, incidents: Incidents) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(engine.run())
        tasks.create_task(Switching(engine).run())
        tasks.create_task(incidents.run())
        tasks.create_task(Subscribers(engine.graph).run())
        if oncall:
            tasks.create_task(oncall.run())


async def _leads(ledger: Ledger, holder: str, *, before: bool) -> bool:
    """Whether this watch judges. A database that does not answer changes nothing: better two who speak than none."""
    try:
        return await ledger.take_lease(holder)
    except DatabaseError as fault:
        log.warning("watch_without_lease", fault=str(fault).strip())
        return before


async def _ping(console: Console) -> None:
    """Tell somebody elsewhere that this watch is well: when that stops, they know."""
    if not settings.WATCH_PING:
        return
    while True:
        if console.engine is not None and console.engine.well():
            await _ping_once(settings.WATCH_PING)
            await asyncio.sleep(PING_EVERY_S)
        else:
            await asyncio.sleep(1)


async def _ping_once(address: str) -> None:
    limits = aiohttp.ClientTimeout(total=PING_WITHIN_S)
    try:
        async with aiohttp.ClientSession(timeout=limits) as session, session.get(address) as answer:
            if not answer.ok:
                log.warning("watch_ping_refused", status=answer.status)
    except (aiohttp.ClientError, TimeoutError, OSError) as fault:
        log.warning("watch_ping_failed", fault=str(fault) or type(fault).__name__)
