"""Who plays in the vectors: people with fixed seeds, and statements of theirs."""

from dataclasses import dataclass, replace
from typing import Any

from balie.consult.protocol import persons, statements
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.persons import KnownKey, Person
from balie.consult.protocol.statements import Statement, sign_compact
from balie.consult.protocol.tests.vectors.maker import secret

AT = 1_800_000_000


@dataclass(frozen=True)
class Actor:
    """Somebody, with the seeds of one generation and what stood before it."""

    who: str
    generation: int = 1
    previous: str | None = None

    @property
    def id(self) -> str:
        return b64(secret(f"{self.who} id", 16))

    @property
    def kem_seed(self) -> bytes:
        return secret(f"{self.who} kem {self.generation}")

    @property
    def sign_seed(self) -> bytes:
        return secret(f"{self.who} sign {self.generation}")

    @property
    def sign_public(self) -> bytes:
        return statements.public_of(self.sign_seed)

    def states(self, *others: bytes) -> Statement:
        """The key statement, co-signed by the seeds `others`."""
        return persons.state_person_key(
            person=self.id,
            generation=self.generation,
            kem_seed=self.kem_seed,
            sign_seed=self.sign_seed,
            previous=self.previous,
            at=AT,
            others=others,
        )

    def person(self) -> Person:
        return persons.accept_person_key(Actor(self.who).states(), person=self.id, known=None)

    def next(self) -> "Actor":
        """The generation after, which names this one."""
        name = statements.name_of(persons.TYP, statements.peek(self.states()))
        return replace(self, generation=self.generation + 1, previous=name)

    def known_key(self) -> KnownKey:
        return KnownKey(person=self.id, sign=self.sign_public)


def sign_raw(typ: str, payload: bytes, *seeds: bytes) -> Statement:
    """Whatever bytes, signed: for what nobody who follows the specification would sign."""
    compact = [sign_compact(typ, payload, seed).split(".") for seed in seeds]
    signatures = [{"protected": header, "signature": signature} for header, _, signature in compact]
    return {"payload": b64(payload), "signatures": signatures}


def shown(key: KnownKey) -> dict[str, Any]:
    return {"person": key.person, "sign": b64(key.sign), "teams": list(key.teams)}


ANNA, BEN, CORA, DIRK, EVA = (Actor(who) for who in ("anna", "ben", "cora", "dirk", "eva"))
