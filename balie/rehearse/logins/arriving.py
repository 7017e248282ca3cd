"""The process from which everybody logs in, apart from the one that measures who is inside.

    python -m balie.rehearse.logins.arriving --people FILE --upstreams FILE --origin URL --campaign 1 --out FILE

It stands back at the processor: real people bring machines of their own.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import msgspec

from balie.lib.standing_back import stand_back
from balie.rehearse.load import allow_many_connections
from balie.rehearse.logins.people import Login, Person, Visit, read_people
from balie.rehearse.measure import Clock
from balie.rehearse.proxy import Proxy

NICENESS = 10


class Arrived(msgspec.Struct):
    """Everything that came of it; `lag_p99_ms` is how late we ourselves were."""

    logins: list[Login]
    lag_p99_ms: float


async def let_them_in(people: list[Person], upstreams: dict[str, list[str]], *, origin: str, campaign: int) -> Arrived:
    """Everybody at their own moment; returns once all are in, or stuck."""
    clock = Clock()
    async with Proxy(upstreams, origin=origin, clock=clock) as proxy:
        visits = [Visit(person, campaign=campaign, proxy=proxy, clock=clock).play() for person in people]
        logins = await asyncio.gather(*visits)
    return Arrived(logins, clock.lag.at(99))


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--people", "--upstreams", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--origin", required=True)
    parser.add_argument("--campaign", type=int, required=True)
    options = parser.parse_args()
    stand_back(NICENESS)
    allow_many_connections()
    upstreams = msgspec.json.decode(options.upstreams.read_bytes(), type=dict[str, list[str]])
    people = read_people(options.people)
    arrived = asyncio.run(let_them_in(people, upstreams, origin=options.origin, campaign=options.campaign))
    options.out.write_bytes(msgspec.json.encode(arrived))


if __name__ == "__main__":
    main()
