"""Who may see the console: the organiser's staff by their pass, and whoever has a signed link from the machine itself.

Neither asks PostgreSQL: the console must open in the night in which that is what failed. What was revoked before that
night is known all the same (`revocations.py`).
"""

import time
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

from balie.lib.asgi import Header, Scope, find_cookie
from balie.practices.passes import PassCheck, read_pass

LINK_COOKIE: Final = "balie_watch"
HOUR_S: Final = 3600
HOURS_MOST: Final = 72
PASSES: Final = PassCheck()  # of this process; what it knows of revocations


def make_link(hours: int) -> str:
    """An address that opens the console for so many hours; from one browser it opens it in that browser alone."""
    return f"{settings.WATCH_URL}/watch/link?token={_signer().sign(str(hours))}"


def link_counts(token: str) -> bool:
    """Whether the token of a link is ours and not too old."""
    try:
        hours = int(_signer().unsign(token))
        _signer().unsign(token, max_age=hours * HOUR_S)
    except (BadSignature, ValueError):
        return False
    return 0 < hours <= HOURS_MOST


def may_see(scope: Scope) -> bool:
    """Whether this request is from somebody who may."""
    return who_asks(scope) is not None


def who_asks(scope: Scope, *, to_act: bool = False) -> str | None:
    """Who may see it: a person by their number, or a link by its fingerprint; None: nobody who may.

    With `to_act` who may do something there, too: not whom the organiser lets read only.
    """
    token = find_cookie(scope, LINK_COOKIE.encode())
    if token is not None and link_counts(token.decode("latin-1")):
        return f"link {sha256(token).hexdigest()[:8]}"
    value = find_cookie(scope, settings.PASS_COOKIE.encode())
    now = time.time()
    held = read_pass(value.decode("latin-1"), now) if value else None
    if held is None or not held.organiser or (to_act and held.reads_only) or not PASSES.counts(held, now):
        return None
    return f"person {held.person}"


def link_cookie(token: str) -> Header:
    """Keeps a link's right in the browser that opened it, so that the token leaves the address."""
    secure = "; Secure" if settings.WATCH_URL.startswith("https://") else ""
    cookie = f"{LINK_COOKIE}={token}; Path=/; Max-Age={HOURS_MOST * HOUR_S}; HttpOnly; SameSite=Lax{secure}"
    return b"set-cookie", cookie.encode("ascii")


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="balie.watch.link")
