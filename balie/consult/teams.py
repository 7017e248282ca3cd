"""Teams for whoever writes to one: what they are called, who is in them, and the keys that count now."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from balie.consult import hot
from balie.consult.hot import EventRow
from balie.consult.intake.groups import read_acts
from balie.consult.logbook import Entry, write_log
from balie.consult.protocol.membership import replay
from balie.consult.protocol.payloads import Name
from balie.lib.problems import Problem
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

NAME_MOST = 80
LISTED_MOST = 100
BODY_MOST = 1024

LIST = "select team, name, practice from consult_teams_v2(%s, %s, %s, %s)"
READ = "select name, practice, for_patients, reached, feeds from consult_of_team_v3(%s, %s, %s, %s, %s)"
AUTHOR = "select id from consult_identity where person_id = %s and known <> ''"
LOCK = "select id from consult_group where name = %s and kind = 'team' and consult_belongs_v1(id, %s) for no key update"
KEEP = """
insert into consult_team_name as n (group_id, name, practice_id, for_patients)
values (%(group)s, %(name)s, %(practice)s, coalesce(%(patients)s, false))
on conflict (group_id) do update
   set name = excluded.name, practice_id = excluded.practice_id,
       for_patients = coalesce(%(patients)s, n.for_patients and n.practice_id = excluded.practice_id)
"""
INSTEAD = "update consult_team_name set for_patients = false where practice_id = %s and for_patients and group_id <> %s"


class TeamQuery(msgspec.Struct, frozen=True):
    team: Name
    after: Annotated[int, msgspec.Meta(ge=0, le=10**18)] = 0


class TeamsQuery(msgspec.Struct, frozen=True):
    find: Annotated[str, msgspec.Meta(max_length=NAME_MOST)] = ""


class TeamBody(msgspec.Struct, frozen=True):
    """What a team is called from now on, for everybody who can write to it. `patients`: whether those of the practice
    may, to this team instead of another; without it that stays as it is.
    """

    team: Name
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_MOST, pattern=r"^\S(.*\S)?\Z")]
    patients: bool | None = None


async def read_teams(conn: Connection, held: Pass, find: str) -> dict[str, Any]:
    """Teams with this in their name or that of their practice; those of one's own practice first. To patients those of
    their practices that are for them.
    """
    rows = await (await conn.execute(LIST, (held.person, held.practice, find, LISTED_MOST))).fetchall()
    return {"teams": [{"team": team, "name": name, "practice": practice} for team, name, practice in rows]}


async def read_team(conn: Connection, held: Pass, asked: TeamQuery, *, most: int) -> dict[str, Any] | None:
    """A page of what whoever seals to this team must know; None when they cannot write to it."""
    asks = (held.person, held.practice, asked.team, asked.after, most)
    row = await (await conn.execute(READ, asks, prepare=True)).fetchone()
    if row is None:
        return None
    name, practice, for_patients, reached, feeds = row
    events: list[EventRow] = await hot.read_events(conn, held.person, feeds) if feeds else []
    more = len(feeds) == most
    return {
        "team": asked.team,
        "name": name,
        "practice": practice,
        "for_patients": for_patients,
        "events": [each.content() for each in events],
        "after": feeds[-1] if more else max(reached, asked.after),
        "more": more,
    }


@dataclass(frozen=True)
class Administered:
    """A team (its row), and who administers it."""

    team: int
    author: str


async def administered(conn: Connection, held: Pass, team: str) -> Administered:
    """The team, locked, of which the holder is an administrator. Raises Problem."""
    author = await (await conn.execute(AUTHOR, (held.person,))).fetchone()
    found = await (await conn.execute(LOCK, (team, held.person))).fetchone()
    if author is None or found is None:
        raise Problem("not_found")
    acts = [each.act for each in await read_acts(conn, team)]
    members = (await asyncio.to_thread(replay, team, acts)).members
    if members.get(f"person:{author[0]}") != "admin":
        raise Problem("rejected", errors=[{"at": "team", "code": "not-allowed"}])
    return Administered(found[0], author[0])


async def name_team(conn: Connection, held: Pass, body: TeamBody) -> None:
    """Give a team its name, as one who administers it. Raises Problem."""
    async with conn.transaction():
        by = await administered(conn, held, body.team)
        if body.patients and held.practice is None:
            raise Problem("rejected", errors=[{"at": "patients", "code": "not-allowed"}])
        if body.patients:
            await conn.execute(INSTEAD, (held.practice, by.team))
        said = {"group": by.team, "name": body.name, "practice": held.practice, "patients": body.patients}
        await conn.execute(KEEP, said)
        detail = {"name": body.name} | ({} if body.patients is None else {"patients": body.patients})
        await write_log(conn, by.author, [Entry(by.team, "named", detail)])
