"""Everything one person's client knows: their groups and whom they meet there, from what the server brings.

Events are taken in the server's order and checked one by one. What does not hold is left out, and told; what cannot be
read yet is tried again when a key comes. Taking an event twice changes nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec

from balie.consult.client.application import Application, Belongings, Event, News, ProblemError, Sent, Stated
from balie.consult.client.contacts import Contact
from balie.consult.client.groups import Group
from balie.consult.client.keyrings import Keyring
from balie.consult.protocol import group_keys, membership
from balie.consult.protocol.boxes import kid_of
from balie.consult.protocol.group_keys import accept_group_key
from balie.consult.protocol.membership import Add, Create, Kind, Remove, accept_act, is_too_many
from balie.consult.protocol.messages import is_new, open_message
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.statements import peek

PERSON = "person:"
NOT_FOUND = "not_found"
LIMIT = "limit"


class _Acting(msgspec.Struct):
    acting: str = msgspec.field(name="as", default="")


@dataclass
class World:
    """`cursor`: number of the last event that was taken. `outside`: teams one is not in, but meets in conversations.
    `faults`: statements that do not hold, by name, and why.
    """

    application: Application
    keyring: Keyring
    cursor: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
    outside: dict[str, Group] = field(default_factory=dict)
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
            elif (team := self.known_team(name)) and (key := self.team_key(team)):
                found[member] = key
        return found

    def is_in(self, team: Group) -> bool:
        return self.me in team.membership().members

    def known_team(self, name: str) -> Group | None:
        """One that one is in, or else as one last heard of it."""
        own = self.groups.get(name)
        return own if own and self.is_in(own) else self.outside.get(name, own)

    def team_key(self, team: Group) -> str | None:
        """Its current key: one that one has oneself, of a team that one is in."""
        current = self.current(team)
        return team.fitting_key(current) if self.is_in(team) else team.stated_key(current)

    async def team(self, name: str, *, again: bool = False) -> Group | None:
        """A team, asked for when one meets it first, or may have something new; None when one may not know it."""
        known = self.known_team(name)
        if known and (self.is_in(known) or (name in self.outside and not again)):
            return known
        try:
            return await self._read_team(name)
        except ProblemError as problem:
            if problem.code != NOT_FOUND:
                raise
            return known

    async def _read_team(self, name: str) -> Group:
        team, after, more = self.outside.setdefault(name, Group(name, "team")), 0, True
        for member in team.membership().members:
            await self.contact(member.removeprefix(PERSON), again=True)
        while more:
            page = await self.application.team(name, after=after)
            for event in page.events:
                await self._take_statement(team, event)
            after, more = page.after, page.more
        return team

    async def meet_teams(self, group: Group, *, again: bool = False) -> None:
        """The teams among its members; `again`: ask what is new of those that one is not in."""
        for member in group.membership().members:
            if not member.startswith(PERSON):
                await self.team(member.partition(":")[2], again=again)

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
        if event.statement.group is None:
            self._take_of(await self.contact(event.statement.person), event)
        elif group := self.groups.get(event.statement.group):
            await self._take_statement(group, event)

    async def _take_statement(self, group: Group, event: Event) -> None:
        assert event.statement is not None
        contact = await self.contact(event.statement.person)
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
        acting = msgspec.json.decode(peek(said.signed), type=_Acting).acting
        teams = {acting} if contact.person in await self._people(acting, contact.person) else set()
        keys = contact.keys_at(feed, teams)
        if said.typ == membership.TYP:
            act = accept_act(said.signed, keys)
            if is_too_many(act.form, [each for each in group.acts.values() if each.name != act.name]):
                self.faults[act.name] = LIMIT
                return
            group.acts[act.name] = act
            for member in group.membership().members:
                if member.startswith(PERSON):
                    await self.contact(member.removeprefix(PERSON))
        elif said.typ == group_keys.TYP:
            group.take_key(said.name, accept_group_key(said.signed, group.kind, keys), said.sealed)
            await self._open_all()

    async def _people(self, member: str, author: str) -> set[str]:
        """Who may act or write as this member. Of a team that one may not know nobody can tell: whoever did."""
        kind, _, name = member.partition(":")
        if kind == "person":
            return {name}
        team = await self.team(name)
        if team and not self.is_in(team) and PERSON + author not in team.ever():
            team = await self.team(name, again=True)
        return {each.removeprefix(PERSON) for each in team.ever()} if team else {author}

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
                writers={member: await self._people(member, sent.person) for member in group.ever()},
            )
            if is_new(opened, {name: each.name for name, each in group.messages.items() if name == sent.id}):
                group.take_message(sent.id, opened)
                self._news.append(sent.id)
        except Rejected as rejected:
            group.rejected[sent.id] = str(rejected.reason)
        group.unread.pop(sent.id, None)
