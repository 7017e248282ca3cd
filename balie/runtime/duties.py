"""Duties: loops of `balie work`. One that must be single holds a lease; all of them survive a lost database."""

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable

import psycopg
import structlog

from balie.runtime.hot import Connection, advance_clock, beat, connect, drop_lease, fetch_one, take_lease

log = structlog.get_logger()

CLOCK_INTERVAL_S = 0.5
BEAT_INTERVAL_S = 1.0
RECONNECT_S = 0.5
# A database that died without a word (a machine lost its power) leaves a connection that is silent for a quarter of an
# hour. Whoever waits longer than this for it begins again on a new one.
TURN_WITHIN_S = 5.0

# The service is well while at least one process of the hot paths has said so in the last three seconds. An
# installation that has never had one (a fresh database, a test) is not ill.
LIVE_IS_WELL = """
select coalesce(max(beat_at) > clock_timestamp() - interval '3 seconds', true)
  from runtime_heartbeat where role = 'live'
"""
FORGET_OLD_BEATS = "delete from runtime_heartbeat where beat_at < clock_timestamp() - interval '1 day'"

SharedAct = Callable[[Connection], Awaitable[object]]
SingleAct = Callable[[Connection, int], Awaitable[object]]


def process_name(role: str) -> str:
    """A name for this process that no other has. Role, host and process id are for people; containers may share all
    three, and two owners of one lease would both lead, so chance makes it unique.
    """
    return f"{role}@{socket.gethostname()}:{os.getpid()}-{secrets.token_hex(3)}"


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait for that long, or until the process must stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def repeat(
    *,
    dsn: str,
    name: str,
    interval_s: float,
    act: SharedAct,
    stop: asyncio.Event,
    within_s: float = TURN_WITHIN_S,
) -> None:
    """Do `act` every `interval_s` on a connection of its own, and begin again after whatever went wrong.

    An act that fails, or takes longer than `within_s`, is logged and tried again at the next turn; one failing act
    never ends the process, since the other duties go on beside it.
    """
    while not stop.is_set():
        try:
            async with asyncio.timeout(TURN_WITHIN_S):
                conn = await connect(dsn, name=name)
            async with conn:
                while not stop.is_set():
                    async with asyncio.timeout(within_s):
                        await act(conn)
                    await pause(stop, interval_s)
        except (psycopg.OperationalError, TimeoutError) as fault:
            log.warning("duty_without_database", duty=name, fault=str(fault).strip() or type(fault).__name__)
        except Exception:
            log.exception("duty_failed", duty=name)
        await pause(stop, RECONNECT_S)


async def repeat_single(
    *,
    dsn: str,
    duty: str,
    owner: str,
    interval_s: float,
    lease_s: float,
    act: SingleAct,
    stop: asyncio.Event,
    within_s: float = TURN_WITHIN_S,
) -> None:
    """As `repeat`, but only while this process holds the lease of the duty; `act` gets the fence."""

    async def act_with_lease(conn: Connection) -> None:
        fence = await take_lease(conn, duty=duty, owner=owner, seconds=lease_s)
        if fence is None:
            return
        await act(conn, fence)
        if stop.is_set():
            await drop_lease(conn, duty=duty, owner=owner)

    await repeat(dsn=dsn, name=duty, interval_s=interval_s, act=act_with_lease, stop=stop, within_s=within_s)


async def tick_clock(conn: Connection, fence: int) -> None:
    """One tick of the service clock, unless the hot paths are ill: then it stands, and every window with it."""
    if (await fetch_one(conn, LIVE_IS_WELL))[0]:
        await advance_clock(conn, fence=fence)


def beat_as(process: str, role: str) -> SharedAct:
    """An act that says this process lives."""

    async def act(conn: Connection) -> None:
        await beat(conn, process=process, role=role, detail={})
        await conn.execute(FORGET_OLD_BEATS)

    return act
