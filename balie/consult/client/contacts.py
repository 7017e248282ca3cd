"""What is known of people: their keys, one generation after the other, and their devices."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from balie.consult.client.application import Event
from balie.consult.protocol import devices, persons
from balie.consult.protocol.devices import Device, DeviceRevoked, accept_device
from balie.consult.protocol.persons import KnownKey, Person, accept_person_key, stated_by
from balie.consult.protocol.reasons import Reason, reject


@dataclass
class Contact:
    """Somebody, from their own statements in the order in which the server took them. `accepted`: number in the feed,
    and what their keys were from there on. `absent`: key statements that are not in the key log, so do not count.
    """

    person: str
    name: str = ""
    accepted: list[tuple[int, Person]] = field(default_factory=list)
    devices: dict[str, Device] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)

    @property
    def known(self) -> Person:
        return self.accepted[-1][1]

    @property
    def kem(self) -> str:
        """The name of the KEM key that counts now."""
        return self.known.kem_key.name

    def take(self, event: Event, admitters: tuple[KnownKey, ...], reserves: tuple[bytes, ...] = ()) -> None:
        """One of their statements, once. `reserves`: signing keys of those that may vouch for it. Raises Rejected."""
        said = event.statement
        if said is None or said.name in self.taken:
            return
        before = self.known if self.accepted else None
        if before is None and said.typ != persons.TYP:
            reject(Reason.UNKNOWN_SIGNER, said.typ)
        if said.typ == persons.TYP:
            person = accept_person_key(
                said.signed, person=self.person, known=before, admitters=admitters, reserves=reserves
            )
            self.accepted.append((event.feed, person))
        elif said.typ == devices.TYP:
            device = accept_device(said.signed, self.known)
            self.devices.setdefault(device.device, device)
        elif said.typ == devices.REVOKED_TYP:
            gone = stated_by(self.known, said.typ, DeviceRevoked, said.signed).device
            if gone in self.devices:
                self.devices[gone] = replace(self.devices[gone], revoked=True)
        self.taken.add(said.name)

    def keys_at(self, feed: int, teams: Iterable[str]) -> tuple[KnownKey, ...]:
        """The signing keys that counted when the server took something under this number."""
        known = [person for at, person in self.accepted if at < feed]
        allowed = tuple(teams)
        return tuple(
            KnownKey(self.person, public, allowed) for person in known[-1:] for public in person.publics.values()
        )
