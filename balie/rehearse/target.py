"""A rehearsal on an installation that runs already, on loopback, and whose next campaign opens soon.

It needs that installation's own environment, BALIE_SECRET_KEY[_FILE] and DATABASE_URL, to mint passes and to read what
practices have prepared. Faults need an installation of our own.
"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from balie.rehearse.cast import Member
from balie.rehearse.judge.sampling import Sampler
from balie.rehearse.judge.stored import read_stored
from balie.rehearse.judge.verdict import Evidence, judge
from balie.rehearse.load import EARLY_PART, Night, Plan, play_night
from balie.rehearse.rehearsal import Outcome, Progress, Say, Wish, make_plan, wait_for_mail, wait_for_sleepers

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class TargetError(Exception):
    """The target cannot be rehearsed on; the text says why, and what would do."""


def rehearse_target(wish: Wish, *, url: str, judge_dsn: str | None, say: Say, progress: Progress) -> Outcome:
    """Play and judge the next opening of the installation at `url`, which stays."""
    if wish.faults:
        raise TargetError("Faults need an installation of our own: leave --target or --fault out.")
    if wish.groups > 1:
        raise TargetError("The target's campaign has groups of its own: leave --groups out.")
    if urlsplit(url).hostname not in LOOPBACK:
        raise TargetError(f"{url} is not on loopback; nothing else is ever rehearsed on.")
    began_at, began = datetime.now(UTC), time.monotonic()
    say("Reading who is ready")
    night = Night()
    plan, members, night.log.asleep = _read_target(wish, url.rstrip("/"))
    dsn = judge_dsn or os.environ["DATABASE_URL"]
    say("Playing the night")
    with Sampler(dsn, plan.campaign) as sampler:
        asyncio.run(_play(members, plan, night, dsn=dsn, progress=progress))
    say("Judging")
    evidence = Evidence(
        stored=read_stored(dsn, plan.campaign),
        log=night.log,
        draw=night.draw,
        accepted=None,
        oversold_on_the_way=frozenset(sampler.oversold),
        generator=night.generator,
    )
    took = time.monotonic() - began
    return Outcome(
        report=judge(evidence), plan=plan, night=night, sampler=sampler, began_at=began_at, duration_s=took, windows=[]
    )


async def _play(members: list[Member], plan: Plan, night: Night, *, dsn: str, progress: Progress) -> None:
    await play_night(members, plan, night, progress=progress)
    await wait_for_sleepers(dsn, plan.campaign, night.log.asleep)
    await wait_for_mail(dsn)


def _read_target(wish: Wish, url: str) -> tuple[Plan, list[Member], set[int]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "balie.settings")
    import django

    django.setup()
    from balie.ordering.models import Campaign
    from balie.rehearse.filling import mint_cast, who_sleeps

    campaign = Campaign.objects.filter(opens_at__gt=datetime.now(UTC)).order_by("opens_at").first()
    if campaign is None:
        raise TargetError("No campaign of the target has its opening still to come.")
    left = (campaign.opens_at - datetime.now(UTC)).total_seconds()
    if left < wish.arrivals_s * EARLY_PART:
        raise TargetError(
            f"The campaign opens in {left:.0f} s; with --arrivals {wish.arrivals_s:.0f} that is too soon."
        )
    members = mint_cast(campaign, practices=wish.practices)
    if len(members) < wish.practices:
        raise TargetError(f"Only {len(members)} practices of the target have prepared an order.")
    # As many again may wait there already; and whoever lets a whole window pass begins another.
    calling_s = 60 * 2 * wish.practices / campaign.room.pace + 2 * campaign.window_s
    plan = make_plan(
        wish,
        campaign=campaign.pk,
        opens_at=campaign.opens_at.timestamp(),
        calling_s=calling_s,
        upstreams={role: [url] for role in ("live", "streams", "pages")},
        origin=url,
    )
    return plan, members, who_sleeps(campaign, members)
