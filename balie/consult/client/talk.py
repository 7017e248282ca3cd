"""What a person does: begin teams and conversations, add, remove, and send. Every act ends with what the server made of
it, by catching up.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import msgspec

from balie.consult.client.application import Place, ProblemError, stated
from balie.consult.client.device import DeviceSecrets
from balie.consult.client.groups import Group
from balie.consult.client.keyrings import Keyring, new_id, new_secret, next_generation
from balie.consult.client.world import PERSON, World
from balie.consult.protocol import group_keys, membership, persons, suite
from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.group_keys import GroupKey, Recipient, key_name, seal_group_key, state_group_key
from balie.consult.protocol.membership import AFTER_MAX, Add, Create, Founder, Kind, Remove, Role, state_act
from balie.consult.protocol.messages import SEEN_MAX, Content, Message, seal_message
from balie.consult.protocol.statements import name_of, peek
from balie.consult.protocol.suite import Kem

AGAIN: Final = 5
POST_MOST: Final = 16
BEHIND: Final = "behind"
KEY_RETIRED: Final = "key_retired"
Clock = Callable[[], int]
Posted = dict[str, Any]
T = TypeVar("T")


class NoKeyError(Exception):
    """Somebody's current key is not known, so nothing can be sealed to them."""


class NotAMemberError(Exception):
    """One does not belong to it, or no longer."""


@dataclass(frozen=True)
class Outgoing:
    """Something to say, under an id that stays when it is sent again."""

    conversation: str
    content: Content
    id: str = field(default_factory=new_id)
    at: int = 0


@dataclass
class Talk:
    """The acting side of a client. `wall`: seconds since 1970, for people to read."""

    world: World
    device: DeviceSecrets
    wall: Clock = lambda: int(time.time())

    @property
    def me(self) -> str:
        return self.world.me

    async def create_team(self, *people: str) -> Group:
        """A team that oneself administers."""
        return await self._create("team", [PERSON + each for each in people])

    async def create_conversation(self, *members: str, keepers: Sequence[str] = ()) -> Group:
        """With these members (`person:…`, `team:…`) and oneself; `keepers` are teams among them that stay."""
        return await self._create("conversation", [*members, *keepers], keepers)

    async def _create(self, kind: Kind, members: Iterable[str], keepers: Sequence[str] = ()) -> Group:
        roles: dict[str, Role] = {**dict.fromkeys(members, "member"), self.me: "admin"}
        form = Create(
            kind=kind,
            members=tuple(Founder(member=each, role=roles[each]) for each in sorted(roles)),
            keepers=tuple(sorted(keepers)),
            nonce=new_id(),
            by=self.world.keyring.person,
            acting=self.me,
            at=self.wall(),
        )
        act = self._act(form)
        group = name_of(membership.TYP, peek(act["signed"]))

        async def posts() -> list[Posted]:
            return [act, self._key(kind, group, [group], await self._publics(roles), new_secret())]

        await self._until_not_behind(posts)
        return self.world.groups[group]

    async def add(self, group: Group, member: str, *, role: Role = "member", with_history: bool = False) -> None:
        """Seal the current key to somebody new; `with_history` also the older ones one has."""

        async def posts() -> list[Posted]:
            after = _heads(group)
            act = self._act(Add(**self._change(group, member, after), role=role))
            added = [name_of(membership.TYP, peek(act["signed"]))]
            await self.world.meet_teams(group)
            current = group.fitting_key(self.world.current(group))
            older = [each for each in group.keys if with_history and each != current]
            to = await self._publics([member])
            keys = [group.keys[each] for each in ([current] if current else []) + older]
            return [act, *(self._key(group.kind, group.name, added, to, key) for key in keys)]

        await self._until_not_behind(posts)

    async def remove(self, group: Group, member: str) -> None:
        """With a fresh key for those who stay."""

        async def posts() -> list[Posted]:
            act = self._act(Remove(**self._change(group, member, _heads(group))))
            stay = [each for each in group.membership().members if each != member]
            if self.me not in stay:
                return [act]
            removed = [name_of(membership.TYP, peek(act["signed"]))]
            return [act, self._key(group.kind, group.name, removed, await self._publics(stay), new_secret())]

        await self._until_not_behind(posts)

    async def rotate(self, group: Group) -> None:
        """A fresh key for all who belong now, newer than any there was by whatever clock."""

        async def posts() -> list[Posted]:
            to = await self._publics(group.membership().members)
            at = max([self.wall(), *(each.at + 1 for each in group.stated.values())])
            return [self._key(group.kind, group.name, _heads(group), to, new_secret(), at=at)]

        await self._until_not_behind(posts)

    async def seal_again(self, group: Group) -> int:
        """Keys that one has, for members who had them before they got a key of the current suite; how many copies."""
        made = 0

        async def posts() -> list[Posted]:
            nonlocal made
            await self.world.meet_teams(group)
            current, found = self.world.current(group), []
            to = {each: kem for each, kem in (await self._publics(current)).items() if kem.suite == suite.CURRENT}
            for key, members in group.behind(current).items():
                if again := {each: to[each] for each in members if each in to}:
                    found.append(self._key(group.kind, group.name, _heads(group), again, group.keys[key]))
                    made += len(again)
            return found

        await self._until_not_behind(posts)
        return made

    async def renew_keys(self) -> Keyring:
        """A new generation of one's own keys, and of the keys of one's teams with it: after a device was lost. Whoever
        asks keeps the keyring and deposits anew. Conversations get new keys as people write in them.
        """
        keyring = next_generation(self.world.keyring, at=self.wall())
        before, self.world.keyring = self.world.keyring, keyring
        try:
            teams = [each for each in self.world.groups.values() if each.kind == "team" and self.world.is_in(each)]
            posts = [stated(persons.TYP, keyring.history[-1])]
            for team in teams:
                to = await self._publics(team.membership().members) | {self.me: keyring.known.kem_key}
                posts.append(self._key("team", team.name, _heads(team), to, new_secret()))
            await self.world.application.post(*posts)
        except ProblemError:
            self.world.keyring = before
            raise
        await self.world.refresh()
        return keyring

    async def send(self, outgoing: Outgoing) -> Place:
        """Under the key that fits; sealed again when it is retired meanwhile. Raises ProblemError, or UnreachableError:
        then the same may be sent again, as often as one likes.
        """

        async def keep(envelope: str) -> Place:
            return await self.world.application.send(
                conversation=outgoing.conversation,
                device=self.device.device,
                message=outgoing.id,
                envelope=envelope,
            )

        return await self._under_fitting_key(outgoing, keep)

    async def send_econsult(self, outgoing: Outgoing, *, instead: str | None = None) -> None:
        """A questionnaire that was filled in, as the first message of its conversation; as `send`. `instead`: of one
        that waits at a post that closed.
        """
        intake = outgoing.content.intake
        assert intake is not msgspec.UNSET
        said: dict[str, Any] = {"id": outgoing.id, "conversation": outgoing.conversation, "questionnaire": intake.form}
        said |= {"version": intake.version, "urgency": intake.urgency, "device": self.device.device}
        said |= {"message": outgoing.id, "instead": instead}

        async def keep(envelope: str) -> None:
            await self.world.application.send_econsult(said | {"envelope": envelope})

        await self._under_fitting_key(outgoing, keep)

    async def _under_fitting_key(self, outgoing: Outgoing, keep: Callable[[str], Awaitable[T]]) -> T:
        group = self.world.groups[outgoing.conversation]
        for again in range(AGAIN):
            self._writes_as(group)
            await self.world.meet_teams(group, again=again > 0)
            key = group.fitting_key(self.world.current(group))
            if key is None:
                await self._renew(group)
                continue
            try:
                return await keep(self._envelope(group, outgoing, key))
            except ProblemError as problem:
                if problem.code != KEY_RETIRED:
                    raise
                group.retired.add(key)
                await self.world.refresh()
        raise NoKeyError(group.name)

    async def say(self, conversation: str, text: str) -> Place:
        content = Content(kind="text", text=text)
        return await self.send(Outgoing(conversation, content, at=self.wall()))

    async def _renew(self, group: Group) -> None:
        """A key for the group, after keys for teams of ours that have none; teams of others may have a new one."""
        await self.renew_due()
        await self.world.meet_teams(group, again=True)
        await self.rotate(group)

    async def renew_due(self) -> None:
        """Keys for teams of ours that have none that counts (somebody left, or has another key), or one of a suite that
        is no longer current.
        """
        for team in list(self.world.groups.values()):
            if team.kind == "team" and self.world.is_in(team):
                key = self.world.team_key(team)
                if key is None or team.public_of(key).suite < suite.CURRENT:
                    await self.rotate(team)

    def _envelope(self, group: Group, outgoing: Outgoing, key: str) -> str:
        message = Message(
            conversation=group.name,
            id=outgoing.id,
            person=self.world.keyring.person,
            device=self.device.device,
            acting=self._writes_as(group),
            key=key,
            seen=tuple(sorted(group.tips)[:SEEN_MAX]),
            heads=tuple(_heads(group)),
            at=outgoing.at,
            content=outgoing.content,
        )
        return seal_message(message, device_seed=unb64(self.device.sign), key=group.keys[key])

    def _writes_as(self, group: Group) -> str:
        """Oneself where one is a member, else a team of ours that is."""
        members = group.membership().members
        if self.me in members:
            return self.me
        teams = [
            each
            for each in members
            if (team := self.world.groups.get(each.partition(":")[2])) and self.world.is_in(team)
        ]
        if not teams:
            raise NotAMemberError(group.name)
        return teams[0]

    def _change(self, group: Group, member: str, after: Sequence[str]) -> dict[str, Any]:
        said = {"group": group.name, "member": member, "after": tuple(after), "at": self.wall()}
        return said | {"by": self.world.keyring.person, "acting": self._writes_as(group)}

    def _act(self, form: Create | Add | Remove) -> Posted:
        return stated(membership.TYP, state_act(form, self.world.keyring.sign_seed))

    def _key(
        self, kind: Kind, group: str, heads: Sequence[str], to: dict[str, Kem], key: bytes, *, at: int | None = None
    ) -> Posted:
        """A statement about `key`, with a copy for each of `to`: member to public KEM key."""
        known = self.world.groups.get(group)
        had = known.suites() if known and kind == "team" else {}
        of = had.get(key, suite.CURRENT)
        form = GroupKey(
            suite=of,
            group=group,
            key=key_name(kind, group, key, of),
            kem=b64(suite.public_of(key, of)) if kind == "team" else None,
            heads=tuple(heads),
            to=tuple(Recipient(member=each, kem=to[each].name) for each in sorted(to)),
            by=self.world.keyring.person,
            acting=self._writes_as(known) if known else self.me,
            at=self.wall() if at is None else at,
        )
        sealed = {
            each: b64(seal_group_key(kind, group, key, member=each, public=kem.public, of=of, to=kem.suite))
            for each, kem in to.items()
        }
        return stated(group_keys.TYP, state_group_key(form, self.world.keyring.sign_seed), sealed)

    async def _publics(self, members: Iterable[str]) -> dict[str, Kem]:
        """The current public KEM key of each."""
        found = {}
        for member in members:
            name = member.partition(":")[2]
            if member.startswith(PERSON):
                contact = await self.world.vouched(name)
                if not contact.accepted:
                    raise NoKeyError(member)
                found[member] = contact.known.kem_key
            elif (team := await self.world.team(name)) and (key := self.world.team_key(team)):
                found[member] = team.public_of(key)
            else:
                raise NoKeyError(member)
        return found

    async def _until_not_behind(self, posts: Callable[[], Awaitable[list[Posted]]]) -> None:
        """Post, made again after catching up when others were faster; then catch up."""
        for again in reversed(range(AGAIN)):
            try:
                made = await posts()
                for at in range(0, len(made), POST_MOST):
                    await self.world.application.post(*made[at : at + POST_MOST])
                break
            except ProblemError as problem:
                if problem.code != BEHIND or not again:
                    raise
                await self.world.refresh()
                for team in list(self.world.outside):
                    await self.world.team(team, again=True)
        await self.world.refresh()


def _heads(group: Group) -> list[str]:
    return list(group.membership().heads[:AFTER_MAX])
