"""Whether the draws of a night were fair: recomputed from what is published, and looked at from outside.

A draw that recomputes was made from a list, a seed and a beacon that were fixed before anybody knew the outcome. Beyond
that, somebody who trusts no arithmetic of ours can look whether numbers go with something that they should not go with:
how early a practice came, and how large it is.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

from balie.ordering.models import Campaign
from balie.ordering.queries.rows import read_rows
from balie.waitingroom.draw import draw_numbers, hash_list

# The normal distribution has 99 % of itself within so many standard deviations.
DEVIATIONS = 2.576
# With fewer practices the distribution below is too coarse to judge by.
ENOUGH = 20


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation ρ of numbers with something else, over `count` practices; between −1 and 1.

    ρ is Pearson's correlation of the two rankings, with shared ranks for equals. When all orders of the numbers are
    equally likely it has mean 0 and variance 1/(n−1) exactly, whatever the other ranking and its ties, and for more
    than some twenty practices it is close to normal: H. Hotelling and M. R. Pabst, "Rank correlation and tests of
    significance involving no assumption of normality", Annals of Mathematical Statistics 7 (1936), 29–43. So a fair
    draw stays within ±2.576/√(n−1) in 99 nights of 100.
    """

    value: float
    count: int

    @property
    def bound(self) -> float:
        return DEVIATIONS / sqrt(self.count - 1)

    @property
    def expected(self) -> bool:
        return abs(self.value) <= self.bound


@dataclass(frozen=True)
class Part:
    """Of so many practices that are alike so many got a number in the front half of the draw."""

    practices: int
    in_front: int

    @property
    def share(self) -> float:
        return self.in_front / self.practices


@dataclass(frozen=True)
class Fairness:
    """One draw, of the round at `position`. `recomputed`: numbers, seal and list are what the published figures give.

    The correlations are None where there are too few practices to say anything. `by_arrival` goes from the first to
    come to the last, in ten parts; `by_size` from small to large, in four; fewer where parts would be under twenty.
    """

    position: int
    name: str
    drawn_at: datetime
    count: int
    recomputed: bool
    has_beacon: bool
    with_arrival: Correlation | None
    with_size: Correlation | None
    by_arrival: Sequence[Part]
    by_size: Sequence[Part]

    @property
    def as_expected(self) -> bool:
        """Nothing to look into: it recomputes, and numbers go with nothing."""
        return self.recomputed and all(each is None or each.expected for each in (self.with_arrival, self.with_size))

    def band(self, part: Part) -> tuple[float, float]:
        """Between which shares `Part.share` lies in 99 fair draws of 100.

        How many of a part are in the front half is hypergeometric, as drawing without putting back is: with K = ⌊n/2⌋
        places in front, a share of m practices has mean K/n and variance K/n · (1−K/n) · (n−m) / (m · (n−1)); see
        N. L. Johnson, A. W. Kemp and S. Kotz, Univariate Discrete Distributions, chapter 6.
        """
        n, m, mean = self.count, part.practices, self.count // 2 / self.count
        reach = DEVIATIONS * sqrt(mean * (1 - mean) * (n - m) / (m * (n - 1)))
        return max(0.0, mean - reach), min(1.0, mean + reach)


def read_fairness(campaign: Campaign) -> list[Fairness]:
    """Of every round that is drawn, in their order."""
    return [_read(row) for row in read_rows("fairness", room=campaign.room_id)]


def _read(row: dict[str, Any]) -> Fairness:
    by = {
        by: [Part(part["practices"], part["in_front"]) for part in row["parts"] if part["by"] == by]
        for by in ("came", "size")
    }
    return Fairness(
        position=row["position"],
        name=row["name"],
        drawn_at=row["drawn_at"],
        count=row["drawn_count"],
        recomputed=_recompute(row),
        has_beacon=row["beacon"] is not None,
        with_arrival=_correlation(row["with_arrival"], row["drawn_count"]),
        with_size=_correlation(row["with_size"], sum(part.practices for part in by["size"])),
        by_arrival=by["came"],
        by_size=by["size"],
    )


def _recompute(row: dict[str, Any]) -> bool:
    """Whether seal, list and numbers are what the published figures give."""
    seed, drawn = bytes(row["seed"] or b""), row["drawn"]
    beacon = bytes.fromhex(json.loads(row["beacon"])["value"]) if row["beacon"] else b""
    return (
        len(drawn) == row["drawn_count"]
        and hash_list(drawn) == bytes(row["list_hash"])
        and hashlib.sha256(seed).digest() == bytes(row["seed_hash"] or b"")
        and draw_numbers(seed=seed, beacon=beacon, tickets=drawn) == drawn
    )


def _correlation(value: float | None, count: int) -> Correlation | None:
    return Correlation(value, count) if value is not None and count >= ENOUGH else None
