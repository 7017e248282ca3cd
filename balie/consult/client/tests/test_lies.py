"""What a server that lies about messages gets a client to show: nothing of it."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import pytest

from balie.consult.client.application import Event, News, Sent
from balie.consult.client.tests.people import Someone
from balie.consult.protocol.boxes import kid_of
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.messages import ENVELOPE_MAX, Content, Message, seal_message


@dataclass
class Said:
    """Two messages of Anna, as the server has them, before Bilal hears of either."""

    anna: Someone
    bilal: Someone
    group: str
    events: tuple[Event, ...]

    @property
    def first(self) -> Sent:
        sent = self.events[0].message
        assert sent is not None
        return sent

    @property
    def second(self) -> Sent:
        sent = self.events[1].message
        assert sent is not None
        return sent

    async def tell(self, changed: Sent) -> list[str]:
        """What Bilal reads when the server says this in place of the first message."""
        events = (msgspec.structs.replace(self.events[0], message=changed), *self.events[1:])
        await self.bilal.world.hear(News(self.bilal.world.cursor, self.events[-1].feed, events))
        return self.bilal.reads(self.group)


@pytest.fixture
async def said(people: list[Someone]) -> Said:
    anna, bilal, *_ = people
    group = (await anna.talk.create_conversation(bilal.member)).name
    await bilal.world.catch_up()
    for text in ("een", "twee"):
        await anna.talk.say(group, text)
    return Said(anna, bilal, group, (await bilal.application.feed(bilal.world.cursor)).events)


def changed(said: Said, **members: object) -> Sent:
    return msgspec.structs.replace(said.first, **members)


def flipped(envelope: str) -> str:
    header, _, iv, content, tag = envelope.split(".")
    return ".".join([header, "", iv, ("B" if content[0] == "A" else "A") + content[1:], tag])


def by_another_device(said: Said) -> str:
    """Bilal knows the key, and writes in Anna's name with a device of his own."""
    world = said.bilal.world
    message = Message(
        conversation=said.group,
        id=said.first.id,
        person=said.anna.id,
        device=said.anna.device.device,
        acting=said.anna.member,
        key=kid_of(said.first.envelope),
        seen=(),
        heads=tuple(world.groups[said.group].membership().heads),
        at=1,
        content=Content(kind="text", text="gelogen"),
    )
    key = world.groups[said.group].keys[message.key]
    return seal_message(message, device_seed=unb64(said.bilal.device.sign), key=key)


LIES: dict[str, tuple[Callable[[Said], Sent], str]] = {
    "truncated": (lambda said: changed(said, envelope=said.first.envelope[:-40]), "malformed"),
    "cut to nothing": (lambda said: changed(said, envelope=""), "malformed"),
    "a bit flipped": (lambda said: changed(said, envelope=flipped(said.first.envelope)), "unopenable"),
    "played again under another id": (lambda said: changed(said, envelope=said.second.envelope), "wrong-message"),
    "oversized": (lambda said: changed(said, envelope=said.first.envelope + "A" * ENVELOPE_MAX), "malformed"),
    "signed by another device": (lambda said: changed(said, envelope=by_another_device(said)), "unknown-signer"),
    "in the name of another": (lambda said: changed(said, person=said.bilal.id), "unknown-signer"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_not_shown_and_has_its_reason(said, lie):
    make, reason = LIES[lie]
    assert await said.tell(make(said)) == ["twee"]
    assert said.bilal.world.groups[said.group].rejected == {said.first.id: reason}


async def test_the_truth_is_shown(said):
    """The control."""
    assert await said.tell(said.first) == ["een", "twee"]
    assert said.bilal.world.groups[said.group].rejected == {}


async def test_another_message_under_an_id_that_was_read_does_not_take_its_place(said):
    await said.tell(said.first)
    later = msgspec.structs.replace(said.second, id=said.first.id, place=3)
    event = msgspec.structs.replace(said.events[1], feed=said.events[1].feed + 1, message=later)
    await said.bilal.world.hear(News(said.events[1].feed, event.feed, (event,)))
    assert said.bilal.reads(said.group)[:2] == ["een", "twee"]
    assert said.bilal.world.groups[said.group].rejected[said.first.id] == "wrong-message"
