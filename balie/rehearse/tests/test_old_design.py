"""The harm without the cure: the design of 2024 meets a slow mail server, and the judge says what it broke."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from aiohttp.test_utils import TestServer

from balie.rehearse.cast import Habits, Member, PreparedLine, Tempo
from balie.rehearse.judge.evidence import AcceptedMail
from balie.rehearse.judge.stored import read_stored
from balie.rehearse.judge.verdict import Evidence, judge
from balie.rehearse.load import Night, Plan, play_night
from balie.rehearse.tests.judge_tables import make_judge_tables
from balie.rehearse.tests.old_design import OldDesign

PRACTICES = 12
WELL_BEHAVED = Habits(lapse=0, last_moment=0, replace=0, release=0, double_click=0, by_day=0, compute=0, repeat=0)


@asynccontextmanager
async def office(dsn: str, **manner) -> AsyncIterator[tuple[OldDesign, str]]:
    make_judge_tables(dsn)
    old = OldDesign(dsn, window_s=3.0, **manner)
    async with TestServer(old.app()) as server, asyncio.TaskGroup() as tasks:
        tasks.create_task(old.open())
        yield old, str(server.make_url("")).rstrip("/")


async def night_at(dsn: str, **manner) -> dict:
    members = [
        Member(
            practice=n,
            cookie="pass",
            lines=[PreparedLine(product=1, location=n, doses=10)],
            ranking=[date(2027, 10, 12)],
        )
        for n in range(1, PRACTICES + 1)
    ]
    night = Night()
    async with office(dsn, **manner) as (old, url):
        plan = Plan(
            campaign=1,
            upstreams={"live": [url], "streams": [url], "pages": [url]},
            origin=url,
            opens_at=old.opens_at,
            arrivals_s=1.5,
            deadline_s=10,
            tempo=Tempo(think_s=(0.05, 0.3), patience_s=10),
            habits=WELL_BEHAVED,
            watchers=1,
        )
        await play_night(members, plan, night)
        await old.close_books()
    accepted = [AcceptedMail(message_id=message_id, recipient="a@b", at=at) for message_id, at in old.accepted]
    return judge(Evidence(stored=read_stored(dsn, 1), log=night.log, draw=night.draw, accepted=accepted))


async def test_slow_mail_breaks_the_old_design_and_the_judge_says_how(installation):
    report = await night_at(installation.dsn, mail_s=0.5, room=3)
    assert report["verdict"] == "fail"
    assert {"wrongly_expired", "oversold_days"} <= set(report["failed"])


async def test_with_quick_mail_and_room_enough_the_same_office_harms_nobody(installation):
    """The control: it is the mail that breaks it, and the judge does not fail whatever it sees."""
    report = await night_at(installation.dsn, mail_s=0.001, room=PRACTICES)
    assert (report["verdict"], report["failed"]) == ("pass", [])
    assert report["orders"]["acknowledged"] == PRACTICES
