"""An evening of incidents with people who read the status page by other ways."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.conf import settings as django_settings

from balie.ops.incidents.tests.conftest import Story, graph, night, ops, story, team_file  # noqa: F401 - fixtures
from balie.ops.oncall.deliveries import Outcome
from balie.ops.oncall.models import Notification
from balie.ops.oncall.tests.conftest import MONDAY
from balie.ops.subscribers.duty import Subscribers
from balie.ops.subscribers.joining import Channel, Wish, ask, confirm
from balie.ops.subscribers.models import Subscriber
from balie.ops.subscribers.words import Letter


@dataclass
class Post:
    """Takes everything at once, unless it is told to refuse (`refused`), or says nothing (empty)."""

    answer: str = Notification.Outcome.SENT
    said: str = ""
    now: datetime = MONDAY
    got: list[Letter] = field(default_factory=list)
    held: list[Outcome] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.got.append(letter)
        if self.answer:
            self.held.append(Outcome(letter.notification, letter.claim, str(self.answer), self.said, self.now))

    def outcomes(self) -> list[Outcome]:
        told, self.held = self.held, []
        return told


class Readers:
    """The duty that tells them, and a clock that it shares with the story."""

    def __init__(self, evening: Story) -> None:
        self.story, self.post = evening, Post()
        self.restart()

    @property
    def now(self):
        return self.story.night.now

    def restart(self) -> None:
        """The process died: what was under way is not heard of again."""
        self.post.held.clear()
        self.duty = Subscribers(self.story.night.graph, self.post)

    def tick(self, seconds: float = 1) -> None:
        self.story.night.now += timedelta(seconds=seconds)
        self.post.now = self.now
        self.duty.tend(self.now)

    def settle(self) -> None:
        """What is due goes out, and what came of it is heard."""
        self.tick()
        self.tick()

    def join(self, address: str, *, channel: Channel = Channel.MAIL, components: tuple[str, ...] = ()) -> Subscriber:
        wish = Wish(channel=channel, address=address, language="nl", components=components)
        asked = ask(wish, self.now)
        assert asked is not None
        self.settle()
        still = Subscriber.objects.filter(pk=asked.pk).first()  # a webhook has said yes already
        return confirm(still, self.now) if still else Subscriber.objects.get(address=address)

    def told(self) -> list[tuple[str, str]]:
        """(address, what all copies of it have in common) of everything but questions, in order."""
        return [(each.address, each.message) for each in self.post.got if not each.asks]


@pytest.fixture
def readers(story, monkeypatch) -> Readers:  # noqa: F811 - the fixture
    monkeypatch.setattr(django_settings, "STATUS_SMTP_URL", "smtp://127.0.0.1:1")
    return Readers(story)
