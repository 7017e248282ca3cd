"""What a watch wrote down, read from its own database, and what reached people, read where it arrived."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

STEP_WITHIN_S: Final = 30.0  # a message of an escalation, when the watch that sends it may have been killed meanwhile
REPETITIONS: Final = ("Herhaling", "Repetition")

TRANSITIONS = "select at, node, after, evidence from ops_transition order by id"
ENTRIES = "select at, what, culprits, effect, evidence, functions, verdict_id from ops_entry order by id"
TOLD = """
select n.ended_at, p.kind, p.verdict, p.subject
  from ops_notification n join ops_escalation e on e.id = n.escalation_id join ops_page p on p.id = e.page_id
 where n.what = 'page' and n.outcome = 'sent' order by n.ended_at
"""
UPDATES = "select u.id, i.verdict from ops_update u join ops_incident i on i.id = u.incident_id order by u.id"
ESCALATIONS = """
select e.id, e.began_at, e.levels,
       min(coalesce(e.acknowledged_at, '9'), coalesce(p.resolved_at, '9'),
           coalesce((select min(later.began_at) from ops_escalation later
                      where later.page_id = e.page_id and later.round > e.round), '9'))
  from ops_escalation e join ops_page p on p.id = e.page_id
 where p.kind = 'outage' and p.effect <> 'none' order by e.id
"""
CLAIMED = """
select escalation_id, step, person, channel from ops_notification where what = 'page' and claimed_at is not null
"""
MESSAGES = "select person, count(*) from ops_notification where channel = ? and claimed_at is not null group by person"


@dataclass(frozen=True)
class Turn:
    """A part began to stand differently. `at` is in seconds since 1970, as everywhere here."""

    at: float
    node: str
    after: str
    evidence: str


@dataclass(frozen=True)
class Word:
    """What the watch said of an outage; `outage` is the same for all that it said of one."""

    at: float
    what: str
    culprits: frozenset[str]
    effect: str
    evidence: str
    functions: Mapping[str, str] = field(default_factory=dict)
    outage: str = ""


@dataclass(frozen=True)
class Told:
    """Something that reached somebody: a message that its transport took, or an update that stood on the status page.
    `nodes` are those that its outage was ever blamed on; `about` says what it was about otherwise; `outage` as of a
    word.
    """

    at: float
    nodes: frozenset[str]
    about: str = "outage"
    outage: str = ""


@dataclass(frozen=True)
class Watched:
    """All that was said. `closings`: when the product closed something because of it. `untold`: steps of escalations
    that never went out; `doubled`: how many messages somebody got that were not meant. It lasted `lasted_s`.
    """

    turns: Sequence[Turn] = ()
    words: Sequence[Word] = ()
    closings: Sequence[float] = ()
    pages: Sequence[Told] = ()
    posts: Sequence[Told] = ()
    untold: Sequence[str] = ()
    doubled: Mapping[str, int] = field(default_factory=dict)
    lasted_s: float = 0.0

    def beside(self, other: Watched) -> Watched:
        """What two watches said together."""
        return Watched(
            sorted([*self.turns, *other.turns], key=lambda turn: turn.at),
            sorted([*self.words, *other.words], key=lambda word: word.at),
            [*self.closings, *other.closings],
            sorted([*self.pages, *other.pages], key=lambda page: page.at),
            sorted([*self.posts, *other.posts], key=lambda post: post.at),
            [*self.untold, *other.untold],
            {**self.doubled, **other.doubled},
            max(self.lasted_s, other.lasted_s),
        )


def read_watched(
    ledger: Path, closings: Sequence[float] = (), *, seen: Mapping[int, float] | None = None, until: float = 0.0
) -> Watched:
    """From its own database, once it has stopped, at `until`. `seen` is when each update was first seen on the page."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as conn:
        turns = [Turn(seconds(at), *rest) for at, *rest in conn.execute(TRANSITIONS)]
        words = [
            Word(
                seconds(at),
                what,
                frozenset(json.loads(culprits)),
                effect,
                evidence,
                json.loads(functions),
                f"{ledger.parent.name} {verdict}",
            )
            for at, what, culprits, effect, evidence, functions, verdict in conn.execute(ENTRIES)
        ]
        blamed = _blamed(words)

        def told(at: float, verdict: int | None, about: str = "outage") -> Told:
            outage = "" if verdict is None else f"{ledger.parent.name} {verdict}"
            return Told(at, blamed.get(outage, frozenset()), about, outage)

        pages = [
            told(seconds(at), verdict, "outage" if kind == "outage" else subject)
            for at, kind, verdict, subject in conn.execute(TOLD)
            if kind != "test"
        ]
        posts = [told(seen[update], verdict) for update, verdict in conn.execute(UPDATES) if seen and update in seen]
        return Watched(turns, words, closings, pages, posts, list(_untold(conn, until)))


def count_doubled(
    arrived: Sequence[Mapping[str, Any]], ledgers: Sequence[Path], *, channel: str, people: Mapping[str, str]
) -> dict[str, int]:
    """How many messages more arrived than were meant, by person. `arrived` are those of one channel, by `to` and
    `words`; `people` has whose address each is. One that says that it repeats another may be there twice.
    """
    meant: Counter[str] = Counter()
    for ledger in ledgers:
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as conn:
            meant.update(dict(conn.execute(MESSAGES, [channel])))
    got = Counter(people[each["to"]] for each in arrived if not each["words"].startswith(REPETITIONS))
    return {person: count - meant[person] for person, count in got.items() if count > meant[person]}


def _blamed(words: Sequence[Word]) -> dict[str, frozenset[str]]:
    """Which nodes each outage was ever blamed on."""
    found: dict[str, frozenset[str]] = {}
    for word in words:
        found[word.outage] = found.get(word.outage, frozenset()) | word.culprits
    return found


def _untold(conn: sqlite3.Connection, until: float) -> Iterator[str]:
    """Every step whose time had come, while nothing had stopped its escalation, and that nobody began to send."""
    claimed = set(conn.execute(CLAIMED))
    for number, began_at, levels, ended_at in conn.execute(ESCALATIONS):
        ends = until if ended_at == "9" else min(until, seconds(ended_at))
        for step, level in enumerate(json.loads(levels)):
            if seconds(began_at) + level["after_s"] + STEP_WITHIN_S > ends:
                continue
            for person in level["people"]:
                for channel in person["channels"]:
                    if (number, step, person["person"], channel) not in claimed:
                        yield f"escalation {number}, step {step}: {person['person']} by {channel}"


def seconds(at: str) -> float:
    """Since 1970, of a moment as SQLite keeps it."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
