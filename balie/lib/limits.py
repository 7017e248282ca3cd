"""How often one client may fill in a form that anybody can reach, in the memory of this process."""

import ipaddress
from collections import OrderedDict
from typing import Final

from django.conf import settings

from balie.lib.asgi import Allowance, Scope, find_header

KNOWN_MOST: Final = 10_000
LONGEST: Final = 45  # characters of an address; a header may hold anything
PREFIX: Final = 64  # of IPv6: what one household or office has


def address_of(scope: Scope) -> str:
    """Of whoever asks, as the outermost of our own proxies saw them."""
    seen = (scope.get("client") or ("",))[0]
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    told = [each.strip() for each in (find_header(scope, b"x-forwarded-for") or b"").decode("latin-1").split(",")]
    if count and len(told) >= count:
        seen = told[-count]
    return seen[:LONGEST]


def client_of(scope: Scope) -> str:
    """Whoever asks: the address, or what one household has of them."""
    seen = address_of(scope)
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return seen
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, PREFIX), strict=False))


class Limits:
    """`rate` a second on average and `most` at once for each client; `of_all` as many for everybody together."""

    def __init__(self, *, rate: float, most: float, of_all: float) -> None:
        self._rate, self._most = rate, most
        self._all = Allowance(rate=rate * of_all, most=most * of_all)
        self._clients: OrderedDict[str, Allowance] = OrderedDict()

    def take(self, client: str) -> bool:
        """Whether this client may now."""
        allowance = self._clients.pop(client, None) or Allowance(rate=self._rate, most=self._most)
        self._clients[client] = allowance
        if len(self._clients) > KNOWN_MOST:
            self._clients.popitem(last=False)
        return allowance.take() and self._all.take()
