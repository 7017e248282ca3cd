"""Builders for tests: rows of conversations, and names as the protocol writes them. Not for production code."""

from itertools import count

from balie.consult.models import Device, Group, GroupKey, Identity, Member
from balie.consult.protocol.encoding import ID_BYTES, NAME_BYTES, b64
from balie.practices.models import Person

_numbers = count(1)


def new_id() -> str:
    return b64(next(_numbers).to_bytes(ID_BYTES, "big"))


def new_name() -> str:
    return b64(next(_numbers).to_bytes(NAME_BYTES, "big"))


def make_identity(person: Person) -> Identity:
    return Identity.objects.create(id=new_id(), person=person)


def make_device(identity: Identity) -> Device:
    return Device.objects.create(id=new_id(), identity=identity)


def make_group(kind: str, *members: Identity | Group) -> Group:
    """A team or a conversation of these; a conversation with one key."""
    group = Group.objects.create(name=new_name(), kind=kind)
    for each in members:
        Member.objects.create(group=group, since=0, **{"team" if isinstance(each, Group) else "identity": each})
    if kind == Group.Kind.CONVERSATION:
        GroupKey.objects.create(group=group, name=new_name())
    return group
