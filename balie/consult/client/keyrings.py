"""What a person holds once unlocked: the keyset, the key of its box, and what others know of these keys."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from balie.consult.protocol import statements, suite
from balie.consult.protocol.boxes import KEY_BYTES
from balie.consult.protocol.encoding import ID_BYTES, b64, unb64
from balie.consult.protocol.keysets import Generation, Keyset, lock_keyset, open_keyset
from balie.consult.protocol.persons import KnownKey, Person, accept_person_key, state_person_key
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import Statement


def new_id() -> str:
    return b64(secrets.token_bytes(ID_BYTES))


def new_secret() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


@dataclass(frozen=True, repr=False)
class Keyring:
    """`key` opens the keyset's box; `history` are the person's key statements, the last of which is about the newest
    generation here.
    """

    key: bytes
    keyset: Keyset
    history: tuple[Statement, ...]
    known: Person

    @property
    def person(self) -> str:
        return self.known.person

    @property
    def generation(self) -> int:
        return self.known.generation

    @property
    def kem_seed(self) -> bytes:
        return unb64(self._newest.kem)

    @property
    def sign_seed(self) -> bytes:
        return unb64(self._newest.sign)

    @property
    def _newest(self) -> Generation:
        return next(each for each in self.keyset.generations if each.generation == self.known.generation)

    def kem_seeds(self) -> dict[str, bytes]:
        """By the name of the public key, of all generations: what was sealed long ago is still opened."""
        seeds = [unb64(each.kem) for each in self.keyset.generations]
        return {suite.public_name(suite.public_of(seed, of), of): seed for seed in seeds for of in suite.SUITES}

    def box(self) -> str:
        """The keyset, locked: for the application, the key servers, and devices."""
        return lock_keyset(self.keyset, self.key)


def make_keyring(*, at: int, person: str | None = None) -> Keyring:
    """The first generation of somebody who has no keys yet."""
    person = person or new_id()
    kem, sign = new_secret(), new_secret()
    stated = state_person_key(person=person, generation=1, kem_seed=kem, sign_seed=sign, previous=None, at=at)
    keyset = Keyset(person=person, generations=(Generation(generation=1, kem=b64(kem), sign=b64(sign)),))
    return Keyring(new_secret(), keyset, (stated,), read_history(person, [stated]))


def next_generation(keyring: Keyring, *, at: int, key: bytes | None = None) -> Keyring:
    """New keys, which the ones before vouch for, under a new key of the box: after a device was lost, for one. Under
    `key` when nothing was lost.
    """
    kem, sign, number = new_secret(), new_secret(), keyring.generation + 1
    stated = state_person_key(
        person=keyring.person,
        generation=number,
        kem_seed=kem,
        sign_seed=sign,
        previous=keyring.known.name,
        at=at,
        others=(keyring.sign_seed,),
    )
    made = Generation(generation=number, kem=b64(kem), sign=b64(sign))
    keyset = Keyset(person=keyring.person, generations=(*keyring.keyset.generations, made))
    known = accept_person_key(stated, person=keyring.person, known=keyring.known)
    return Keyring(key or new_secret(), keyset, (*keyring.history, stated), known)


def read_history(person: str, history: Sequence[Statement], admitters: tuple[KnownKey, ...] = ()) -> Person:
    """What a person's key statements come to. `admitters`: those whom the reader lets vouch for a key."""
    known = None
    for stated in history:
        known = accept_person_key(stated, person=person, known=known, admitters=admitters)
    if known is None:
        reject(Reason.MALFORMED, "history")
    return known


def open_keyring(*, box: str, key: bytes, history: Sequence[Statement], known: Person) -> Keyring:
    """The keyset in `box`, which must be of `known` and hold the keys that they stated: else it is `wrong-key`."""
    keyset = open_keyset(box, key, person=known.person, generation=known.generation)
    stated = next((each for each in keyset.generations if each.generation == known.generation), None)
    if stated is None:
        reject(Reason.STALE, "keyset")
    seeds = unb64(stated.kem), unb64(stated.sign)
    if (suite.public_of(seeds[0], known.suite), statements.public_of(seeds[1])) != (known.kem, known.sign):
        reject(Reason.WRONG_KEY, "keyset")
    return Keyring(key, keyset, tuple(history), known)
