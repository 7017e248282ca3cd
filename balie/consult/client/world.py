"""Everything one person's client knows: their groups and whom they meet there, from what the server brings.

Events are taken in the server's order and checked one by one. What does not hold is left out, and told; what cannot be
read yet is tried again when a key comes. Taking an event twice changes nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec

from balie.consult.client.application import Application, Belongings, Event, News, Sent, Stated
from balie.consult.client.contacts import Contact
from balie.consult.client.groups import Group
from balie.consult.client.keyrings import Keyring
from balie.consult.protocol import group_keys, membership
from balie.consult.protocol.boxes import kid_of
from balie.consult.protocol.group_keys import accept_group_key
from balie.consult.protocol.membership import Add, Create, Kind, Remove, accept_act
from balie.consult.protocol.messages import is_new, open_message
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.statements import peek

PERSON = "person:"


class _Acting(msgspec.Struct):
    acting: str = msgspec.field(name="as", default="")


@dataclass
class World:
    """`cursor`: number of the last event that was taken. `faults`: statements that do not hold, by name, and why."""

    application: Application
    keyring: Keyring
    cursor: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    _news: list[str] = field(default_factory=list)
    _catching: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def me(self) -> str:
        return PERSON + self.keyring.person

    async def begin(self) -> None:
        """What one belongs to, from its beginning."""
        belongings = await self.application.groups()
        for each in belongings.groups:
            await self._read_history(self._group(each.group, each.kind, each.since), until=belongings.feed)
        self.cursor, self._news = belongings.feed, []

    async def catch_up(self) -> list[str]:
        """All that is new; the ids of messages that can be read since this was last asked."""
        await self.refresh()
        return self._told()

    async def refresh(self) -> None:
        """All that is new, without telling. One at a time: whoever comes meanwhile waits."""
        async with self._catching:
            await self._ask()

    async def hear(self, news: News) -> list[str]:
        """What a stream brought, or what one must ask for instead; told as `catch_up` tells it."""
        async with self._catching:
            if news.events is not None and news.after <= self.cursor:
                await self._take_all(news.events)
                self.cursor = max(self.cursor, news.feed)
            elif self.cursor < news.feed:
                await self._ask()
        return self._told()

    def _told(self) -> list[str]:
        news, self._news = self._news, []
        return news

    async def _ask(self) -> None:
        more = True
        while more:
            page = await self.application.feed(self.cursor)
            await self._take_all(page.events)
            self.cursor, more = page.after, page.more

    async def _take_all(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.feed > self.cursor:
                await self._take(event)
                if self._lets_in(event):
                    await self._regroup()

    def current(self, group: Group) -> dict[str, str]:
        """The KEM keys that its members have now, as far as one knows them."""
        found = {}
        for member in group.membership().members:
            name = member.partition(":")[2]
            if member.startswith(PERSON) and name in self.contacts:
                found[member] = self.contacts[name].kem
            elif name in self.groups and (key := self.team_key(self.groups[name])):
                found[member] = key
        return found

    def team_key(self, team: Group) -> str | None:
        return team.fitting_key(self.current(team))

    async def contact(self, person: str, *, again: bool = False) -> Contact:
        """What somebody stated, asked for when one meets them first, or something new of theirs."""
        if again or person not in self.contacts:
            about = await self.application.person(person)
            contact = self.contacts.setdefault(person, Contact(person, about.name))
            for event in about.events:
                self._take_of(contact, event)
        return self.contacts[person]

    async def _regroup(self) -> None:
        belongings: Belongings = await self.application.groups()
        for each in belongings.groups:
            known = self.groups.get(each.group)
            if known is None or known.since != each.since:
                await self._read_history(self._group(each.group, each.kind, each.since), until=each.since)

    def _group(self, name: str, kind: str, since: int) -> Group:
        group = self.groups.setdefault(name, Group(name, cast("Kind", kind)))
        group.since = since
        return group

    async def _read_history(self, group: Group, *, until: int) -> None:
        """All of it, up to and with this number: copies that a team of ours got before we were in it come along."""
        after, more = 0, True
        while more:
            page = await self.application.history(group.name, after=after, until=until + 1)
            for event in page.events:
                await self._take(event)
            after, more = page.after, page.more

    def _lets_in(self, event: Event) -> bool:
        """Whether this may have made one belong to something."""
        if event.statement is None or event.statement.typ != membership.TYP:
            return False
        form = decode(peek(event.statement.signed), Create | Add | Remove)  # type: ignore[arg-type]
        ours = {self.me, *(group.member for group in self.groups.values() if group.kind == "team")}
        if isinstance(form, Create):
            return bool(ours & {each.member for each in form.members})
        return isinstance(form, Add) and form.member in ours

    async def _take(self, event: Event) -> None:
        if event.message is not None:
            await self._take_message(event.message)
        if event.statement is None:
            return
        contact = await self.contact(event.statement.person)
        if event.statement.group is None:
            self._take_of(contact, event)
            return
        group = self.groups.get(event.statement.group)
        if group is not None:
            try:
                await self._take_of_group(group, contact, event.feed, event.statement)
            except Rejected as rejected:
                self.faults[event.statement.name] = str(rejected.reason)

    def _take_of(self, contact: Contact, event: Event) -> None:
        try:
            contact.take(event, self._admitters(contact.person))
        except Rejected as rejected:
            self.faults[event.statement.name if event.statement else ""] = str(rejected.reason)

    def _admitters(self, person: str) -> tuple[KnownKey, ...]:
        """Administrators of teams that both are in."""
        teams = [group for group in self.groups.values() if group.kind == "team" and PERSON + person in group.ever()]
        roles = [(member, role) for team in teams for member, role in team.membership().members.items()]
        admins = {member.removeprefix(PERSON) for member, role in roles if role == "admin"} - {person}
        known = [self.contacts[admin].known for admin in sorted(admins) if admin in self.contacts]
        return tuple(KnownKey(each.person, each.sign) for each in known)

    async def _take_of_group(self, group: Group, contact: Contact, feed: int, said: Stated) -> None:
        keys = contact.keys_at(feed, self._teams_of(contact.person, said))
        if said.typ == membership.TYP:
            act = accept_act(said.signed, keys)
            group.acts[act.name] = act
            for member in group.membership().members:
                if member.startswith(PERSON):
                    await self.contact(member.removeprefix(PERSON))
        elif said.typ == group_keys.TYP:
            group.take_key(said.name, accept_group_key(said.signed, group.kind, keys), said.sealed)
            await self._open_all()

    def _teams_of(self, person: str, said: Stated) -> set[str]:
        """The teams that somebody may act for. Of a team that one is not in nobody can tell but its members."""
        acting = msgspec.json.decode(peek(said.signed), type=_Acting).acting
        teams = {each.member: each for each in self.groups.values() if each.kind == "team"}
        mine = {member for member, team in teams.items() if PERSON + person in team.ever()}
        return mine | ({acting} - teams.keys())

    async def _open_all(self) -> None:
        """Whatever keys at hand open: keys of teams open those of conversations, and these open messages."""
        while any(group.open_keys(self._seed) for group in self.groups.values()):
            pass
        for group in self.groups.values():
            for sent in list(group.unread.values()):
                await self._take_message(sent)

    def _seed(self, member: str, kem: str) -> bytes | None:
        if member == self.me:
            return self.keyring.kem_seeds().get(kem)
        team = self.groups.get(member.partition(":")[2])
        return team.keys.get(kem) if team else None

    async def _take_message(self, sent: Sent) -> None:
        group = self.groups.get(sent.conversation)
        if group is None:
            return
        group.places[sent.place] = sent.id
        try:
            key = group.keys.get(kid_of(sent.envelope))
            if key is None:
                group.unread[sent.id] = sent
                return
            contact = await self.contact(sent.person)
            if sent.device not in contact.devices:
                contact = await self.contact(sent.person, again=True)
            opened = open_message(
                sent.envelope,
                conversation=group.name,
                message_id=sent.id,
                key=key,
                devices=list(contact.devices.values()),
                writers=self._writers(group, sent.person),
            )
            if is_new(opened, {name: each.name for name, each in group.messages.items() if name == sent.id}):
                group.take_message(sent.id, opened)
                self._news.append(sent.id)
        except Rejected as rejected:
            group.rejected[sent.id] = str(rejected.reason)
        group.unread.pop(sent.id, None)

    def _writers(self, group: Group, author: str) -> Mapping[str, set[str]]:
        """Who may write as whom. For a team that one is not in: whoever did."""
        found = {}
        for member in group.ever():
            kind, _, name = member.partition(":")
            if kind == "person":
                found[member] = {name}
            elif name in self.groups:
                found[member] = {each.removeprefix(PERSON) for each in self.groups[name].ever()}
            else:
                found[member] = {author}
        return found
