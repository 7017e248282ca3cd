"""Within which time a team answers: what one gets who asks it, and chooses nothing else."""

from typing import Annotated, Final

import msgspec

from balie.consult.logbook import Entry, write_log
from balie.consult.protocol.payloads import Name
from balie.consult.teams import administered
from balie.lib.problems import Problem
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

OFFERED: Final = "select from consult_agreement where code = %s and offered"
KEEP: Final = "update consult_team_name set agreement_id = %s where group_id = %s"


class AgreeBody(msgspec.Struct, frozen=True):
    """`agreement`: null for what everybody gets."""

    team: Name
    agreement: Annotated[str, msgspec.Meta(min_length=1, max_length=32)] | None


async def agree(conn: Connection, held: Pass, body: AgreeBody) -> None:
    """As one who administers the team, which has a name. Raises Problem. Questions that were asked keep their time."""
    async with conn.transaction():
        if held.practice is None:
            raise Problem("not_found")
        by = await administered(conn, held, body.team)
        if body.agreement and await (await conn.execute(OFFERED, (body.agreement,))).fetchone() is None:
            raise Problem("bad_request", errors=[{"at": "agreement", "code": "unknown"}])
        if (await conn.execute(KEEP, (body.agreement, by.team))).rowcount == 0:
            raise Problem("rejected", errors=[{"at": "team", "code": "nameless"}])
        await write_log(conn, by.author, [Entry(by.team, "agreed", {"agreement": body.agreement})])
