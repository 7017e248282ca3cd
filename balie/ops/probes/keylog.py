"""Is the key log the one of before, and does nobody make keys in the name of the canary?"""

import asyncio
from typing import ClassVar, Final

from django.conf import settings

from balie.consult.client.application import Application, ProblemError
from balie.consult.client.keylog import FollowedLog, follow
from balie.consult.client.machine import keyring_and_device
from balie.consult.client.transport import Transport, UnreachableError, http_transport
from balie.consult.protocol.reasons import Rejected
from balie.ops.card import folder, read_card, read_keys
from balie.ops.probes.looking import Probe, Steps, Unwell

CHECKPOINT: Final = "key-log"

_followed: dict["KeyLog", FollowedLog] = {}


class KeyLog(Probe, frozen=True):
    """Reads the whole log, a page further at each look, as any client may. What it saw last is kept, so that it sees
    after a restart, too, that the log goes on from there.
    """

    kind: ClassVar[str] = "key-log"
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError, UnreachableError, ProblemError, Rejected)

    async def walk(self, steps: Steps) -> str:
        card = read_card()
        read_keys()  # NotSetUpError before it was enrolled; its keyset is on this machine, so nobody need unlock it
        keyring, _ = keyring_and_device(folder())
        async with http_transport(origin=settings.ORIGINS[0]) as http:
            followed = await steps.take("reading what was seen before", self._follow(http, card.make_pass()))
            if followed is None:
                return "key servers cosign no key log here"
            try:
                whole = await steps.take("reading the key log", followed.read_on(keyring.person))
                if whole:
                    roots = followed.check_roots(keyring.person)
                    await steps.take("comparing the log of who did what with its roots", roots)
                foreign = await steps.take("comparing it with the canary's keys", followed.foreign(keyring))
            except BaseException:
                _followed.pop(self, None)  # nobody knows how far it came
                raise
        if foreign:
            raise Unwell(f"in the canary's name, and not made by it: {', '.join(foreign)}")
        return (
            f"{'all' if whole else 'a part'} of the key log was read, and it says nothing strange; {steps.took_ms} ms"
        )

    async def _follow(self, http: Transport, made_pass: str) -> FollowedLog | None:
        application = Application(settings.ORIGINS[0], made_pass, http, asyncio.sleep)
        found = _followed.get(self)
        if found is None:
            kept = folder() / CHECKPOINT
            found = follow(application, settings.KEY_SERVERS, address=settings.ORIGINS[0], kept=kept)
            if found is None:
                return None
            _followed[self] = found
        found.application = application
        return found
