"""One team or conversation, as its acts, its keys and its messages make it. Nothing here asks anybody anything."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from balie.consult.client.application import Sent
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.group_keys import GroupKey, choose_key, open_group_key
from balie.consult.protocol.membership import Act, Create, Kind, Membership, Remove, replay
from balie.consult.protocol.messages import Opened
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.reserve import Reserve
from balie.consult.protocol.suite import Kem

Seeds = Callable[[str, str], bytes | None]
"""Member and name of a KEM key to its seed, where one has that."""


@dataclass(frozen=True)
class Copy:
    """A key as it was sealed to somebody whose seed one may have."""

    key: str
    member: str
    kem: str
    sealed: str


@dataclass
class Group:
    """`reserves`: by their number in the feed. `keys`: those that could be opened, by name. `retired`: those the server
    takes no more. `unread`: messages under keys that one does not have. `rejected`: what does not hold, and why, by
    message id. `stated_at`: under which numbers of the feed keys were stated.
    """

    name: str
    kind: Kind
    since: int = 0
    acts: dict[str, Act] = field(default_factory=dict)
    reserves: dict[int, Reserve] = field(default_factory=dict)
    stated: dict[str, GroupKey] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    keys: dict[str, bytes] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)
    messages: dict[str, Opened] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    unread: dict[str, Sent] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    tips: set[str] = field(default_factory=set)
    stated_at: dict[str, int] = field(default_factory=dict)
    _counted: tuple[int, Membership] = (0, Membership())

    @property
    def member(self) -> str:
        """What this team is called where it is a member."""
        return f"team:{self.name}"

    def membership(self) -> Membership:
        if self._counted[0] != len(self.acts):
            self._counted = (len(self.acts), replay(self.name, self.acts.values()))
        return self._counted[1]

    def vouching(self, feed: int) -> bytes | None:
        """The signing key of the reserve that counted when the server took something under this number."""
        before = [at for at in self.reserves if at < feed]
        return unb64(self.reserves[max(before)].sign) if before else None

    def ever(self) -> set[str]:
        """Everybody who is or was a member."""
        forms = [act.form for act in self.acts.values()]
        found = {each.member for form in forms if isinstance(form, Create) for each in form.members}
        return found | {form.member for form in forms if not isinstance(form, Create | Remove)}

    def fitting_key(self, current: Mapping[str, str]) -> str | None:
        """The key to write under (for a team: its current one), if there is one, and one has it."""
        found = self.stated_key(current)
        return found if found in self.keys else None

    def stated_key(self, current: Mapping[str, str]) -> str | None:
        """The same, whether or not one has it: what an outsider seals to."""
        usable = [each for each in self.stated.values() if each.key not in self.retired]
        return choose_key(self.name, self.membership(), usable, current)

    def public_of(self, key: str) -> Kem:
        """The public key of a team's key."""
        return next(Kem(unb64(each.kem), each.suite) for each in self.stated.values() if each.key == key and each.kem)

    def suites(self) -> dict[bytes, int]:
        """Of a team: its keys that one has, and of which suite each is."""
        return {self.keys[each.key]: each.suite for each in self.stated.values() if each.key in self.keys}

    def behind(self, current: Mapping[str, str]) -> dict[str, set[str]]:
        """Of keys that one has: members who got them from who had them, and not under their current KEM key."""
        found = {}
        for key in self.keys:
            had = self._had(key)
            members = {member for member, _ in had}
            found[key] = {each for each in members if each in current and (each, current[each]) not in had}
        return {key: members for key, members in found.items() if members}

    def _had(self, key: str) -> set[tuple[str, str]]:
        """Who got a key, and under which KEM key: from who made it, or from who had got it before."""
        stated = [(self.stated_at[name], each) for name, each in self.stated.items() if each.key == key]
        had: set[tuple[str, str]] = set()
        for _, each in sorted(stated, key=lambda one: one[0]):
            if not had or each.acting in {member for member, _ in had}:
                had |= {(to.member, to.kem) for to in each.to}
        return had

    def take_key(self, name: str, stated: GroupKey, sealed: Mapping[str, str], *, feed: int) -> None:
        self.stated[name], self.stated_at[name] = stated, feed
        to = {each.member: each.kem for each in stated.to}
        self.copies += [Copy(stated.key, member, to[member], copy) for member, copy in sealed.items() if member in to]

    def open_keys(self, seeds: Seeds) -> bool:
        """Open what can be opened now; whether anything was. What does not open is somebody's mistake, or a lie, and
        the key stays missing.
        """
        waiting, self.copies, found = self.copies, [], False
        for copy in waiting:
            seed = seeds(copy.member, copy.kem)
            if copy.key in self.keys:
                continue
            if seed is None:
                self.copies.append(copy)
                continue
            found = self._open(copy, seed) or found
        return found

    def _open(self, copy: Copy, seed: bytes) -> bool:
        try:
            self.keys[copy.key] = open_group_key(
                self.kind, self.name, copy.key, member=copy.member, seed=seed, sealed=unb64(copy.sealed)
            )
        except Rejected:
            return False
        return True

    def take_message(self, message: str, opened: Opened) -> None:
        self.messages[message] = opened
        self.tips.difference_update(opened.message.seen)
        self.tips.add(opened.name)

    def gaps(self) -> list[int]:
        """Places that should be there and are not."""
        return sorted(set(range(1, max(self.places, default=0) + 1)) - self.places.keys())

    def said(self) -> Iterable[Opened]:
        """What could be read, in its order."""
        return [
            self.messages[self.places[place]] for place in sorted(self.places) if self.places[place] in self.messages
        ]
