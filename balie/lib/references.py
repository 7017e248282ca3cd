"""What people say aloud to the helpline, and what stands in our log: the name of a fault, the number of a request."""

import secrets

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is mistaken for another when said aloud
_PAIRS = [first + second for first in LETTERS for second in LETTERS]


def make_reference() -> str:
    """Six characters in two groups, e.g. `F8K-2QD`."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"


def make_number() -> str:
    """Eight in two groups, e.g. `F8K2-QD7M`: whoever looks for it finds one request among millions."""
    bits = secrets.randbits(40)
    return f"{_PAIRS[bits >> 30]}{_PAIRS[bits >> 20 & 1023]}-{_PAIRS[bits >> 10 & 1023]}{_PAIRS[bits & 1023]}"
