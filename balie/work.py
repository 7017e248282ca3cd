"""`balie work`: every duty that nobody waits for. Any number of these may run; single duties go by lease.

Duties share nothing but the process: each has a connection of its own, and one that fails or stalls (mail, say) leaves
the others alone.
"""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog
from django.conf import settings
from django.db import connections

from balie.consult.client.transport import Transport, http_transport
from balie.consult.consultations import telling as consultations
from balie.consult.consultations.telling import CONSULTATION_LATE, CONSULTATION_SOON
from balie.consult.econsults import telling as econsults
from balie.consult.installed import key_log, token_issuer
from balie.consult.keylog import rooting
from balie.consult.keylog.cosigning import INTERVAL_S as COSIGN_INTERVAL_S
from balie.consult.keylog.cosigning import LEASE_S as COSIGN_LEASE_S
from balie.consult.keylog.cosigning import Cosigning
from balie.consult.record import telling as erasures
from balie.consult.reserves import telling as reserves
from balie.consult.unread import INTERVAL_S as UNREAD_INTERVAL_S
from balie.consult.unread import UNREAD_MAIL, render_unread, tell_unread
from balie.mail.sending import run_sender
from balie.ordering import alerting, swapping
from balie.ordering import forgetting as probes
from balie.ordering import hot as ordering
from balie.ordering.chasing import INTERVAL_S as CHASE_INTERVAL_S
from balie.ordering.chasing import WASTAGE_DUE, chase_wastage, render_wastage_due
from balie.ordering.clock import tick_or_catch_up
from balie.ordering.models import (
    MISSED,
    NOT_PLACED,
    OFFER_LAPSED,
    ORDER_CANCELLED,
    ORDER_CHANGED,
    ORDER_CONFIRMATION,
    ORDER_PLACED,
    PRE_ALERT,
    REQUEST_REFUSED,
    SWAP_LAPSED,
    WISH_LAPSED,
    WISH_OFFERED,
)
from balie.ordering.placing import PLACING_INTERVAL_S, Placing, gather_sleepers, tell_missed
from balie.ordering.services.forecast import refresh_forecasts
from balie.ordering.services.letters import (
    render_offer_lapsed,
    render_order_cancelled,
    render_order_changed,
    render_pre_alert,
    render_request_refused,
    render_swap_lapsed,
    render_wish_lapsed,
    render_wish_offered,
)
from balie.ordering.services.receipts import (
    render_order_confirmation,
    render_prepared_missed,
    render_prepared_not_placed,
)
from balie.ordering.services.sms import text_missed, text_not_placed, text_placed
from balie.practices import forgetting
from balie.practices.functions import duty as functions
from balie.practices.functions.mails import FUNCTION_SWITCHED, render_function_switched
from balie.practices.importing import duty as importing
from balie.practices.webhooks import sending as webhooks
from balie.practices.webhooks.sending import Postman
from balie.runtime.duties import (
    BEAT_INTERVAL_S,
    CLOCK_INTERVAL_S,
    TURN_WITHIN_S,
    SharedAct,
    SingleAct,
    beat_as,
    process_name,
    repeat,
    repeat_single,
)
from balie.runtime.hot import Connection, fetch_one
from balie.runtime.metrics import CLOCK_STILL, MAIL_AGE, MAILS_DUE
from balie.runtime.spans import OpenSpan, no_span
from balie.sms.sending import run_texter
from balie.waitingroom.night import NIGHT_INTERVAL_S, Night

log = structlog.get_logger()

CLOCK_LEASE_S = 1.5  # so that another leader ticks before the clock stands still
NIGHT_LEASE_S = 3.0
NIGHT_WITHIN_S = 20.0  # a beacon that hesitates, and five thousand numbers in a slow database
PLACING_LEASE_S = 3.0
SWEEP_INTERVAL_S = 0.5
# Longer than the ten seconds a request may take: a click that was in time is settled before its hold is swept.
SWEEP_GRACE_S = 12
SWEEP_LIMIT = 200
PLACE_INTERVAL_S = 10.0
MISSED_INTERVAL_S = 5.0
FORECAST_INTERVAL_S = 10.0
FORECAST_LEASE_S = 30.0
FORECAST_WITHIN_S = 60.0
MEASURE_INTERVAL_S = 5.0
# Looking up a name takes a thread, for as long as a name server hesitates: mails alone may do so twenty at a time, and
# again when they try again, while the draw, the forecast and new connections to the database need a thread too.
THREADS_MOST = 100

RENDERERS = {
    ORDER_CONFIRMATION: render_order_confirmation,
    ORDER_CANCELLED: render_order_cancelled,
    ORDER_CHANGED: render_order_changed,
    REQUEST_REFUSED: render_request_refused,
    SWAP_LAPSED: render_swap_lapsed,
    PRE_ALERT: render_pre_alert,
    WISH_OFFERED: render_wish_offered,
    OFFER_LAPSED: render_offer_lapsed,
    WISH_LAPSED: render_wish_lapsed,
    WASTAGE_DUE: render_wastage_due,
    NOT_PLACED: render_prepared_not_placed,
    MISSED: render_prepared_missed,
    UNREAD_MAIL: render_unread,
    CONSULTATION_SOON: consultations.render_consultation_soon,
    CONSULTATION_LATE: consultations.render_consultation_late,
    erasures.ERASURE_SOON: erasures.render_erasure_soon,
    econsults.ECONSULT_LATE: econsults.render_econsult_late,
    reserves.RESERVE_DUE: reserves.render_reserve_due,
    FUNCTION_SWITCHED: render_function_switched,
}
TEXTS = {ORDER_PLACED: text_placed, NOT_PLACED: text_not_placed, MISSED: text_missed}


async def sweep(conn: Connection) -> None:
    """Give back what lapsed; the calendars show it within half a second."""
    await ordering.sweep(conn, grace_s=SWEEP_GRACE_S, limit=SWEEP_LIMIT)


async def place(conn: Connection) -> None:
    """Practices that are new get their place in the groups of a campaign."""
    await ordering.place_practices(conn, again=False)


async def measure(conn: Connection) -> None:
    """What only the database knows, for whoever reads our metrics."""
    due, oldest_s, still = await fetch_one(conn, "select due, oldest_s, service_still() from watch.outbox")
    MAILS_DUE.set(due)
    MAIL_AGE.set(oldest_s)
    CLOCK_STILL.set(still)


async def work_on_imports(conn: Connection, *, worker: str, stop: asyncio.Event) -> None:
    """What the organiser imports may put practices into another group."""
    if await importing.work_on_imports(conn, worker=worker, stop=stop):
        await ordering.place_practices(conn, again=True)


async def forecast(_conn: Connection, _fence: int) -> None:
    """The ORM is synchronous and the play takes a while: in a thread, so that the clock goes on ticking."""
    await asyncio.to_thread(_forecast)


def _forecast() -> None:
    try:
        refresh_forecasts()
    finally:
        connections.close_all()  # those of this thread: the next forecast may get another


def find_cosigning(transport: Transport) -> Cosigning | None:
    """Where there is a key log."""
    found, issuer = key_log(), token_issuer()
    return Cosigning(found, settings.KEY_SERVERS, issuer, transport) if found and issuer else None


def open_span() -> OpenSpan:
    """What opens a span, where traces are kept."""
    if not settings.TRACES:
        return no_span
    from balie.runtime.tracing import start  # noqa: PLC0415 - where nothing is traced, nothing of it is loaded

    return start("work", settings.TRACES).span


async def work(stop: asyncio.Event) -> None:
    """All duties, until `stop`."""
    dsn, me, spans = settings.DATABASE_URL, process_name("work"), open_span()
    night = Night(beacon_url=settings.BEACON_URL, gather=gather_sleepers)
    log.info("work_begins", process=me)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS_MOST, "work"))
    async with http_transport(origin=settings.ORIGINS[0]) as transport, asyncio.TaskGroup() as duties:

        def shared(name: str, act: SharedAct, *, interval_s: float, within_s: float = TURN_WITHIN_S) -> None:
            duties.create_task(repeat(dsn=dsn, name=name, interval_s=interval_s, act=act, stop=stop, within_s=within_s))

        def single(
            duty: str, act: SingleAct, *, interval_s: float, lease_s: float, within_s: float = TURN_WITHIN_S
        ) -> None:
            duties.create_task(
                repeat_single(
                    dsn=dsn,
                    duty=duty,
                    owner=me,
                    interval_s=interval_s,
                    lease_s=lease_s,
                    act=act,
                    stop=stop,
                    within_s=within_s,
                )
            )

        single("clock", tick_or_catch_up, interval_s=CLOCK_INTERVAL_S, lease_s=CLOCK_LEASE_S)
        single("night", night.act, interval_s=NIGHT_INTERVAL_S, lease_s=NIGHT_LEASE_S, within_s=NIGHT_WITHIN_S)
        single("placing", Placing(spans).act, interval_s=PLACING_INTERVAL_S, lease_s=PLACING_LEASE_S)
        single(
            "forecast",
            forecast,
            interval_s=FORECAST_INTERVAL_S,
            lease_s=FORECAST_LEASE_S,
            within_s=FORECAST_WITHIN_S,
        )
        if cosigning := find_cosigning(transport):
            single("key log", cosigning.act, interval_s=COSIGN_INTERVAL_S, lease_s=COSIGN_LEASE_S)
            single("log roots", rooting.publish_root, interval_s=rooting.INTERVAL_S, lease_s=rooting.LEASE_S)
        shared("sweep", sweep, interval_s=SWEEP_INTERVAL_S)
        shared("place", place, interval_s=PLACE_INTERVAL_S)
        shared("serve swaps", swapping.serve_swaps, interval_s=swapping.INTERVAL_S)
        shared("tidy swaps", swapping.tidy_swaps, interval_s=swapping.TIDY_INTERVAL_S)
        shared("tell alerts", alerting.tell_alerts, interval_s=alerting.INTERVAL_S)
        shared("chase wastage", chase_wastage, interval_s=CHASE_INTERVAL_S)
        shared("tell missed", tell_missed, interval_s=MISSED_INTERVAL_S)
        if quiet_s := 60 * settings.UNREAD_MAIL_MINUTES:
            shared("tell unread", partial(tell_unread, quiet_s=quiet_s), interval_s=UNREAD_INTERVAL_S)
        shared("tell consultations", consultations.tell_consultations, interval_s=consultations.INTERVAL_S)
        shared("tell erasures", erasures.tell_erasures, interval_s=erasures.INTERVAL_S)
        shared("tell econsults", econsults.tell_econsults, interval_s=econsults.INTERVAL_S)
        shared("tell reserves", reserves.tell_reserves, interval_s=reserves.INTERVAL_S)
        shared("beat", beat_as(me, "work"), interval_s=BEAT_INTERVAL_S)
        shared("measure", measure, interval_s=MEASURE_INTERVAL_S)
        import_files = partial(work_on_imports, worker=me, stop=stop)
        shared("imports", import_files, interval_s=importing.INTERVAL_S, within_s=importing.WITHIN_S)
        shared("forget imports", importing.forget_old_imports, interval_s=importing.FORGET_INTERVAL_S)
        shared("end what is over", functions.end_what_is_over, interval_s=functions.INTERVAL_S)
        shared("follow hours", functions.follow_hours, interval_s=functions.HOURS_INTERVAL_S)
        shared("forget calls", functions.forget_calls, interval_s=functions.FORGET_INTERVAL_S)
        shared("webhooks", Postman(me).act, interval_s=webhooks.INTERVAL_S)
        shared("forget logins", forgetting.forget_old_logins, interval_s=forgetting.INTERVAL_S)
        shared("forget probes", probes.forget_probes, interval_s=probes.INTERVAL_S)
        sender = run_sender(dsn=dsn, smtp_url=settings.SMTP_URL, renderers=RENDERERS, stop=stop, open_span=spans)
        duties.create_task(sender)
        duties.create_task(run_texter(dsn=dsn, url=settings.SMS_URL, renderers=TEXTS, stop=stop))
    log.info("work_ended", process=me)


async def main() -> None:
    """`work` until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await work(stop)
