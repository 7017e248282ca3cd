"""Patients who ask, and nurses and GPs who answer: each with keys of their own, through the client without a screen."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from balie.consult.client.application import ProblemError
from balie.consult.client.econsults import EconsultListed, IntakeListed
from balie.consult.client.talk import NoKeyError, Outgoing
from balie.consult.client.transport import UnreachableError
from balie.consult.econsults.triage import Questionnaire, Urgency, read_questionnaire, triage
from balie.consult.protocol.messages import Content, Intake, IntakeAnswer
from balie.rehearse.judge.econsults import Asked, Picked
from balie.rehearse.talks.voices import CLOSED, Voice

T = TypeVar("T")
LOOK_S = 2.0  # as a page does while there is no stream
IDLE_S = 0.5
AGAIN_S = 0.5
READ_S = (0.3, 0.9)  # a virtual nurse reads and types faster than a real one
HANDED_OVER = 4  # one in so many goes to a GP
OURS = "hours"  # why a post closed by itself, and not by an outage
NOT_YET = {"not_first", "picked_up", "moved", "concluded"}
STAYS = {"picked_up", "taken", "not_found"}
REFUSED = {CLOSED, "rejected"}  # what a patient hears who begins something with a post that closed
URGENCIES: tuple[Urgency, ...] = ("U5", "U4", "U3", "U4")


async def surely(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, whatever is dead meanwhile and for however long."""
    while True:
        try:
            return await ask()
        except UnreachableError:
            await asyncio.sleep(AGAIN_S)


def answers_for(asked: Questionnaire, wanted: Urgency, chance: random.Random) -> Mapping[str, str]:
    """Choices from which this urgency follows."""
    codes = [each.code for each in asked.questions]
    choices = [[choice.code for choice in each.choices] for each in asked.questions]
    found = [dict(zip(codes, picked, strict=True)) for picked in itertools.product(*choices)]
    return chance.choice([each for each in found if triage(asked, each).urgency == wanted])


class Patient:
    """One who asks once, waits, and goes where they are sent."""

    def __init__(self, voice: Voice, practice: str) -> None:
        self.voice, self._chance = voice, random.Random(voice.number)
        self.asked = Asked(voice.number, practice, 0, 0.0)
        self._heard = asyncio.Event()
        self._conversation = ""
        voice.hear_functions = self._heard.set  # type: ignore[method-assign]

    @property
    def done(self) -> bool:
        return bool(self.asked.answered_at or self.asked.phoned or self.asked.turned_away)

    async def come(self, at: float, *, until: float) -> None:
        """At this moment, until they have an answer, must phone, or nobody looks any more."""
        await self.voice.clock.until(at)
        self.asked.meant_at = at
        intake = await self._intake(until)
        if intake is None or not await self._send(intake, until):
            return
        while not self.done and self.voice.clock.now() < until:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._heard.wait()
            self._heard.clear()
            await self._look()

    async def _intake(self, until: float) -> IntakeListed | None:
        while self.voice.clock.now() < until:
            [intake] = (await surely(self.voice.application.intakes)).practices
            if not intake.closed:
                return intake
            if intake.closed["reason"] == OURS:
                self.asked.turned_away = True
                return None
            await asyncio.sleep(LOOK_S)
        return None

    async def _send(self, intake: IntakeListed, until: float) -> bool:
        questionnaire = read_questionnaire(bytes(intake.questionnaire))
        assert questionnaire is not None
        wanted = URGENCIES[self.voice.number % len(URGENCIES)]
        self.asked.urgency = int(wanted[1])
        self._filled_in = self._fill_in(questionnaire, wanted)
        while self.voice.clock.now() < until:
            try:
                await self._ask_team(intake.team, None)
            except (ProblemError, NoKeyError) as refused:
                if isinstance(refused, ProblemError) and refused.code not in REFUSED:
                    raise
                if await self._intake(until) is None:
                    return False
                await asyncio.sleep(AGAIN_S)
            else:
                self.asked.acked_at = self.voice.clock.now()
                self.voice.measures.add("econsult", started_at=self.asked.meant_at, ended_at=self.asked.acked_at)
                return True
        return False

    def _fill_in(self, questionnaire: Questionnaire, wanted: Urgency) -> Content:
        chosen = answers_for(questionnaire, wanted, self._chance)
        told = f"{self.voice.mark} vraag van {self.voice.number} {self.voice.mark}"
        answers = [
            IntakeAnswer(label=each.label["nl"], value=told, question=each.code) for each in questionnaire.story[:1]
        ]
        for question in questionnaire.questions:
            [choice] = [each for each in question.choices if each.code == chosen[question.code]]
            label, value = question.label["nl"], choice.label["nl"]
            answers.append(IntakeAnswer(label=label, value=value, question=question.code, choice=choice.code))
        intake = Intake(questionnaire.code, questionnaire.version, wanted, tuple(answers))
        return Content(kind="econsult", intake=intake)

    async def _ask_team(self, team: str, instead: str | None) -> None:
        """In a conversation that is begun for it; the same again, when nobody answered. Raises ProblemError."""
        talk = self.voice.talk
        group = await surely(lambda: talk.create_conversation(f"team:{team}"))
        outgoing = Outgoing(group.name, self._filled_in, at=int(self.voice.clock.now()))
        self.asked.ids.append(outgoing.id)
        try:
            await surely(lambda: talk.send_econsult(outgoing, instead=instead))
        except ProblemError:
            self.asked.ids.remove(outgoing.id)
            raise
        self._conversation = group.name

    async def _look(self) -> None:
        listed = (await surely(self.voice.application.econsults)).econsults
        ours = next((each for each in listed if each.id == self.asked.ids[-1]), None)
        if ours is None:
            return
        if ours.shut is not None and ours.shut.closed["reason"] == OURS:
            self.asked.shut_at = self.asked.shut_at or self.voice.clock.now()
            await self._go(ours)
        if ours.closed_at is not None:
            await surely(self.voice.world.catch_up)
            said = self.voice.world.groups[self._conversation].said()
            if any(each.message.content.kind == "conclusion" for each in said):
                self.asked.answered_at = self.voice.clock.now()

    async def _go(self, ours: EconsultListed) -> None:
        assert ours.shut is not None
        if ours.shut.takes_over is None:
            self.asked.phoned = True
            return
        try:
            await self._ask_team(ours.shut.takes_over["team"], ours.id)
        except (ProblemError, NoKeyError) as refused:
            if isinstance(refused, ProblemError) and refused.code not in STAYS | REFUSED:
                raise


class Worker:
    """Somebody who answers. A nurse takes the first in the queue, and hands some over to a GP; who takes none answers
    what they were given.
    """

    def __init__(self, voice: Voice, *, gp: str | None, takes: bool) -> None:
        self.voice, self.gp, self.takes = voice, gp, takes
        self.picked: list[Picked] = []
        self.misjudged: list[str] = []
        self.home = asyncio.Event()
        self._chance = random.Random(voice.number)

    @property
    def me(self) -> str:
        return self.voice.keyring.person

    async def work(self) -> None:
        """Until they go home, with nothing of theirs left."""
        while True:
            listed = (await surely(self.voice.application.econsults)).econsults
            mine = [each for each in listed if each.holder == self.me and each.closed_at is None]
            if not mine and self.takes and not self.home.is_set():
                mine = await self._take(listed)
            for each in mine:
                await self._deal_with(each)
            if not mine:
                if self.home.is_set():
                    return
                await asyncio.sleep(IDLE_S)

    async def _take(self, listed: Sequence[EconsultListed]) -> list[EconsultListed]:
        first = next((each for each in listed if each.waits and each.of_own_team), None)
        if first is None:
            return []
        said = {"id": first.id, "first": True}
        try:
            now = (await surely(lambda: self.voice.application.act_on_econsult("pick-up", said))).econsults
        except ProblemError as problem:
            if problem.code not in NOT_YET:
                raise
            return []
        self.picked.append(Picked(self.voice.number, first.id, self.voice.clock.now()))
        return [each for each in now if each.id == first.id]

    async def _deal_with(self, econsult: EconsultListed) -> None:
        await self._read(econsult)
        await asyncio.sleep(self._chance.uniform(*READ_S))
        if self.gp is not None and len(self.picked) % HANDED_OVER == 0:
            await self._act("hand-over", {"id": econsult.id, "holder": self.me, "to": self.gp})
            return
        await self._act("close", {"id": econsult.id})
        text = f"{self.voice.mark} samenvatting van {self.voice.number} {self.voice.mark}"
        content = Content(kind="conclusion", text=text)
        outgoing = Outgoing(econsult.conversation, content, at=int(self.voice.clock.now()))
        await surely(lambda: self.voice.talk.send(outgoing))

    async def _read(self, econsult: EconsultListed) -> None:
        """The answers, which say the urgency too."""
        while not (said := self._said(econsult.conversation)):
            await surely(self.voice.world.catch_up)
            await asyncio.sleep(AGAIN_S / 5)
        intake = said[0].intake
        if not isinstance(intake, Intake) or intake.urgency != econsult.urgency:
            self.misjudged.append(econsult.id)

    def _said(self, conversation: str) -> list[Content]:
        group = self.voice.world.groups.get(conversation)
        return [each.message.content for each in group.said()] if group else []

    async def _act(self, what: str, said: Mapping[str, str]) -> None:
        await surely(lambda: self.voice.application.act_on_econsult(what, said))
