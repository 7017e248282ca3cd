"""The watch's database of one test, a team of three, a graph of three parts, and a sender that tells what it got."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from balie.ops.graph import Graph, read_graph
from balie.ops.models import Entry, Verdict
from balie.ops.oncall.deliveries import Outcome
from balie.ops.oncall.duty import OnCall
from balie.ops.oncall.models import Escalation, Notification, Page
from balie.ops.oncall.sending import Message

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

TEAM = """
repeat = 1

[person.anna]
name = "Anna"
channels = { mail = "ANNA_MAIL", text = "ANNA_TEXT" }

[person.bram]
name = "Bram"
language = "en"
channels = { mail = "BRAM_MAIL", text = "BRAM_TEXT" }

[rota.first]
title = { nl = "Voorwacht", en = "First line" }
calendar = "first.ics"

[rota.backup]
title = { nl = "Achterwacht", en = "Second line" }
calendar = "backup.ics"

[[level]]
rota = "first"
wait_s = 300

[[level]]
rota = "backup"
wait_s = 600
"""
ENVIRONMENT = {
    f"{person}_{channel}": f"{scheme}://127.0.0.1:1/{person}"
    for person in ("ANNA", "BRAM")
    for channel, scheme in (("MAIL", "json"), ("TEXT", "xml"))
}


def calendar(*shifts: str) -> str:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{number}\r\n" + shift.strip().replace("\n", "\r\n") + "\r\nEND:VEVENT\r\n"
        for number, shift in enumerate(shifts)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{events}END:VCALENDAR\r\n"


def always(person: str) -> str:
    return calendar(f"SUMMARY:{person}\nDTSTART;VALUE=DATE:20261101\nDTEND;VALUE=DATE:20261102\nRRULE:FREQ=DAILY")


@pytest.fixture
def graph() -> Graph:
    def node(name: str, title: str, english: str, plural: str) -> str:
        return (
            f'[node.{name}]\ntitle = {{ nl = "{title}", en = "{english}" }}\nrunbook = "{name}"\nplural = {plural}\n'
            'probe = { kind = "http", url = "http://127.0.0.1:1/" }\n'
        )

    return read_graph(
        node("web", "Webpagina's", "Web pages", "true")
        + node("mail", "Mailserver", "The mail", "false")
        + '[function.ordering]\ntitle = { nl = "Bestellen", en = "Ordering" }\nplural = false\nneeds = ["web"]\n'
        'degraded = { nl = "Bestellen gaat traag.", en = "Ordering is slow." }\n'
        'stopped = { nl = "Niemand kan bestellen.", en = "Nobody can order." }\n',
        {},
    )


@pytest.fixture
def team_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, address in ENVIRONMENT.items():
        monkeypatch.setenv(name, address)
    (tmp_path / "first.ics").write_text(always("anna"))
    (tmp_path / "backup.ics").write_text(always("bram"))
    path = tmp_path / "oncall.toml"
    path.write_text(TEAM)
    return path


@pytest.fixture
def ops(
    tmp_path: Path,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    with django_db_blocker.unblock():
        made = migrated()
        _use(tmp_path / "watch.sqlite", monkeypatch)
        (tmp_path / "watch.sqlite").write_bytes(made)
        yield
        connections["ops"].close()


@cache
def migrated() -> bytes:
    """The watch's file as its migrations leave it; made once, as they take longer than a test."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        file = Path(folder) / "watch.sqlite"
        _use(file, patch)
        call_command("migrate", "ops", database="ops", verbosity=0)
        connections["ops"].close()  # what its log holds goes into the file
        return file.read_bytes()


def _use(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connections["ops"].close()
    quick = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF", "transaction_mode": "IMMEDIATE"}
    for given in (connections["ops"].settings_dict, connections.settings["ops"]):
        monkeypatch.setitem(given, "NAME", str(file))
        monkeypatch.setitem(given, "OPTIONS", quick)


@dataclass
class Recorder:
    """Takes everything at once, unless it is told to hold it, or to refuse."""

    answer: str = Notification.Outcome.SENT
    got: list[Message] = field(default_factory=list)
    held: list[Outcome] = field(default_factory=list)
    now: datetime = MONDAY

    def send(self, message: Message) -> None:
        self.got.append(message)
        if self.answer:
            self.held.append(Outcome(message.notification, message.claim, str(self.answer), "", self.now))

    def outcomes(self) -> list[Outcome]:
        told, self.held = self.held, []
        return told

    def titles(self) -> list[tuple[str, str, str]]:
        """(person, channel, title) of everything, in order."""
        rows = {each.pk: each for each in Notification.objects.all()}
        return [(rows[m.notification].person, rows[m.notification].channel, m.title) for m in self.got]


class Night:
    """A clock that tests drive, and what the watch would write."""

    def __init__(self, graph: Graph, team_file: Path) -> None:
        self.graph, self.team_file = graph, team_file
        self.now, self.sender = MONDAY, Recorder()
        self.restart()

    def restart(self) -> None:
        """The process died; another begins with what the database has. What was on its way is not heard of again."""
        self.sender.held.clear()
        self.duty = OnCall(self.graph, self.team_file, self.sender)

    def tick(self, seconds: float = 1) -> None:
        self.now += timedelta(seconds=seconds)
        self.sender.now = self.now
        self.duty.tend(self.now)

    def pass_by(self, seconds: int, step: int = 5) -> None:
        for _ in range(0, seconds, step):
            self.tick(step)

    def confirm_channels(self) -> None:
        """Everybody answers their tests."""
        self.tick()
        Escalation.objects.filter(page__kind=Page.Kind.TEST).update(acknowledged_at=self.now, acknowledged_by="x")
        self.tick(10)
        self.sender.got.clear()

    def verdict(
        self, what: str = "opened", *, number: int = 1, effect: str = "stopped", into: int | None = None
    ) -> None:
        said = {
            "culprits": ["web"],
            "word": "down",
            "effect": effect,
            "functions": {"ordering": effect} if effect != "none" else {},
            "evidence": [["web", "no answer in 2 s"]],
        }
        over = what in {"closed", "merged"}
        verdict, _ = Verdict.objects.update_or_create(
            pk=number,
            defaults=said
            | {
                "family": f"web{number}",
                "first_failing_at": self.now,
                "opened_at": self.now,
                "closed_at": self.now if over else None,
                "merged_into": into,
            },
        )
        Entry.objects.create(verdict=verdict, at=self.now, what=what, **said)


@pytest.fixture
def night(ops: None, graph: Graph, team_file: Path) -> Night:
    """Monday, 3.00 in the Netherlands; every channel has been confirmed."""
    made = Night(graph, team_file)
    made.confirm_channels()
    return made
