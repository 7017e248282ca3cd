"""What `balie watch` says about who is woken, before it begins."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from balie.cli.faults import CommandError

AHEAD_DAYS = 14


def find_team() -> Path | None:
    """The team's file, read once to be sure of it; None where nobody is to be woken."""
    from django.conf import settings

    from balie.ops.oncall.team import TeamError, load_team

    if not settings.ONCALL:
        return None
    try:
        load_team(Path(settings.ONCALL))
    except TeamError as fault:
        raise CommandError(str(fault)) from None
    return Path(settings.ONCALL)


def check_team() -> None:
    """Say what is wrong with the rotas: shifts without anybody, and channels that nobody confirmed."""
    from balie.ops.oncall.team import load_team

    path = find_team()
    if path is None:
        print("Nobody is woken: BALIE_ONCALL is not set.")
        return
    team = load_team(path)
    now = datetime.now(UTC)
    gaps = [
        f"{path}: rota {key}: nobody is on call from {begin:%d-%m-%Y %H.%M} to {end:%d-%m-%Y %H.%M}"
        for key, rota in team.rotas.items()
        for begin, end in rota.gaps(now, now + timedelta(days=AHEAD_DAYS))
    ]
    untested = [
        f"{path}: rota {key} is refused: {person.name} has not confirmed the channel {channel.name}"
        for key, lacking in team.refused(_confirmed()).items()
        for person, channel in lacking
    ]
    if faults := [*gaps, *untested]:
        raise CommandError("\n".join(faults))
    print(f"The rotas are right: {len(team.members())} people, somebody on call for the next {AHEAD_DAYS} days.")


def _confirmed() -> set[str]:
    """Read only; there is nothing to read before the first `balie watch`."""
    from django.db import DatabaseError

    from balie.ops.oncall.paging import confirmed

    try:
        return confirmed()
    except DatabaseError:
        return set()
