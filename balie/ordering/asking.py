"""What may be asked about the night by whoever was let in, for pages and programs alike: one queue and one batcher."""

import asyncio

import psycopg

from balie.ordering import bodies
from balie.ordering.hot import ConfirmAnswer, HoldAnswer, Mine, ReleaseAnswer, read_mine
from balie.ordering.picture import CampaignPicture, Pictures
from balie.runtime.batcher import DEADLINE_S, Batcher
from balie.runtime.link import AwayError
from balie.waitingroom.gate import Gate
from balie.waitingroom.hot import JoinAnswer


class Asking:
    """One per process. `arrived` is the monotonic time at which the request reached us; it is judged by that.

    Whatever waits for the batcher raises AwayError when nobody knows whether it was done, and FaultError.
    """

    def __init__(self, pictures: Pictures, batcher: Batcher) -> None:
        self._pictures, self._batcher = pictures, batcher

    async def join(self, gate: Gate, body: bodies.JoinBody, arrived: float) -> JoinAnswer:
        answer: JoinAnswer = await self._batcher.submit("join", gate.picture.room, body.practice, body, arrived)
        return answer

    async def mine(self, campaign: CampaignPicture, practice: int, slot: int = 0) -> Mine:
        """Where the practice stands with the order in that slot."""
        conn = self._pictures.link.conn
        if conn is None:
            raise AwayError
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await read_mine(conn, campaign.row.id, practice, slot)
        except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError) as fault:
            raise AwayError from fault

    async def hold(self, campaign: CampaignPicture, person: int, body: bodies.HoldBody, arrived: float) -> HoldAnswer:
        """What is held now. Raises Problem where nothing is."""
        if not campaign.row.is_probe:  # which must see that it would work again
            self._pictures.functions.check("ordering", practice=body.practice, campaign=campaign.row.id)
        asked = (person, body)
        answer: HoldAnswer = await self._batcher.submit("hold", campaign.row.id, body.practice, asked, arrived)
        if answer.outcome == "full":
            raise bodies.full(answer, body, campaign)
        if answer.outcome != "held":
            raise bodies.not_held(answer, body.lines)
        return answer

    async def confirm(
        self, campaign: CampaignPicture, person: int, body: bodies.KeyBody, arrived: float
    ) -> ConfirmAnswer:
        """The order. Raises Problem where there is none."""
        asked = (person, body)
        answer: ConfirmAnswer = await self._batcher.submit("confirm", campaign.row.id, body.practice, asked, arrived)
        if answer.outcome != "ordered":
            raise bodies.not_ordered(answer)
        return answer

    async def release(self, campaign: CampaignPicture, body: bodies.KeyBody, arrived: float) -> ReleaseAnswer:
        """Raises Problem when the order exists."""
        answer: ReleaseAnswer = await self._batcher.submit("release", campaign.row.id, body.practice, body, arrived)
        if answer.outcome != "released":
            raise bodies.not_released(answer)
        return answer
