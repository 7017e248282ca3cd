"""Everything one person's client knows: their groups and whom they meet there, from what the server brings.

Events are taken in the server's order and checked one by one. What does not hold is left out, and told; what cannot be
read yet is tried again when a key comes. Taking an event twice changes nothing.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar, cast

import msgspec

from balie.consult.client.application import Application, Belongings, Event, News, ProblemError, Sent, Stated
from balie.consult.client.contacts import Contact
from balie.consult.client.groups import Group
from balie.consult.client.keylog import FollowedLog
from balie.consult.client.keyrings import Keyring
from balie.consult.protocol import group_keys, membership, persons, reserve
from balie.consult.protocol.boxes import kid_of
from balie.consult.protocol.group_keys import accept_group_key
from balie.consult.protocol.membership import Add, Create, Kind, Remove, accept_act, is_too_many
from balie.consult.protocol.messages import is_new, open_message
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.reasons import Reason, Rejected, reject
from balie.consult.protocol.reserve import Reserve, accept_reserve
from balie.consult.protocol.statements import name_of, peek

PERSON = "person:"
NOT_FOUND = "not_found"
LIMIT = "limit"
AT_ONCE = 30  # as many groups or people as the server tells of in one answer
T = TypeVar("T")
LOGGED_WITHIN_S = (0.2, 0.4, 0.8, 1.6)


class _Acting(msgspec.Struct):
    acting: str = msgspec.field(name="as", default="")


@dataclass
class World:
    """`cursor`: number of the last event that was taken. `outside`: teams one is not in, but meets in conversations.
    `log` is the key log, where there is one: of others no key counts that is not in it, and what they say with such a
    key waits. `faults`: statements that do not hold, by name, and why.
    """

    application: Application
    keyring: Keyring
    log: FollowedLog | None = None
    cursor: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
    outside: dict[str, Group] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    _news: list[str] = field(default_factory=list)
    _waiting: dict[str, list[Event]] = field(default_factory=dict)
    _opening: set[str] = field(default_factory=set)
    _catching: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def me(self) -> str:
        return PERSON + self.keyring.person

    async def begin(self) -> None:
        """What one belongs to, from its beginning."""
        belongings = await self.application.groups()
        groups = [self._group(each.group, each.kind, each.since) for each in belongings.groups]
        # Teams first: their administrators vouch for people, and their keys open those of conversations.
        for kind in ("team", "conversation"):
            await self._read_histories([each for each in groups if each.kind == kind], until=belongings.feed)
        self.cursor, self._news = belongings.feed, []

    async def forget(self) -> None:
        """Whatever one has of conversations that were destroyed: their keys, and what these opened."""
        for each in await self.application.destroyed():
            self.groups.pop(each.conversation, None)

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
                await self._admit()
            elif self.cursor < news.feed:
                await self._ask()
            if news.events is None:
                await self.forget()
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
        await self._admit()

    async def _admit(self) -> None:
        """Look again for keys that were not in the log; of who has theirs in it now, take what they said meanwhile."""
        for person in [each.person for each in self.contacts.values() if each.absent]:
            contact = await self.contact(person, again=True)
            for event in [] if contact.absent else self._waiting.pop(person, []):
                await self._take(event)

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
            if member.startswith(PERSON) and name in self.contacts and self.contacts[name].accepted:
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
            await self._take_of(contact, *about.events)
        return self.contacts[person]

    async def vouched(self, person: str) -> Contact:
        """To seal to them: a key that is new gets some seconds to come into the log."""
        contact = await self.contact(person)
        for pause_s in LOGGED_WITHIN_S:
            if contact.absent:
                await self.application.pause(pause_s)
                contact = await self.contact(person, again=True)
        return contact

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

    async def _read_histories(self, groups: Sequence[Group], *, until: int) -> None:
        """All of each, several at a time, and the people in them likewise."""
        for part in batched(groups, AT_ONCE):
            pages = await self.application.histories([each.name for each in part])
            found = {page.group: [each for each in page.events if each.feed <= until] for page in pages}
            if part[0].kind == "conversation":
                await self._meet(chain.from_iterable(found.values()))
            for page in pages:
                for event in found[page.group]:
                    await self._take(event)
                if page.more and page.after <= until:
                    await self._read_history(self.groups[page.group], after=page.after, until=until)

    async def _meet(self, events: Iterable[Event]) -> None:
        """Whoever wrote or stated these."""
        authors = {author for each in events if (author := each.author) is not None}
        for part in batched(sorted(authors - self.contacts.keys()), AT_ONCE):
            if self.log is not None:
                await self.log.learn(part)
            for about in await self.application.persons(part):
                contact = self.contacts.setdefault(about.person, Contact(about.person, about.name))
                await self._take_of(contact, *about.events)

    async def _read_history(self, group: Group, *, after: int = 0, until: int) -> None:
        """All of it, up to and with this number: copies that a team of ours got before we were in it come along."""
        more = True
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
            await self._take_of(await self.contact(event.statement.person), event)
        elif group := self.groups.get(event.statement.group):
            await self._take_statement(group, event)

    async def _take_statement(self, group: Group, event: Event) -> None:
        assert event.statement is not None
        contact = await self.contact(event.statement.person)
        self.faults.pop(event.statement.name, None)
        try:
            await self._take_of_group(group, contact, event.feed, event.statement)
        except Rejected as rejected:
            self.faults[event.statement.name] = str(rejected.reason)
            if contact.absent:
                self._waiting.setdefault(contact.person, []).append(event)

    async def _take_of(self, contact: Contact, *events: Event) -> None:
        """What somebody stated of themselves."""
        said = [each.statement for each in events if each.statement]
        new = {_key_name(each) for each in said if each.typ == persons.TYP} - {
            each.name for _, each in contact.accepted
        }
        contact.absent = (contact.absent - new) | await self._absent(contact.person, new)
        for event in events:
            name = event.statement.name if event.statement else ""
            self.faults.pop(name, None)
            try:
                if event.statement and _key_name(event.statement) in contact.absent:
                    reject(Reason.NOT_IN_LOG, name)
                contact.take(event, self._admitters(contact.person), self._reserves(contact.person, event.feed))
            except Rejected as rejected:
                self.faults[name] = str(rejected.reason)

    async def _absent(self, person: str, keys: set[str]) -> set[str]:
        """Which of these key statements are not in the log. One's own need not be: see `FollowedLog.audit`."""
        if self.log is None or person == self.keyring.person or not keys:
            return set()
        if not all(map(self.log.has, keys)):
            await self.log.learn([person])
        return {each for each in keys if not self.log.has(each)}

    def _admitters(self, person: str) -> tuple[KnownKey, ...]:
        """Administrators of teams that both are in."""
        teams = [group for group in self.groups.values() if group.kind == "team" and PERSON + person in group.ever()]
        roles = [(member, role) for team in teams for member, role in team.membership().members.items()]
        admins = {member.removeprefix(PERSON) for member, role in roles if role == "admin"} - {person}
        known = [
            self.contacts[admin].known
            for admin in sorted(admins)
            if admin in self.contacts and self.contacts[admin].accepted
        ]
        return tuple(KnownKey(each.person, each.sign) for each in known)

    def _reserves(self, person: str, feed: int) -> tuple[bytes, ...]:
        """Of teams that they are in, those that counted then."""
        teams = [*self.groups.values(), *self.outside.values()]
        found = [team.vouching(feed) for team in teams if PERSON + person in team.membership().members]
        return tuple(sign for sign in found if sign is not None)

    async def _take_reserve(self, group: Group, feed: int, said: Reserve) -> None:
        """Whom it let in is read again: they may have been met before it was known."""
        if said.team != group.name or group.membership().members.get(said.acting) != "admin":
            reject(Reason.NOT_ALLOWED, said.set)
        group.reserves[feed] = said
        for member in group.membership().members:
            await self.contact(member.removeprefix(PERSON), again=True)

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
        elif said.typ == reserve.TYP:
            await self._take_reserve(group, feed, accept_reserve(said.signed, keys))
        elif said.typ == group_keys.TYP:
            group.take_key(said.name, accept_group_key(said.signed, group.kind, keys), said.sealed, feed=feed)
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
                if sent.id not in self._opening:
                    await self._open_again(sent)

    async def _open_again(self, sent: Sent) -> None:
        """Once at a time: whose team the author is in may have to be asked, and what that brings opens things again."""
        self._opening.add(sent.id)
        try:
            await self._take_message(sent)
        finally:
            self._opening.discard(sent.id)

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
            author = await self.contact(sent.person)
            if sent.device not in author.devices:
                author = await self.contact(sent.person, again=True)
            opened = open_message(
                sent.envelope,
                conversation=group.name,
                message_id=sent.id,
                key=key,
                devices=list(author.devices.values()),
                writers={member: await self._people(member, sent.person) for member in group.ever()},
            )
            if is_new(opened, {name: each.name for name, each in group.messages.items() if name == sent.id}):
                group.take_message(sent.id, opened)
                self._news.append(sent.id)
        except Rejected as rejected:
            contact = self.contacts.get(sent.person)
            if contact and contact.absent:
                if sent.id not in group.unread:
                    self._waiting.setdefault(sent.person, []).append(Event(0, "", message=sent))
                group.unread[sent.id] = sent
                return
            group.rejected[sent.id] = str(rejected.reason)
        group.unread.pop(sent.id, None)


def _key_name(said: Stated) -> str:
    """What a key statement is called by what it says, whatever the server calls it; nothing where it says nothing."""
    try:
        return name_of(persons.TYP, peek(said.signed))
    except Rejected:
        return ""


def batched(all_of: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """In parts of so many, in their order."""
    return (all_of[at : at + most] for at in range(0, len(all_of), most))
