"""Sharing out a secret that opens the keyset, and what each key server gets of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from balie.consult.client.keyrings import Keyring, new_id, new_secret
from balie.consult.keyservers import KeyServerAt
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.release import KeyServer, seal_deposit
from balie.consult.protocol.shares import ShareSet, accept_share_set, split, state_share_set
from balie.consult.protocol.statements import Statement
from balie.consult.protocol.unlocking import wrap


@dataclass(frozen=True, repr=False)
class Split:
    """A secret that was shared out: `unlock` is the key of the keyset, wrapped under it. Only `statement` is public;
    whoever deposited forgets the rest.
    """

    statement: Statement
    stated: ShareSet
    shares: Mapping[str, bytes]
    unlock: str


@dataclass(frozen=True)
class Doors:
    """What may release a share: statements by the person, all that count now."""

    passkeys: tuple[Statement, ...] = ()
    passkeys_revoked: tuple[Statement, ...] = ()
    devices: tuple[Statement, ...] = ()
    devices_revoked: tuple[Statement, ...] = ()
    trustees: Statement | None = None


def share_out(keyring: Keyring, servers: Sequence[KeyServerAt], *, at: int) -> Split:
    """A new secret in three shares, with the statement of their hashes. `at` is later than that of the set before."""
    secret, set_id = new_secret(), new_id()
    shares = dict(zip((each.server for each in servers), split(secret), strict=True))
    statement = state_share_set(
        person=keyring.person,
        generation=keyring.generation,
        set_id=set_id,
        shares=shares,
        at=at,
        sign_seed=keyring.sign_seed,
    )
    stated = accept_share_set(statement, keyring.known)
    return Split(statement, stated, shares, wrap("shares", keyring.person, secret, keyring.key))


def deposit_for(server: KeyServer, keyring: Keyring, parts: Split, doors: Doors) -> bytes:
    """The body for one server."""
    sealed = seal_deposit(parts.stated, server, parts.shares[server.server])
    return msgspec.json.encode(
        {
            "person_keys": keyring.history,
            "share_set": parts.statement,
            "sealed": b64(sealed),
            "passkeys": doors.passkeys,
            "passkeys_revoked": doors.passkeys_revoked,
            "devices": doors.devices,
            "devices_revoked": doors.devices_revoked,
            "trustees": doors.trustees,
            "keyset": keyring.box(),
            "unlock": parts.unlock,
        }
    )
