"""Who may be woken, by which channels, in which order: one TOML file, read and checked before it counts.

The file names the environment variable that holds each channel's address, or a file of which `NAME_FILE` tells the
path; addresses hold keys and telephone numbers, so they stand in no file that others read, no log and no page.
"""

import os
import stat
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from django.utils.crypto import salted_hmac

from balie.ops.graph import Name, Words
from balie.ops.oncall.rotas import Rota, RotaError


class TeamError(ValueError):
    """The file cannot be used; the text says where, what is wrong, and what is expected."""


class _Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    language: Literal["nl", "en"] = "nl"
    channels: dict[Name, str]


class _Rota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Words
    calendar: str


class Level(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whoever is on call in `rota`, who has `wait_s` seconds to answer before the next level is told too."""

    rota: Name
    wait_s: Annotated[int, msgspec.Meta(ge=30)] = 300


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: dict[Name, _Person]
    rota: dict[Name, _Rota]
    level: Annotated[tuple[Level, ...], msgspec.Meta(min_length=1)]
    repeat: Annotated[int, msgspec.Meta(ge=0, le=20)] = 3


@dataclass(frozen=True)
class Channel:
    """`address` is as Apprise writes it; never shown. `fingerprint` tells whether it is still the one that was
    tested.
    """

    name: str
    address: str = field(repr=False)

    @property
    def transport(self) -> str:
        """What must work for a message to arrive: two of these fail apart."""
        return self.address.partition("://")[0].lower().removesuffix("s")

    @property
    def fingerprint(self) -> str:
        return salted_hmac("balie.ops.oncall.channel", self.address, algorithm="sha256").hexdigest()[:16]


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    language: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class Team:
    """A checked file. `repeat`: how often all levels are gone through again when nobody answers."""

    people: Mapping[str, Person]
    rotas: Mapping[str, Rota]
    titles: Mapping[str, Words]
    levels: Sequence[Level]
    repeat: int

    def channel(self, person: str, channel: str) -> Channel | None:
        """None where the file no longer has it."""
        known = self.people.get(person)
        return next((each for each in known.channels if each.name == channel), None) if known else None

    def members(self) -> list[Person]:
        """Everybody in a rota that some level asks."""
        keys = {key for level in self.levels for key in self.rotas[level.rota].members}
        return [self.people[key] for key in sorted(keys)]

    def refused(self, confirmed: Collection[str]) -> dict[str, list[tuple[Person, Channel]]]:
        """The rotas that decide nothing, each with the channels of its members that nobody confirmed: `confirmed` are
        the fingerprints of those that somebody did.
        """
        found = {
            key: [
                (self.people[member], channel)
                for member in sorted(rota.members)
                for channel in self.people[member].channels
                if channel.fingerprint not in confirmed
            ]
            for key, rota in self.rotas.items()
        }
        return {key: lacking for key, lacking in found.items() if lacking}

    def snapshot(self, at: datetime, refused: Collection[str] = ()) -> list[dict[str, Any]]:
        """The levels of an escalation that begins at `at`. Of a rota that is refused everybody is told, and so is the
        whole team where nobody is on call: better two too many than nobody.
        """
        found: list[dict[str, Any]] = []
        after_s = 0
        for level in [*self.levels] * (1 + self.repeat):
            rota = self.rotas[level.rota]
            keys = sorted(rota.members) if level.rota in refused else rota.on_call(at)
            if keys:
                found.append(self._level(after_s, level.rota, keys))
                after_s += level.wait_s
        return found or self.everybody()

    def everybody(self) -> list[dict[str, Any]]:
        """Levels that tell all members at once, and again."""
        wait_s = sum(level.wait_s for level in self.levels)
        keys = [person.key for person in self.members()]
        return [self._level(wait_s * turn, "", keys) for turn in range(1 + self.repeat)]

    def _level(self, after_s: int, rota: str, keys: Sequence[str]) -> dict[str, Any]:
        return {"after_s": after_s, "rota": rota, "people": [told(self.people[key]) for key in keys]}


def told(person: Person) -> dict[str, Any]:
    """How a person stands in a snapshot."""
    return {
        "person": person.key,
        "name": person.name,
        "language": person.language,
        "channels": [channel.name for channel in person.channels],
    }


def load_team(path: Path, environment: Mapping[str, str] = os.environ) -> Team:
    """Raises TeamError that names the file."""
    try:
        file = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
        return _team(file, path.parent, environment)
    except OSError as fault:
        raise TeamError(f"{fault.filename}: {fault.strerror}") from None
    except tomllib.TOMLDecodeError as fault:
        raise TeamError(f"{path}: no TOML: {fault}") from None
    except (msgspec.ValidationError, TeamError) as fault:
        raise TeamError(f"{path}: {fault}") from None


def _team(file: _File, folder: Path, environment: Mapping[str, str]) -> Team:
    people = {
        key: Person(key, given.name, given.language, tuple(_channels(key, given, environment)))
        for key, given in file.person.items()
    }
    rotas = {key: _rota(key, given, folder, set(people)) for key, given in file.rota.items()}
    for number, level in enumerate(file.level, start=1):
        if level.rota not in rotas:
            raise TeamError(f"level {number}: there is no rota {level.rota!r}; known are {', '.join(sorted(rotas))}")
    team = Team(people, rotas, {key: rota.title for key, rota in file.rota.items()}, file.level, file.repeat)
    for person in team.members():
        if len({channel.transport for channel in person.channels}) < 2:
            raise TeamError(
                f"person.{person.key}.channels: one transport only; give two that fail apart, such as mail and a text"
            )
    return team


def _rota(key: str, given: _Rota, folder: Path, people: set[str]) -> Rota:
    path = folder / given.calendar
    try:
        return Rota(path.read_text(encoding="utf-8"), people)
    except RotaError as fault:
        raise TeamError(f"rota.{key}: {path}: {fault}") from None


def _channels(key: str, person: _Person, environment: Mapping[str, str]) -> Iterator[Channel]:
    import apprise  # noqa: PLC0415 - it reads all transports it knows, which takes a second

    for name, variable in person.channels.items():
        where = f"person.{key}.channels.{name}"
        address = _secret(where, variable, environment)
        if apprise.Apprise.instantiate(address) is None:
            raise TeamError(f"{where}: what {variable} holds is not an address that Apprise understands")
        yield Channel(name, address)


def _secret(where: str, variable: str, environment: Mapping[str, str]) -> str:
    if file := environment.get(f"{variable}_FILE"):
        path = Path(file)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise TeamError(f"{where}: {path} can be read by others; chmod 600 it")
        return path.read_text(encoding="utf-8").strip()
    if address := environment.get(variable, ""):
        return address
    raise TeamError(f"{where}: {variable} is not set in the environment, nor {variable}_FILE")
