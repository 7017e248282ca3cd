"""What a fault of ours is called: people say it aloud to the helpline, and it stands in our log."""

import secrets

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is mistaken for another when said aloud


def make_reference() -> str:
    """Six characters in two groups, e.g. `F8K-2QD`."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"
