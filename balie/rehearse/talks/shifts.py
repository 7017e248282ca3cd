"""People who begin a shift on a profile that knows nothing, with a security key: a door that needs no key server.

The other such door, a recovery card, is left to the tests of the client: this side's library stretches its words for
seconds, and holds everybody up meanwhile.
"""

from __future__ import annotations

import time

import msgspec

from balie.consult.client.application import About, Application, ProblemError, Wrapped, stated
from balie.consult.client.device import make_device, state_device
from balie.consult.client.doors import open_with_passkey
from balie.consult.client.keyrings import Keyring, new_secret
from balie.consult.client.releasing import Public
from balie.consult.client.talk import Outgoing, Talk
from balie.consult.client.transport import UnreachableError
from balie.consult.client.world import World
from balie.consult.protocol import devices, persons, shares
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.unlocking import wrap
from balie.rehearse.measure import Clock

NURSES = 3
METHOD, KEY_ID = "passkey", "security-key"


class Shift(msgspec.Struct):
    """`read`: messages of the conversation that could be read at once; `wrote` is empty where it failed."""

    person: int
    conversation: str
    began_at: float
    ended_at: float
    failed: str
    read: list[str]
    wrote: str


class SecurityKey:
    """One that its owner carries. `secret` is what its PRF gives for them."""

    def __init__(self) -> None:
        self._secret = new_secret()

    async def register(self, application: Application, keyring: Keyring) -> None:
        """Beside whatever doors there are."""
        kept = await application.keyset()
        mine = Wrapped(METHOD, KEY_ID, wrap("passkey", keyring.person, self._secret, keyring.key))
        await application.keep_keyset(version=kept.version + 1, keyset=kept.keyset, wraps=(*kept.wraps, mine))

    async def open(self, application: Application, person: str) -> Keyring:
        """With nothing but this and the login."""
        kept, public = await application.keyset(), _public(await application.person(person))
        wrapped = next(each.wrap for each in kept.wraps if (each.method, each.id) == (METHOD, KEY_ID))
        return open_with_passkey(public, secret=self._secret, wrap=wrapped, box=kept.keyset)


def _public(about: About) -> Public:
    said = [each.statement for each in about.events if each.statement]
    history = tuple(each.signed for each in said if each.typ == persons.TYP)
    return Public(about.person, history, next(each.signed for each in said if each.typ == shares.TYP))


async def begin_shift(
    application: Application, key: SecurityKey, *, person: str, outgoing: Outgoing, clock: Clock, number: int
) -> Shift:
    """Open, certify this device, read everything, and answer."""
    began_at, read, failed, wrote = clock.now(), list[str](), "", ""
    try:
        keyring = await key.open(application, person)
        device = make_device(person)
        certificate = state_device(keyring, device, at=int(time.time())).certificate
        await application.post(stated(devices.TYP, certificate))
        world = World(application, keyring)
        await world.begin()
        read = [each.message.id for each in world.groups[outgoing.conversation].said()]
        await Talk(world, device).send(outgoing)
        wrote = outgoing.id
    except (Rejected, ProblemError, UnreachableError) as fault:
        failed = str(fault)
    return Shift(number, outgoing.conversation, began_at, clock.now(), failed, read, wrote)
