"""The keys of a person, generation after generation (`keys.md`, "Person keys")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha512
from typing import Final, Literal, TypeVar

from balie.consult.protocol import suite
from balie.consult.protocol.encoding import b64, info, unb64
from balie.consult.protocol.payloads import Count, Id, Name, Payload, Public, Time, decode
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import Statement, kid_of, name_of, peek, sign, verify
from balie.consult.protocol.statements import public_of as signing_public
from balie.consult.protocol.suite import FIRST, Kem

TYP: Final = "balie-person-key+jws"
ADMITTERS: Final = 2  # how many must vouch for a key that nothing ties to the one before
T = TypeVar("T", bound="ByPerson")
How = Literal["first", "continued", "admitted"]


class PersonKey(Payload, frozen=True, kw_only=True):
    """What a person states about a generation of their keys."""

    suite: int
    person: Id
    generation: Count
    kem: Public
    sign: Name
    previous: Name | None
    at: Time


class ByPerson(Payload, frozen=True, kw_only=True):
    """What somebody states with their person key of a generation."""

    person: Id
    generation: Count
    at: Time


@dataclass(frozen=True)
class Person:
    """What is accepted of a person's keys. `era`: kid to generation, of every signing key that still counts; `suite`:
    that of the KEM key.
    """

    person: str
    generation: int
    kem: bytes
    sign: bytes
    name: str
    how: How
    vouchers: tuple[str, ...] = ()
    era: Mapping[str, int] = field(default_factory=dict)
    publics: Mapping[str, bytes] = field(default_factory=dict)
    suite: int = FIRST

    @property
    def kem_key(self) -> Kem:
        return Kem(self.kem, self.suite)


@dataclass(frozen=True)
class KnownKey:
    """Somebody whose signature may count: a signing key of their era, and the teams (as members) they may act for."""

    person: str
    sign: bytes
    teams: tuple[str, ...] = ()


def state_person_key(
    *,
    person: str,
    generation: int,
    kem_seed: bytes,
    sign_seed: bytes,
    previous: str | None,
    at: int,
    others: tuple[bytes, ...] = (),
) -> Statement:
    """The statement, signed by the new key and by `others`: the previous generation, or those who admit."""
    stated = PersonKey(
        suite=suite.CURRENT,
        person=person,
        generation=generation,
        kem=b64(suite.public_of(kem_seed, suite.CURRENT)),
        sign=b64(signing_public(sign_seed)),
        previous=previous,
        at=at,
    )
    return sign(TYP, stated, (sign_seed, *others))


def accept_person_key(
    statement: Statement,
    *,
    person: str,
    known: Person | None,
    admitters: tuple[KnownKey, ...] = (),
    reserves: tuple[bytes, ...] = (),
) -> Person:
    """What is known of `person` after `statement`; `known` is what was accepted before. `reserves`: signing keys of
    reserves of teams they are in, of which one is enough.
    """
    stated = decode(peek(statement), PersonKey)
    suite.known(stated.suite, TYP)
    if stated.person != person:
        reject(Reason.WRONG_PERSON, TYP)
    if (stated.generation, stated.previous) != ((known.generation + 1, known.name) if known else (1, None)):
        reject(Reason.NOT_THE_NEXT, TYP)
    own = unb64(stated.sign)
    vouching = {kid_of(each.sign): each for each in admitters if each.person != person}
    kept = {kid_of(each): each for each in reserves}
    allowed = kept | {kid: each.sign for kid, each in vouching.items()} | {kid_of(own): own}
    if known:
        allowed[kid_of(known.sign)] = known.sign
    signed = verify(TYP, statement, allowed)
    vouchers = tuple(sorted({vouching[kid].person for kid in signed.kids if kid in vouching}))
    enough = len(vouchers) >= ADMITTERS or any(kid in kept for kid in signed.kids)
    how = _how(known, kids=signed.kids, vouched=enough)
    if how is None or kid_of(own) not in signed.kids:
        reject(Reason.MISSING_SIGNATURE, TYP)
    carried = known if known and how == "continued" else None
    return Person(
        person=person,
        generation=stated.generation,
        kem=unb64(stated.kem),
        sign=own,
        name=name_of(TYP, signed.payload),
        how=how,
        vouchers=vouchers,
        era={**(carried.era if carried else {}), kid_of(own): stated.generation},
        publics={**(carried.publics if carried else {}), kid_of(own): own},
        suite=stated.suite,
    )


def _how(known: Person | None, *, kids: tuple[str, ...], vouched: bool) -> How | None:
    if known is None:
        return "first"
    if kid_of(known.sign) in kids:
        return "continued"
    return "admitted" if vouched else None


def stated_by(person: Person, typ: str, form: type[T], statement: Statement) -> T:
    """What `person`, and nobody else, states with a key that still counts."""
    signed = verify(typ, statement, person.publics)
    stated = decode(signed.payload, form)
    if stated.person != person.person:
        reject(Reason.WRONG_PERSON, typ)
    if len(signed.kids) != 1:
        reject(Reason.MALFORMED, typ)
    if person.era[signed.kids[0]] != stated.generation:
        reject(Reason.WRONG_KEY, typ)
    return stated


def safety_number(one: Person, other: Person) -> str:
    """Sixty digits that two people compare: thirty of each, the smaller first."""
    return "".join(sorted((_digits(one), _digits(other))))


def _digits(person: Person) -> str:
    hashed = sha512(
        info("safety-number", person.person.encode(), bytes([person.suite]), person.kem, person.sign)
    ).digest()
    return "".join(f"{int.from_bytes(hashed[at : at + 5], 'big') % 100_000:05}" for at in range(0, 30, 5))
