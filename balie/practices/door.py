"""The door of the hot paths: who asks, whether their browser may ask it here, about whom, and how often."""

import time

from django.conf import settings

from balie.lib.asgi import Header, Scope, find_cookie, find_header
from balie.lib.problems import Problem
from balie.practices.models import Membership
from balie.practices.passes import Pass, PassCheck, pass_cookie_header, renew_pass

_LONGEST_ID = 18
OF_SOFTWARE = ("/live/consult/", "/stream/consult")  # where a program of a practice may come, and nowhere else


class Door:
    """One per process."""

    def __init__(self, passes: PassCheck) -> None:
        self._passes = passes
        self._cookie = settings.PASS_COOKIE.encode()
        self._origins = frozenset(origin.encode() for origin in settings.ORIGINS)

    def enter(self, scope: Scope) -> Pass:
        """The pass of this request. Raises Problem: bad_origin, no_pass, too_many, or try_again before revocations are
        known, since until then nobody can be let in; not_found for a program outside consulting.
        """
        if scope["method"] != "GET" and find_header(scope, b"origin") not in self._origins:
            raise Problem("bad_origin")
        if not self._passes.ready:
            raise Problem("try_again")
        value = find_cookie(scope, self._cookie)
        caller = self._passes.caller(value, time.time()) if value else None
        if caller is None:
            raise Problem("no_pass")
        if not caller.allowance.take():
            raise Problem("too_many")
        if caller.held.role == Membership.Role.SOFTWARE and not scope["path"].startswith(OF_SOFTWARE):
            raise Problem("not_found")
        return caller.held

    def renewal(self, held: Pass) -> Header | None:
        """The header that renews this pass, when it is old enough for that."""
        value = renew_pass(held, time.time())
        return pass_cookie_header(value) if value else None


def check_practice(held: Pass, named: int) -> int:
    """The practice that a request names, which must be the one of its pass: there may be tabs of two practices."""
    if named != held.practice:
        raise Problem("other_practice")
    return named


def practice_in_query(scope: Scope, held: Pass) -> int:
    """The practice that a GET names, checked. Raises Problem when it names none, or another."""
    for pair in scope["query_string"].split(b"&"):
        name, _, value = pair.partition(b"=")
        if name == b"practice" and value.isdigit() and len(value) <= _LONGEST_ID:
            return check_practice(held, int(value))
    raise Problem("bad_request", errors=[{"at": "practice", "code": "missing"}])
