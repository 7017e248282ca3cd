"""Posting to addresses that others gave: signed, https, to the internet alone, and nowhere else than that address.

Messages are signed as Standard Webhooks (https://www.standardwebhooks.com) has it, so that libraries for it check them:
an HMAC-SHA256 of id, time and body.
"""

import base64
import hmac
import ipaddress
import socket
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.conf import settings

WITHIN_S: Final = 8.0
ANSWER_MOST: Final = 4096
LONGEST: Final = 500
PREFIX: Final = "whsec_"
# Addresses that a translator on the way may turn into any other.
_TRANSLATED: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


class InsideError(ValueError):
    """It leads into a network, or does not lead anywhere; the text says so."""


def is_outside(address: str) -> bool:
    """Whether this is an address of the internet, and no translation of one that is not."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and any(found in network for network in _TRANSLATED):
        return False
    return found.is_global and not found.is_multicast


def check_url(url: str) -> None:
    """Raises InsideError for what cannot be the address of a webhook; what its name leads to is seen when we post."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise InsideError("no address") from None
    schemes = {"https", "http"} if settings.WEBHOOKS_INSIDE else {"https"}
    if parts.scheme not in schemes or not host or parts.username or parts.password or len(url) > LONGEST:
        raise InsideError("no address that begins with https://")
    if any(each.isspace() or not each.isprintable() for each in url):
        raise InsideError("no address")
    if not settings.WEBHOOKS_INSIDE and _is_number(host) and not is_outside(host):
        raise InsideError("not an address of the internet")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Outside(AbstractResolver):
    """Finds addresses of the internet alone. It is asked for the connection itself: what was looked up is what is
    connected to.
    """

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        outside = [each for each in found if settings.WEBHOOKS_INSIDE or is_outside(each["host"])]
        if not outside:
            raise InsideError(f"{host} leads to no address of the internet")
        return outside

    async def close(self) -> None:
        await self._resolver.close()


async def post(url: str, content: bytes, headers: dict[str, str], *, agent: str) -> tuple[int, bytes]:
    """The status of the answer, and its beginning. Raises InsideError, OSError or TimeoutError."""
    check_url(url)
    ours = {"content-type": "application/json", "user-agent": agent}
    limits = aiohttp.ClientTimeout(total=WITHIN_S)
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Outside()), timeout=limits) as session,
            session.post(url, data=content, headers=ours | headers, allow_redirects=False) as answer,
        ):
            return answer.status, await answer.content.read(ANSWER_MOST)
    except aiohttp.ClientError as fault:
        raise OSError(str(fault) or type(fault).__name__) from None


def write_secret(key: bytes) -> str:
    """As libraries take it."""
    return PREFIX + base64.b64encode(key).decode()


def signed_headers(secrets: Iterable[str], message: str, at: datetime, body: bytes) -> dict[str, str]:
    """Signed by each of the secrets: whoever knows one of them can check it. `message` is the same however often it is
    sent.
    """
    seconds = str(int(at.timestamp()))
    signed = f"{message}.{seconds}.".encode() + body
    keys = (base64.b64decode(secret.removeprefix(PREFIX)) for secret in secrets)
    signatures = (base64.b64encode(hmac.digest(key, signed, sha256)).decode() for key in keys)
    return {
        "webhook-id": message,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
