"""What doses that were not given cost, by the rules of a campaign. Pure: no database or clock."""

from collections.abc import Sequence
from dataclasses import dataclass

# Up to so many doses (None: any more) so much of a thousand may go to waste.
Band = tuple[int | None, int]


@dataclass(frozen=True)
class WastageRule:
    """Of one product. `price_cents` a dose; with `until_expiry` a dose is wasted only when it is past its date."""

    price_cents: int
    allowance: Sequence[Band] = ()
    until_expiry: bool = False


@dataclass(frozen=True)
class Doses:
    """Of one product, as the columns of `WastageLine`."""

    received: int
    apart: int = 0
    carried: int = 0
    administered: int = 0
    left: int = 0
    expired: int = 0

    @property
    def lost(self) -> int:
        """Neither given nor there any more: broken, or gone."""
        return max(0, self.received + self.carried - self.administered - self.left)


@dataclass(frozen=True)
class Bill:
    """What follows from it: doses that are wasted, may be, and are charged."""

    wasted: int
    allowed: int
    charged: int
    cents: int


def allowed_of(received: int, rule: WastageRule) -> int:
    """How many of so many doses may go to waste; a part of a dose counts as a whole one."""
    for upto, permille in rule.allowance:
        if upto is None or received <= upto:
            return -(-received * permille // 1000)
    return 0


def bill_of(doses: Doses, rule: WastageRule) -> Bill:
    """Flu that is left is destroyed, and wasted; what counts until its date is left for another year."""
    kept = doses.left - doses.expired if rule.until_expiry else 0
    wasted = max(0, doses.received + doses.carried - doses.administered - kept)
    allowed = allowed_of(doses.received, rule)
    charged = max(0, wasted - allowed) if rule.price_cents else 0
    return Bill(wasted, allowed, charged, charged * rule.price_cents)


def bill_of_silence(received: int, rule: WastageRule) -> int:
    """What it costs, in cents, not to account for anything: all that came."""
    return received * rule.price_cents
