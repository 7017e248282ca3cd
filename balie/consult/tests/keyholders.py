"""People with real keys, who state what clients state and post it over HTTP or by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from balie.consult.intake.stated import StatementBody
from balie.consult.protocol import devices, group_keys, membership, persons
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.group_keys import GroupKey, Recipient, key_name, seal_group_key
from balie.consult.protocol.membership import Add, Create, Founder, Remove, state_act
from balie.consult.protocol.statements import Statement, name_of, peek, public_of
from balie.consult.protocol.suite import public_name
from balie.consult.protocol.suite import public_of as kem_public
from balie.consult.testing import new_id

_numbers = count(1)


def seed() -> bytes:
    return next(_numbers).to_bytes(32, "big")


def stated(typ: str, signed: Statement, **sealed: Any) -> dict[str, Any]:
    """One of the statements of a post, as JSON has it."""
    return {"typ": typ, "signed": signed, **sealed}


def named(statement: dict[str, Any]) -> str:
    return name_of(statement["typ"], peek(statement["signed"]))


def bodies(*statements: dict[str, Any]) -> list[StatementBody]:
    """The same post, past HTTP."""
    return [StatementBody(each["typ"], each["signed"], each.get("sealed", {})) for each in statements]


@dataclass
class Keyholder:
    """Somebody with a person key and a device. `person` is their row."""

    person: int
    id: str = field(default_factory=new_id)
    device: str = field(default_factory=new_id)
    generation: int = 0
    kem: bytes = b""
    sign: bytes = b""
    last: str | None = None

    @property
    def member(self) -> str:
        return f"person:{self.id}"

    @property
    def public(self) -> bytes:
        return kem_public(self.kem)

    def new_key(self, *others: bytes, continued: bool = True) -> dict[str, Any]:
        """The next generation, signed by the one before unless that is lost, and by `others`."""
        before = (self.sign,) if self.generation and continued else ()
        self.generation, self.kem, self.sign = self.generation + 1, seed(), seed()
        signed = persons.state_person_key(
            person=self.id,
            generation=self.generation,
            kem_seed=self.kem,
            sign_seed=self.sign,
            previous=self.last,
            at=self.generation,
            others=(*before, *others),
        )
        self.last = name_of(persons.TYP, peek(signed))
        return stated(persons.TYP, signed)

    def certify(self, device: str | None = None) -> dict[str, Any]:
        said = {"person": self.id, "generation": self.generation, "device": device or self.device, "at": 1}
        return stated(devices.TYP, devices.certify_device(**said, public=public_of(seed()), sign_seed=self.sign))

    def revoke(self, device: str | None = None) -> dict[str, Any]:
        said = {"person": self.id, "generation": self.generation, "device": device or self.device, "at": 1}
        return stated(devices.REVOKED_TYP, devices.revoke_device(**said, sign_seed=self.sign))

    def create(self, kind: str, *members: str, keepers: Sequence[str] = (), **more: Any) -> dict[str, Any]:
        """A group of these and (unless `acting` is another) oneself; whoever makes a team administers it."""
        acting = more.get("acting", self.member)
        roles = dict.fromkeys(members, "member") | {acting: "admin"}
        founders = tuple(Founder(member=each, role=roles[each]) for each in sorted(roles))
        form = {"kind": kind, "members": founders, "keepers": tuple(sorted(keepers)), "nonce": new_id(), "at": 1}
        return self._act(Create(**form | {"by": self.id, "acting": acting} | more))

    def add(self, group: str, member: str, after: Sequence[str], **more: Any) -> dict[str, Any]:
        return self._act(Add(**{"role": "member", **self._change(group, member, after), **more}))

    def remove(self, group: str, member: str, after: Sequence[str], **more: Any) -> dict[str, Any]:
        return self._act(Remove(**{**self._change(group, member, after), **more}))

    def _change(self, group, member, after):
        said = {"group": group, "member": member, "after": tuple(sorted(after)), "at": 1}
        return said | {"by": self.id, "acting": self.member}

    def _act(self, form) -> dict[str, Any]:
        return stated(membership.TYP, state_act(form, self.sign))

    def key(
        self,
        kind: str,
        group: str,
        heads: Sequence[str],
        to: dict[str, bytes],
        *,
        key: bytes | None = None,
        **more: Any,
    ) -> tuple[dict[str, Any], bytes]:
        """A statement about a key (a new one) sealed to these public keys, and the key."""
        key = key or seed()
        public = kem_public(key) if kind == "team" else None
        recipients = tuple(Recipient(member=each, kem=public_name(to[each])) for each in sorted(to))
        form = {
            "suite": 1,
            "group": group,
            "key": key_name(kind, group, key),
            "kem": b64(public) if public else None,
            "heads": tuple(sorted(heads)),
            "to": recipients,
            "by": self.id,
            "acting": self.member,
            "at": 1,
        }
        sealed = {each: b64(seal_group_key(kind, group, key, member=each, public=to[each])) for each in to}
        signed = group_keys.state_group_key(GroupKey(**form | more), self.sign)
        return stated(group_keys.TYP, signed, sealed=sealed), key
