"""A statement as it was posted, read but not yet believed, and why one is not taken."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import msgspec

from balie.consult.protocol import approvals, devices, group_keys, membership, passkeys, persons, reserve, shares
from balie.consult.protocol.group_keys import GroupKey
from balie.consult.protocol.membership import Add, Create, Remove
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.reserve import PARTS, Reserve
from balie.consult.protocol.statements import Statement, name_of, peek

STATEMENTS_MOST: Final = 16
POST_MAX: Final = 1024 * 1024
Act = Create | Add | Remove
FORMS: Final[dict[str, Any]] = {
    persons.TYP: persons.PersonKey,
    devices.TYP: devices.DeviceCertificate,
    devices.REVOKED_TYP: devices.DeviceRevoked,
    shares.TYP: shares.ShareSet,
    passkeys.TYP: passkeys.Passkey,
    passkeys.REVOKED_TYP: passkeys.PasskeyRevoked,
    approvals.TRUSTEES_TYP: approvals.Trustees,
    membership.TYP: Act,
    group_keys.TYP: GroupKey,
    reserve.TYP: Reserve,
}
SEALED: Final = (group_keys.TYP, reserve.TYP)
Called = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^\S(.*\S)?\Z")]


class Holder(msgspec.Struct, frozen=True):
    """Who has a part of a reserve: their name, and what they are."""

    name: Called
    role: Called


class StatementBody(msgspec.Struct, frozen=True):
    """`sealed`: member to copy of the key, in base64url, with group keys; name of a key to its copy, with reserves.
    `holders`: of the parts of a reserve, by number.
    """

    typ: Annotated[str, msgspec.Meta(max_length=40)]
    signed: Statement
    sealed: dict[str, str] = {}
    holders: Annotated[list[Holder], msgspec.Meta(max_length=PARTS)] = []


class PostBody(msgspec.Struct, frozen=True):
    """All of these are kept, or none."""

    statements: Annotated[list[StatementBody], msgspec.Meta(min_length=1, max_length=STATEMENTS_MOST)]


class Refused(Exception):  # noqa: N818 (as the protocol's Rejected)
    """Why a statement is not taken that the protocol itself does not reject: a problem's code, and what of it."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why


@dataclass(frozen=True)
class Stated:
    """`form` is what it says; nobody has vouched for it."""

    typ: str
    name: str
    form: Any
    signed: Statement
    sealed: dict[str, str]
    holders: Sequence[Holder] = ()


def read_stated(body: StatementBody) -> Stated:
    """Raises Rejected when it is not even of its form."""
    if body.typ not in FORMS:
        reject(Reason.WRONG_TYPE, "typ")
    if (body.sealed and body.typ not in SEALED) or (body.holders and body.typ != reserve.TYP):
        reject(Reason.MALFORMED, "sealed")
    payload = peek(body.signed)
    return Stated(
        typ=body.typ,
        name=name_of(body.typ, payload),
        form=decode(payload, FORMS[body.typ]),
        signed=body.signed,
        sealed=body.sealed,
        holders=body.holders,
    )


@dataclass
class Mentioned:
    """Whom a post names, so that they can be locked before it is judged; see consult_lock_v1."""

    people: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    rotates: bool = False

    def add(self, stated: Stated) -> None:
        form = stated.form
        if stated.typ == persons.TYP:
            self.rotates = True
        elif isinstance(form, Create):
            self._members(form.acting, *(each.member for each in form.members))
        elif isinstance(form, Add | Remove):
            self.subjects.add(form.group)
            self._members(form.acting, form.member)
        elif isinstance(form, GroupKey):
            self.subjects.add(form.group)
            self._members(form.acting, *(each.member for each in form.to))
        elif isinstance(form, Reserve):
            self.subjects.add(form.team)

    def _members(self, *members: str) -> None:
        for each in members:
            kind, _, name = each.partition(":")
            (self.people if kind == "person" else self.named).add(name)
