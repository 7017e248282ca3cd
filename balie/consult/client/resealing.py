"""Sealing again since there is a newer suite (`docs/spec/consult/teams.md`, "Sealing again"): what is left is what the
server's copies say, so it goes on wherever it stopped.
"""

from collections.abc import Callable

from balie.consult.client.application import ProblemError, stated
from balie.consult.client.keyrings import Keyring, next_generation
from balie.consult.client.talk import NoKeyError, NotAMemberError, Talk
from balie.consult.client.world import NOT_FOUND, World
from balie.consult.protocol import persons, suite


async def reseal(talk: Talk, keep: Callable[[Keyring], None]) -> int:
    """All that can be sealed again now: one's own key, those of one's teams, and what was sealed to members who have a
    newer one. Returns how many copies were made. `keep` has a new keyring on the disk before it returns.
    """
    if suite.CURRENT == suite.FIRST:
        return 0
    await _advance(talk, keep)
    await talk.renew_due()
    for team in list(talk.world.outside):
        await talk.world.team(team, again=True)
    left = await talk.world.application.resealing()
    return sum([await _again(talk, group) for group in left.groups if group in talk.world.groups])


async def _advance(talk: Talk, keep: Callable[[Keyring], None]) -> None:
    """A key of one's own of the current suite, under the key of the box that there was: every door goes on opening. It
    is kept before anybody hears of it, and told again when a start finds that nobody did.
    """
    world = talk.world
    if world.keyring.known.suite < suite.CURRENT:
        newer = next_generation(world.keyring, at=talk.wall(), key=world.keyring.key)
        keep(newer)
        world.keyring = newer
    about = await world.application.person(world.keyring.person)
    if world.keyring.known.name not in {each.statement.name for each in about.events if each.statement}:
        await _keep_keyset(world)
        await world.application.post(stated(persons.TYP, world.keyring.history[-1]))
        await world.refresh()


async def _keep_keyset(world: World) -> None:
    """At the application too, where it is kept."""
    try:
        kept = await world.application.keyset()
    except ProblemError as problem:
        if problem.code != NOT_FOUND:
            raise
    else:
        await world.application.keep_keyset(version=kept.version + 1, keyset=world.keyring.box(), wraps=kept.wraps)


async def _again(talk: Talk, group: str) -> int:
    """What others did, or what cannot be done now, is left to the next time."""
    try:
        return await talk.seal_again(talk.world.groups[group])
    except (NoKeyError, NotAMemberError, ProblemError):
        return 0
