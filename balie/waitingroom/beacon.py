"""A public random value that nobody of ours can choose, released after the list was frozen.

`BALIE_BEACON_URL` is the address of a drand chain, e.g. ``https://api.drand.sh/<chain hash>``; empty means that the
organiser must be trusted, and the pages say so. The protocol is drand's HTTP API, version 1: `/info` and
`/public/<round>`.
"""

from datetime import datetime
from typing import Any

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=2)


class BeaconAwayError(Exception):
    """The beacon did not answer, or not with what was asked."""


async def fetch_beacon(url: str, *, frozen_at: datetime) -> dict[str, Any]:
    """The first round that began after `frozen_at`: ``{"source", "round", "value"}``, value in hex.

    Raises BeaconAwayError, also while that round is still to come.
    """
    try:
        async with aiohttp.ClientSession(timeout=TIMEOUT, raise_for_status=True) as session:
            async with session.get(f"{url}/info") as answer:
                info = await answer.json()
            number = first_round_after(frozen_at, genesis=info["genesis_time"], period=info["period"])
            async with session.get(f"{url}/public/{number}") as answer:
                beacon = await answer.json()
        if beacon["round"] != number:
            raise BeaconAwayError(f"asked round {number}, got {beacon['round']}")
        return {"source": url, "round": number, "value": bytes.fromhex(beacon["randomness"]).hex()}
    except (TimeoutError, aiohttp.ClientError, KeyError, TypeError, ValueError) as fault:
        raise BeaconAwayError(f"{url}: {fault!r}") from fault


def first_round_after(moment: datetime, *, genesis: int, period: int) -> int:
    """Round 1 is released at `genesis` (Unix seconds), each next one a `period` later."""
    return int((moment.timestamp() - genesis) // period) + 2
