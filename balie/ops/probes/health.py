"""Do the hot paths say themselves that they are well?"""

from typing import ClassVar

import aiohttp
import msgspec

from balie.ops.probes.http import ask, visit
from balie.ops.probes.looking import Probe, Steps, Unwell


class _Said(msgspec.Struct):
    database: str
    clock: str
    picture_age_ms: int | None
    commit_ms: float | None = None


class Health(Probe, frozen=True):
    """`/live/health` at `url`. That answers 503 while the service clock stands, which is no fault of theirs: what
    counts here is whether they reach the database, and how long a commit takes.
    """

    kind: ClassVar[str] = "health"
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError, aiohttp.ClientError)

    url: str
    commit_ms: float = 2000

    async def walk(self, steps: Steps) -> str:
        async with visit() as session:
            answer = await steps.take(self.url, ask(session, "GET", self.url))
        try:
            found = msgspec.json.decode(answer.text, type=_Said)
        except msgspec.DecodeError:
            raise Unwell(f"{self.url}: answers {answer.status}, and not what hot paths say") from None
        said = f"the database is {found.database}, a commit takes {found.commit_ms or 0:.0f} ms"
        if found.database != "up" or (found.commit_ms or 0) > self.commit_ms:
            raise Unwell(f"{self.url}: {said}")
        return said
