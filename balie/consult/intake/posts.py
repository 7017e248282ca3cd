"""A post of statements: all of them are kept, or none, each judged after the ones before it."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec
from psycopg.errors import UniqueViolation

from balie.consult.intake import persons
from balie.consult.intake.group_keys import take_group_key
from balie.consult.intake.membership import take_act
from balie.consult.intake.post import Post, numbers
from balie.consult.intake.reserves import take_reserve
from balie.consult.intake.stated import Mentioned, Refused, Stated, StatementBody, read_stated
from balie.consult.protocol import approvals, devices, group_keys, membership, passkeys, reserve, shares
from balie.consult.protocol.persons import TYP as PERSON_KEY_TYP
from balie.consult.protocol.reasons import Rejected
from balie.lib.problems import Problem
from balie.runtime.batcher import LOST_A_RACE
from balie.runtime.hot import Connection
from balie.runtime.link import AwayError

FEEDS = "select id, feed from consult_statement where id = any(%s::bigint[])"
TAKERS: Final[dict[str, Callable[[Post, Stated], Awaitable[int]]]] = {
    PERSON_KEY_TYP: persons.take_person_key,
    devices.TYP: persons.take_device,
    devices.REVOKED_TYP: persons.take_device_revoked,
    shares.TYP: persons.take_share_set,
    passkeys.TYP: persons.take_passkey,
    passkeys.REVOKED_TYP: persons.take_passkey_revoked,
    approvals.TRUSTEES_TYP: persons.take_trustees,
    membership.TYP: take_act,
    group_keys.TYP: take_group_key,
    reserve.TYP: take_reserve,
}


class Stored(msgspec.Struct, frozen=True):
    """A statement that is kept, and its number in the feed."""

    name: str
    feed: int


async def take_post(conn: Connection, person: int, bodies: Sequence[StatementBody]) -> list[Stored]:
    """Keep what this person posts; answers in the order asked. Raises Problem, and AwayError when races go on."""
    statements, mentioned = [], Mentioned()
    for at, body in enumerate(bodies):
        with _refusals(at):
            statements.append(read_stated(body))
            mentioned.add(statements[-1])
    try:
        return await _take(conn, person, statements, mentioned)
    except (*LOST_A_RACE, UniqueViolation):  # of two who post the same for the first time, one finds it kept
        pass
    try:
        return await _take(conn, person, statements, mentioned)
    except LOST_A_RACE as fault:
        raise AwayError from fault


async def _take(conn: Connection, person: int, statements: Sequence[Stated], mentioned: Mentioned) -> list[Stored]:
    async with conn.transaction():
        post = Post(conn, person)
        await post.begin(mentioned)
        kept = []
        for at, stated in enumerate(statements):
            with _refusals(at):
                kept.append(await post.stored(stated) or await TAKERS[stated.typ](post, stated))
        await post.number()
        feeds: dict[int, int] = dict(await (await conn.execute(FEEDS, (numbers(kept),))).fetchall())
    return [Stored(stated.name, feeds[pk]) for stated, pk in zip(statements, kept, strict=True)]


@contextmanager
def _refusals(at: int) -> Iterator[None]:
    """Say which statement it is about."""
    try:
        yield
    except Rejected as fault:
        raise Problem("rejected", errors=[{"at": f"statements[{at}]", "code": fault.reason}]) from None
    except Refused as fault:
        raise Problem(fault.code, errors=[{"at": f"statements[{at}]", "code": fault.why}]) from None
