"""Pages that stand on files alone: the headers that Django's middleware gives to all others."""

from csp.utils import build_policy


def plain_headers() -> dict[str, str]:
    """Of a page that is for one reader, and shows nothing of another site."""
    return {
        "cache-control": "no-store",
        "content-security-policy": build_policy(),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
