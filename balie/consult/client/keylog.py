"""The key log as one client follows it: which keys it has, that it is the log of before, and what it says of oneself
(`docs/spec/consult/keylog.md`).
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from balie.consult.client.application import Application, ProblemError, Stated
from balie.consult.client.device import write_private
from balie.consult.client.keyrings import Keyring
from balie.consult.client.log_roots import FollowedRoots
from balie.consult.client.transport import UnreachableError
from balie.consult.keyservers import KeyServerAt, cosigners, key_log_name
from balie.consult.protocol import keylog, persons
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.keylog import (
    Checkpoint,
    Cosigner,
    accept_checkpoint,
    check_entry,
    check_follows,
    entry_of,
)
from balie.consult.protocol.logs import ROOTS
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.persons import PersonKey
from balie.consult.protocol.reasons import Reason, Rejected, reject
from balie.consult.protocol.statements import Signers, peek, signers, verify, without_others
from balie.consult.protocol.trees import Frontier

PERSONS_MOST: Final = 100


@dataclass
class FollowedLog:
    """`seen` is the last checkpoint that was accepted; `trouble` why the last one was not. With `kept`, a file, the
    next start goes on from what this one saw.
    """

    application: Application
    origin: str
    cosigners: Sequence[Cosigner]
    kept: Path | None = None
    seen: Checkpoint | None = None
    trouble: str = ""
    _included: set[str] = field(default_factory=set)
    _own: set[str] = field(default_factory=set)
    _in_log: list[str] = field(default_factory=list)
    _roots: FollowedRoots = field(default_factory=FollowedRoots)
    _read: Frontier = field(default_factory=Frontier)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        if self.kept and self.kept.exists():
            self.seen = self._accepted(self.kept.read_text(encoding="utf-8"))

    def has(self, statement: str) -> bool:
        """Whether it was proved to be in the log."""
        return statement in self._included

    async def learn(self, people: Iterable[str]) -> None:
        """Which statements of these people are in the log now; what does not hold is not, and is told in `trouble`."""
        asked = sorted(people)
        for at in range(0, len(asked), PERSONS_MOST):
            async with self._asking:
                try:
                    await self._learn(asked[at : at + PERSONS_MOST])
                    self.trouble = ""
                except Rejected as rejected:
                    self.trouble = str(rejected.reason)
                except (ProblemError, UnreachableError) as fault:
                    self.trouble = str(fault)

    async def _learn(self, people: Sequence[str]) -> None:
        told = await self.application.key_log(since=self.seen.size if self.seen else 0, persons=people)
        if told.checkpoint is None:
            return
        checkpoint = self._take(told.checkpoint, told.consistency)
        for person in people:
            for each in told.entries.get(person, ()):
                proof = [unb64(hashed) for hashed in each.proof]
                check_entry(checkpoint, person=person, statement=each.statement, index=each.index, proof=proof)
                self._included.add(each.statement)

    def _accepted(self, note: str) -> Checkpoint:
        return accept_checkpoint(note, origin=self.origin, cosigners=self.cosigners).checkpoint

    def _take(self, note: str, consistency: Sequence[str]) -> Checkpoint:
        """A checkpoint that goes on from what was seen before. Raises Rejected."""
        checkpoint = self._accepted(note)
        if self.seen:
            check_follows(checkpoint, self.seen, [unb64(each) for each in consistency])
        self._see(checkpoint, note)
        return checkpoint

    async def audit(self, keyring: Keyring) -> list[str]:
        """Read on in the whole log, and name the statements in it about oneself that no key of ours made. Raises
        Rejected: `forked` when it is not the log that others are shown, `log-rewritten` when the log of who did what is
        not the one whose roots are in it.
        """
        while not await self.read_on(keyring.person):
            pass
        await self.check_roots(keyring.person)
        return await self.foreign(keyring)

    async def check_roots(self, person: str) -> None:
        """That the log of who did what has every root that was read here, in order, and one's own book under them.
        Raises Rejected (`log-rewritten`).
        """
        await self._roots.check(self.application, self._in_log, person)

    async def read_on(self, person: str) -> bool:
        """One page further in the whole log, for what it says of this person; whether that was the last. Raises
        Rejected.
        """
        async with self._asking:
            page = await self.application.key_log_entries(after=self._read.size)
            own = entry_of(person)
            for each in page.entries:
                self._read.append(keylog.entry_leaf(each.of, each.statement))
                self._is_as(self.seen)
                self._own |= {each.statement} if each.of == own else set()
                self._in_log += [each.statement] if each.of == ROOTS else []
            if page.more and page.entries:
                return False
            if page.checkpoint is not None:
                self._ends_at(page.checkpoint)
            return True

    async def foreign(self, keyring: Keyring) -> list[str]:
        """Which of the statements about oneself, as far as they were read, no key of ours made."""
        about = await self.application.person(keyring.person)
        said = [each.statement for each in about.events if each.statement and each.statement.name in self._own]
        return sorted(self._own - made_by(keyring, said))

    def _ends_at(self, note: str) -> None:
        """All that was read is what was cosigned; so the next start need not begin with less."""
        checkpoint = self._accepted(note)
        if self.seen and checkpoint.size < self.seen.size:
            reject(Reason.STALE, "checkpoint")
        if checkpoint.size != self._read.size:
            reject(Reason.FORKED, "entries")
        self._is_as(checkpoint)
        self._see(checkpoint, note)

    def _see(self, checkpoint: Checkpoint, note: str) -> None:
        if self.kept and checkpoint != self.seen:
            write_private(self.kept, note.encode())
        self.seen = checkpoint

    def _is_as(self, checkpoint: Checkpoint | None) -> None:
        """That what was read so far is what a checkpoint of that size was made of."""
        if checkpoint and checkpoint.size == self._read.size and checkpoint.root != self._read.root():
            reject(Reason.FORKED, "entries")


def follow(
    application: Application, servers: Sequence[KeyServerAt], *, address: str, kept: Path | None = None
) -> FollowedLog | None:
    """The log of the installation at this address; None where its key servers cosign none."""
    known = cosigners(servers)
    return FollowedLog(application, key_log_name(servers, address=address), known, kept) if known else None


def made_by(keyring: Keyring, said: Sequence[Stated]) -> set[str]:
    """Which of one's statements, in their order, a key of this keyring made, or one that such a key continued in."""
    own = signers(*(keyring.known.publics.values()))
    for stated in keyring.history:
        own |= signers(unb64(decode(peek(stated), PersonKey).sign))
    made = set()
    for each in said:
        if _is_by(each, own):
            made.add(each.name)
            if each.typ == persons.TYP:
                own |= signers(unb64(decode(peek(each.signed), PersonKey).sign))
    return made


def _is_by(said: Stated, own: Signers) -> bool:
    try:
        return verify(said.typ, without_others(said.signed, own), own).name == said.name
    except Rejected:
        return False
