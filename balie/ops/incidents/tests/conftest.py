"""A night of alerts, as alerting's own tests have it, with the public listening."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings

from balie.ops.incidents.duty import Incidents
from balie.ops.incidents.models import Happening, Incident, Promise, Taken, Update
from balie.ops.incidents.telling import Next, tell
from balie.ops.incidents.tests.browser import Browser
from balie.ops.incidents.words import Text
from balie.ops.oncall.models import Notification
from balie.ops.oncall.tests.conftest import Night, graph, night, ops, team_file  # noqa: F401 - fixtures
from balie.practices.passes import make_pass


class Story:
    """What the watch sees, what people say, and time that passes for both. `sends`: pages go out too."""

    def __init__(self, evening: Night, *, sends: bool = True) -> None:
        self.night, self.sends = evening, sends
        self.duty = Incidents(evening.graph, evening.duty)

    def restart(self) -> None:
        if self.sends:
            self.night.restart()
        self.duty = Incidents(self.night.graph, self.night.duty)

    def tick(self, seconds: float = 1) -> None:
        self.night.now += timedelta(seconds=seconds)
        self.duty.tend(self.night.now)
        if self.sends:
            self.night.tick(0)

    def verdict(self, what: str = "opened", **told) -> None:
        self.night.verdict(what, **told)
        self.tick()

    def incident(self) -> Incident:
        return Incident.objects.get()

    def say(self, words: str = "Wij leiden het om.", *, minutes: float = 0, owner: str = "", closes: bool = False):
        following = Next(self.night.now + timedelta(minutes=minutes), owner) if minutes else None
        text = Text(words, "We route around it.")
        return tell(self.incident(), text, author="7", now=self.night.now, following=following, closes=closes)

    def asked(self) -> list[tuple[str, str]]:
        """(person, title) of every first mail about a promise, in order."""
        rows = Notification.objects.filter(escalation__page__kind="promise", what="page")
        about = {each.pk for each in rows}
        mails = [m for m in self.night.sender.got if m.notification in about and m.address.startswith("json")]
        people = {each.pk: each.person for each in rows}
        return [(people[m.notification], m.title) for m in mails]


def forget() -> None:
    """Nothing has happened yet."""
    Promise.objects.all().delete()
    for model in (Happening, Update, Incident, Taken):
        model.objects.all().delete()


@pytest.fixture
def story(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setattr(settings, "STATUS_FOLDER", str(tmp_path / "public"))
    return Story(request.getfixturevalue("night"))


@pytest.fixture
def staff(story, settings) -> Browser:
    with time_machine.travel(story.night.now, tick=False):
        held = make_pass(person=7, practice=None, role="", organiser=True, generation=0)
    return Browser(story, {settings.PASS_COOKIE: held})
