"""What an administrator's browser makes: a reserve with its parts, and copies of the keys of the team."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from balie.consult.protocol import reserve
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.reserve import Reserve, seal_copy
from balie.consult.protocol.statements import public_of as signing_public
from balie.consult.protocol.suite import public_name, public_of
from balie.consult.testing import new_id
from balie.consult.tests.keyholders import Keyholder, seed, stated

HOLDERS = [
    {"name": "M. de Wit", "role": "notaris"},
    {"name": "P. Bakker", "role": "kluis van de praktijk"},
    {"name": "Dr. Kaya", "role": "huisarts in de hagro"},
]
_clock = count(1)


@dataclass
class Made:
    """`parts` are on paper; `statement` is posted."""

    set: str
    seed: bytes
    parts: list[bytes]
    statement: dict[str, Any]


def make(holder: Keyholder, team: str, *keys: bytes, **more: Any) -> Made:
    """A reserve of this team with copies of these keys."""
    key, drill, set_id = seed(), seed(), new_id()
    parts = reserve.make_parts(set_id=set_id, seed=key, drill=drill)
    form = {
        "suite": 1,
        "team": team,
        "set": set_id,
        "kem": b64(public_of(key)),
        "sign": b64(signing_public(reserve.sign_seed_of(key))),
        "drill": reserve.drill_name(set_id, drill),
        "parts": tuple(reserve.part_name(team, each) for each in parts),
        "by": holder.id,
        "acting": holder.member,
        "at": next(_clock),
    }
    signed = reserve.state_reserve(Reserve(**form | more), holder.sign)
    sealed = copies(team, key, *keys)
    return Made(set_id, key, parts, stated(reserve.TYP, signed, sealed=sealed, holders=HOLDERS))


def copies(team: str, key: bytes, *keys: bytes) -> dict[str, str]:
    """Of these keys of a team, sealed to the reserve key."""
    public = public_of(key)
    named = {public_name(public_of(each)): each for each in keys}
    return {name: b64(seal_copy(team, name, each, public=public)) for name, each in named.items()}
