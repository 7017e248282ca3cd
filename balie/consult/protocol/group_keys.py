"""Keys of teams and conversations, named by what they are (`teams.md`)."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

import msgspec

from balie.consult.protocol import suite
from balie.consult.protocol.boxes import KEY_BYTES
from balie.consult.protocol.encoding import info, name, unb64
from balie.consult.protocol.membership import AFTER_MAX, Kind, Membership
from balie.consult.protocol.payloads import Id, Member, Name, Payload, Public, Time, decode
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import Statement, kid_of, sign, verify
from balie.consult.protocol.suite import FIRST, public_name, public_of, seal, unseal

TYP: Final = "balie-group-key+jws"
MEMBERS_MAX: Final = 512


class Recipient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member, and the name of the KEM key it was sealed to."""

    member: Member
    kem: Name


class GroupKey(Payload, frozen=True, kw_only=True):
    """What somebody states when they make a key, or seal one to more members. `kem` is there for teams only, and
    `suite` is that of `kem`.
    """

    suite: int
    group: Name
    key: Name
    kem: Public | None
    heads: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=AFTER_MAX)]
    to: Annotated[tuple[Recipient, ...], msgspec.Meta(min_length=1, max_length=MEMBERS_MAX)]
    by: Id
    acting: Member = msgspec.field(name="as")
    at: Time


def key_name(kind: Kind, group: str, key: bytes, number: int = FIRST) -> str:
    """What a group's key is called: all of it, so that no key can pass for another. A team's is of suite `number`."""
    if len(key) != KEY_BYTES:
        reject(Reason.MALFORMED_KEY, TYP)
    return (
        public_name(public_of(key, number), number) if kind == "team" else name("conversation-key", group.encode(), key)
    )


def _context(group: str, key: str, member: str, kem: str) -> bytes:
    return info("group-key", group.encode(), key.encode(), member.encode(), kem.encode())


def seal_group_key(
    kind: Kind, group: str, key: bytes, *, member: str, public: bytes, of: int = FIRST, to: int = FIRST
) -> bytes:
    """`key` sealed to one member, whose KEM key is `public`, of suite `to`; `of` is that of the key of a team."""
    context = _context(group, key_name(kind, group, key, of), member, public_name(public, to))
    return seal(public, context, key, to)


def open_group_key(kind: Kind, group: str, named: str, *, member: str, seed: bytes, sealed: bytes) -> bytes:
    """The key called `named`, sealed to `member`, whose seed is at hand."""
    number = suite.suite_of(sealed)
    suite.known(number, "sealed")
    key = unseal(seed, _context(group, named, member, public_name(public_of(seed, number), number)), sealed)
    if len(key) != KEY_BYTES or suite_of_key(kind, group, key, named) is None:
        reject(Reason.WRONG_KEY, TYP)
    return key


def suite_of_key(kind: Kind, group: str, key: bytes, named: str) -> int | None:
    """Under which suite a key bears this name; None when it does not. A conversation's has no suite: the first."""
    return next((each for each in suite.SUITES if key_name(kind, group, key, each) == named), None)


def state_group_key(stated: GroupKey, sign_seed: bytes) -> Statement:
    return sign(TYP, stated, [sign_seed])


def accept_group_key(statement: Statement, kind: Kind, known: Iterable[KnownKey]) -> GroupKey:
    """What one of `known` states about a key of a group of this kind."""
    keys = {kid_of(each.sign): each for each in known}
    signed = verify(TYP, statement, {kid: each.sign for kid, each in keys.items()})
    stated = decode(signed.payload, GroupKey)
    suite.known(stated.suite, TYP)
    if len(signed.kids) != 1:
        reject(Reason.MALFORMED, TYP)
    author = keys[signed.kids[0]]
    if stated.by != author.person:
        reject(Reason.WRONG_PERSON, TYP)
    if stated.acting != f"person:{author.person}" and stated.acting not in author.teams:
        reject(Reason.NOT_ALLOWED, TYP)
    members = [each.member for each in stated.to]
    if members != sorted(set(members)) or list(stated.heads) != sorted(set(stated.heads)):
        reject(Reason.MALFORMED, TYP)
    if (stated.kem is None) == (kind == "team"):
        reject(Reason.MALFORMED, TYP)
    if stated.kem is not None and public_name(unb64(stated.kem), stated.suite) != stated.key:
        reject(Reason.WRONG_KEY, TYP)
    return stated


def choose_key(
    group: str, membership: Membership, stated: Iterable[GroupKey], current: Mapping[str, str]
) -> str | None:
    """The newest key that all members have under their current KEM keys, and nobody else; None: make one."""
    sealed_to: dict[str, set[tuple[str, str]]] = {}
    made: dict[str, int] = {}
    for each in stated:
        if each.group == group and each.acting in membership.members:
            sealed_to.setdefault(each.key, set()).update((to.member, to.kem) for to in each.to)
            made[each.key] = max(each.at, made.get(each.key, 0))
    wanted = {(member, current.get(member)) for member in membership.members}
    usable = [key for key, to in sealed_to.items() if to == wanted]
    return max(usable, key=lambda key: (made[key], key), default=None)
