"""When who comes: people log in in blocks, with quiet between them, so that one run has both and in turn."""

from __future__ import annotations

import random
from dataclasses import dataclass

BLOCK_S = 60.0  # about so long do people log in at a stretch
BLOCKS_LEAST = 2
QUIET_SHARE = 0.5  # of a block, before the first, between two, and after the last
QUIET_LEAST_S = 5.0
LAST_ONES_S = 8.0  # until who came last in a block is in
WARM_UP_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Seconds count from the opening. Everybody's arrivals, all blocks together, take `arrivals_s`."""

    arrivals_s: float

    @property
    def blocks(self) -> int:
        return max(BLOCKS_LEAST, round(self.arrivals_s / BLOCK_S))

    @property
    def block_s(self) -> float:
        return self.arrivals_s / self.blocks

    @property
    def quiet_s(self) -> float:
        return max(QUIET_LEAST_S, self.block_s * QUIET_SHARE)

    @property
    def begins_s(self) -> list[float]:
        """When each block begins."""
        each = self.block_s + LAST_ONES_S + self.quiet_s
        return [WARM_UP_S + self.quiet_s + number * each for number in range(self.blocks)]

    @property
    def ends_s(self) -> float:
        """The end of the last quiet."""
        return self.begins_s[-1] + self.block_s + LAST_ONES_S + self.quiet_s

    def arrivals(self, people: int, chance: random.Random) -> list[float]:
        """A moment for each of so many people, spread evenly over the blocks and by chance within them."""
        return [self.begins_s[number % self.blocks] + chance.uniform(0, self.block_s) for number in range(people)]
