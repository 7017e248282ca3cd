"""Two conversations and the people in them, asked through `hot.py` as the live process does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from balie.consult import hot
from balie.consult.hot import EventRow, StoreAnswer, StoreRequest
from balie.consult.models import Group, GroupKey
from balie.consult.testing import make_device, make_group, make_identity, new_id
from balie.practices.testing import make_person
from balie.runtime.hot import Connection, connect


@dataclass(frozen=True)
class Member:
    """Somebody with one device."""

    person: int
    identity: str
    device: str


@dataclass(frozen=True)
class Conversation:
    pk: int
    name: str
    key: str


class Ward:
    """Anna and Bilal talk in `both`; Chris is on the team that takes part in `consult` beside Anna; Dina is in none."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        identities = [make_identity(make_person(name)) for name in ("Anna", "Bilal", "Chris", "Dina")]
        members = [Member(each.person_id, each.pk, make_device(each).pk) for each in identities]
        self.anna, self.bilal, self.chris, self.dina = members
        self.team = make_group(Group.Kind.TEAM, identities[2])
        self.both = _conversation(make_group(Group.Kind.CONVERSATION, identities[0], identities[1]))
        self.consult = _conversation(make_group(Group.Kind.CONVERSATION, identities[0], self.team))

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Connection]:
        """One more connection of the hot paths."""
        async with await connect(self.dsn, name="test") as conn:
            yield conn

    @staticmethod
    def message(author: Member, conversation: Conversation, text: str = "sealed", **more: str) -> StoreRequest:
        said = {"device": author.device, "id": new_id(), "key": conversation.key, "envelope": text, **more}
        return StoreRequest(conversation=conversation.name, person=author.person, **said)

    async def send(self, conn: Connection, *messages: StoreRequest) -> list[StoreAnswer]:
        return await hot.store_batch(conn, messages)

    async def read(self, conn: Connection, reader: Member, *, after: int = 0, most: int = 100) -> list[EventRow]:
        page = await hot.read_page(conn, reader.person, after=after, most=most)
        return await hot.read_events(conn, reader.person, page.feeds)


def _conversation(group: Group) -> Conversation:
    return Conversation(group.pk, group.name, GroupKey.objects.get(group=group).name)
