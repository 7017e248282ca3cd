"""The requests for streams, plain ASGI. `docs/spec/live.md` is their contract.

Their number is bounded: past it, clients are told to poll, which every page can do.
"""

from balie.lib.asgi import Receive, Scope, Send, send_reply
from balie.lib.problems import Problem
from balie.ordering.hub import Hub, NightStream
from balie.ordering.picture import CampaignPicture, Pictures
from balie.practices.door import Door, practice_in_query
from balie.practices.passes import Pass
from balie.practices.streams import HEADERS, Seats
from balie.runtime.answering import refused

LONGEST_ID = 18  # digits


class Streams:
    """The app of one process."""

    def __init__(self, pictures: Pictures, hub: Hub, seats: Seats, door: Door) -> None:
        self._pictures, self._hub, self._seats, self._door = pictures, hub, seats, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            campaign, what = await self._find(scope["method"], scope["path"])
            held = self._door.enter(scope)
            stream = self._open(scope, held, what)
        except Problem as problem:
            await send_reply(send, refused(scope, problem))
            return
        renewal = self._door.renewal(held)
        headers = [*HEADERS, renewal] if renewal else list(HEADERS)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._hub.serve(stream, campaign, receive, send)

    async def _find(self, method: str, path: str) -> tuple[CampaignPicture, str]:
        """The campaign that a path is about, and what of it: nothing more for a practice, or its night."""
        if self._seats.closed:
            raise Problem("try_again")
        about, _, what = path.removeprefix("/stream/").partition("/")
        if method != "GET" or not about.isdecimal() or len(about) > LONGEST_ID or what not in {"", "night"}:
            raise Problem("not_found")
        if int(about) not in self._pictures.campaigns:
            await self._pictures.read_anew()
        campaign = self._pictures.campaigns.get(int(about))
        if campaign is None:
            raise Problem("not_found")
        return campaign, what

    def _open(self, scope: Scope, held: Pass, what: str) -> NightStream:
        if what == "night" and not held.organiser:
            raise Problem("not_found")
        stream = NightStream(held, practice=None if what == "night" else practice_in_query(scope, held))
        if self._seats.refuses(held):
            raise Problem("too_many_streams")
        return stream
