"""People who begin a shift on a profile that knows nothing, by a door that needs no key server: a security key, or a
recovery card.
"""

from __future__ import annotations

import asyncio
import secrets
import string
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Protocol

import msgspec
import pyrage

from balie.consult.client.application import About, Application, ProblemError, Wrapped, stated
from balie.consult.client.device import make_device, state_device
from balie.consult.client.doors import open_with_passkey
from balie.consult.client.keylog import FollowedLog
from balie.consult.client.keyrings import Keyring, new_secret, open_keyring
from balie.consult.client.releasing import Public
from balie.consult.client.talk import Outgoing, Talk
from balie.consult.client.transport import UnreachableError
from balie.consult.client.world import World
from balie.consult.protocol import devices, persons, shares
from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.payloads import encode
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.unlocking import WORDS, Unlock, unwrap_with_code, wrap
from balie.rehearse.measure import Clock

NURSES = 3
KEY_ID = "security-key"
LETTERS = 7  # of each word of a card


class Shift(msgspec.Struct):
    """`read`: messages of the conversation that could be read at once; `wrote` is empty where it failed."""

    person: int
    conversation: str
    began_at: float
    ended_at: float
    failed: str
    read: list[str]
    wrote: str


class Door(Protocol):
    """A way to one's keys, beside the shares at key servers."""

    async def register(self, application: Application, keyring: Keyring) -> None: ...

    async def open(self, application: Application, person: str) -> Keyring: ...


class SecurityKey:
    """One that its owner carries. `secret` is what its PRF gives for them."""

    def __init__(self) -> None:
        self._secret = new_secret()

    async def register(self, application: Application, keyring: Keyring) -> None:
        """Beside whatever doors there are."""
        await _add(application, Wrapped("passkey", KEY_ID, wrap("passkey", keyring.person, self._secret, keyring.key)))

    async def open(self, application: Application, person: str) -> Keyring:
        """With nothing but this and the login."""
        kept, public = await application.keyset(), _public(await application.person(person))
        wrapped = next(each.wrap for each in kept.wraps if each.id == KEY_ID)
        return open_with_passkey(public, secret=self._secret, wrap=wrapped, box=kept.keyset)


class RecoveryCard:
    """Ten words on paper. This side's library stretches them for a second or more and lets nobody else go on meanwhile,
    so it does that in a process of its own.
    """

    def __init__(self) -> None:
        self._code = "-".join(
            "".join(secrets.choice(string.ascii_lowercase) for _ in range(LETTERS)) for _ in range(WORDS)
        )
        self._apart = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    async def register(self, application: Application, keyring: Keyring) -> None:
        """Beside whatever doors there are."""
        said = encode(Unlock(person=keyring.person, method="code", key=b64(keyring.key)))
        loop = asyncio.get_running_loop()
        file = await loop.run_in_executor(self._apart, pyrage.passphrase.encrypt, said, self._code)
        await _add(application, Wrapped("code", "", b64(file)))

    async def open(self, application: Application, person: str) -> Keyring:
        """With nothing but the words and the login."""
        kept, public = await application.keyset(), _public(await application.person(person))
        file = unb64(next(each.wrap for each in kept.wraps if each.method == "code"))
        loop = asyncio.get_running_loop()
        key = await loop.run_in_executor(self._apart, unwrap_with_code, person, self._code, file)
        return open_keyring(box=kept.keyset, key=key, history=public.history, known=public.known())


async def _add(application: Application, wrapped: Wrapped) -> None:
    kept = await application.keyset()
    await application.keep_keyset(version=kept.version + 1, keyset=kept.keyset, wraps=(*kept.wraps, wrapped))


def _public(about: About) -> Public:
    said = [each.statement for each in about.events if each.statement]
    history = tuple(each.signed for each in said if each.typ == persons.TYP)
    return Public(about.person, history, next(each.signed for each in said if each.typ == shares.TYP))


async def begin_shift(
    application: Application,
    door: Door,
    *,
    log: FollowedLog | None,
    person: str,
    outgoing: Outgoing,
    clock: Clock,
    number: int,
) -> Shift:
    """Open, certify this device, read everything, and answer."""
    began_at, read, failed, wrote = clock.now(), list[str](), "", ""
    try:
        keyring = await door.open(application, person)
        device = make_device(person)
        certificate = state_device(keyring, device, at=int(time.time())).certificate
        await application.post(stated(devices.TYP, certificate))
        world = World(application, keyring, log)
        await world.begin()
        read = [each.message.id for each in world.groups[outgoing.conversation].said()]
        await Talk(world, device).send(outgoing)
        wrote = outgoing.id
    except (Rejected, ProblemError, UnreachableError) as fault:
        failed = str(fault)
    return Shift(number, outgoing.conversation, began_at, clock.now(), failed, read, wrote)
