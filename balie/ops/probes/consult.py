"""Can people open their keys, and write to each other?

A share asks one key server by one route, so that a dead proxy and a dead server look different. The canary does what
people do: it opens its keyset with two of three shares, by whatever routes work, writes to itself, and reads it.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from balie.consult.client.application import Application, ProblemError
from balie.consult.client.gestures import Gesture, by_passkey
from balie.consult.client.keyrings import Keyring
from balie.consult.client.machine import Keys
from balie.consult.client.talk import Talk
from balie.consult.client.trail import LockedError
from balie.consult.client.transport import UnreachableError, http_transport
from balie.consult.client.vault import Unlocked, Vault
from balie.consult.client.world import World
from balie.consult.keyservers import KeyServerAt
from balie.consult.tokens import Issuer
from balie.ops.card import read_card, read_keys
from balie.ops.lacking import NotSetUpError
from balie.ops.probes.looking import Probe, Seconds, Steps, Unwell

SAID_MOST: Final = 500  # in one conversation, all of which the canary keeps in memory


class Share(Probe, frozen=True):
    """Asks key server number `server`, in the order of `BALIE_KEY_SERVERS` from 1, whether it still has the canary's
    share; at the address `by` and no other, which is the first of its routes unless said otherwise. The answer is
    signed, by keys that this installation pins. The token is made here: neither the application nor its database has a
    part in this.
    """

    kind: ClassVar[str] = "share"
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError, UnreachableError)

    server: Annotated[int, msgspec.Meta(ge=1)]
    by: str = ""

    async def walk(self, steps: Steps) -> str:
        keys, at = read_keys(), self._at()
        issuer = Issuer(origin=settings.ORIGINS[0], seed=settings.TOKEN_SEED, servers=[at])
        token = issuer.tokens(keys.public.person, int(time.time()))[at.server]

        async def give(_server: KeyServerAt) -> str:
            return token

        what = f"key server {at.server} by {at.routes[0]}"
        async with http_transport(origin=settings.ORIGINS[0]) as http:
            wrong = await steps.take(what, Vault([at], http, give).held(keys.public))
        if wrong:
            raise Unwell(f"{what}: {wrong[-1].why}")
        return f"{what} has its share, and signed that in {steps.took_ms} ms"

    def _at(self) -> KeyServerAt:
        """That server, as if it had no other route."""
        if len(settings.KEY_SERVERS) < self.server:
            raise NotSetUpError(f"BALIE_KEY_SERVERS names no key server {self.server}")
        found = settings.KEY_SERVERS[self.server - 1]
        return msgspec.structs.replace(found, routes=(self.by or found.routes[0],))


@dataclass
class _Conversation:
    """What the canary goes on with. `said_at` by a clock that only grows."""

    talk: Talk
    group: str
    said_at: float = 0.0


_conversations: dict["Canary", _Conversation] = {}


class Canary(Probe, frozen=True):
    """Unlocks and reads at every look, and writes every `say_every_s`: what it writes stays for ever."""

    kind: ClassVar[str] = "canary"
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError, UnreachableError, ProblemError, LockedError)

    say_every_s: Seconds = 60.0

    async def walk(self, steps: Steps) -> str:
        card, keys = read_card(), read_keys()
        async with http_transport(origin=settings.ORIGINS[0]) as http:
            application = Application(settings.ORIGINS[0], card.make_pass(), http, asyncio.sleep)
            tokens = (await steps.take("asking the application for tokens", application.tokens())).tokens

            async def give(server: KeyServerAt) -> str:
                return tokens[server.server]

            vault = Vault(settings.KEY_SERVERS, http, give)
            unlocked = await steps.take("unlocking", vault.unlock(keys.public, _gesture(keys)))
            try:
                talked = await self._talk(steps, application, unlocked.keyring, keys)
            except BaseException:
                _conversations.pop(self, None)  # nobody knows how far it came
                raise
        return f"{_told(unlocked)}; {talked}; {steps.took_ms} ms"

    async def _talk(self, steps: Steps, application: Application, keyring: Keyring, keys: Keys) -> str:
        found = _conversations.get(self)
        if found is None or len(found.talk.world.groups[found.group].messages) >= SAID_MOST:
            found = _conversations[self] = await _begin(steps, application, keyring, keys)
        world = found.talk.world
        world.application = application
        if time.monotonic() - found.said_at < self.say_every_s:
            await steps.take("reading what is new", world.catch_up())
            return "read what is new"
        words = secrets.token_urlsafe(8)
        await steps.take("writing a message", found.talk.say(found.group, words))
        await steps.take("reading it", world.catch_up())
        if words not in [each.message.content.text for each in world.groups[found.group].said()]:
            raise Unwell("reading it: the message was taken, and cannot be read")
        found.said_at = time.monotonic()
        return "wrote a message and read it"


async def _begin(steps: Steps, application: Application, keyring: Keyring, keys: Keys) -> _Conversation:
    """A conversation of its own with itself; what was said in others is not read again."""
    world = World(application, keyring)
    world.cursor = (await steps.take("asking what is there", application.groups())).feed
    talk = Talk(world, keys.device)
    group = await steps.take("beginning a conversation", talk.create_conversation())
    return _Conversation(talk, group.name, said_at=float("-inf"))


def _gesture(keys: Keys) -> Gesture:
    origin = settings.ORIGINS[0]
    return by_passkey(keys.device.authenticator(rp_id=urlsplit(origin).hostname or "", origin=origin))


def _told(unlocked: Unlocked) -> str:
    """Who helped, and what went wrong on the way although it worked."""
    helped = " and ".join(sorted(each.server for each in unlocked.used))
    faults = sorted({f"{each.server} by {each.route}: {each.why}" for each in unlocked.faults})
    return f"unlocked by {helped}" + (f" (on the way: {'; '.join(faults)})" if faults else "")
