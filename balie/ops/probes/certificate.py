"""How long is a certificate still good?"""

import asyncio
import ssl
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from django.conf import settings

from balie.ops.lacking import NotSetUpError
from balie.ops.probes.looking import Probe, Steps, Unwell


class Certificate(Probe, frozen=True):
    """Shakes hands by TLS as a browser would, with `address` (host:port; the installation's own when empty). Unwell
    when that fails, and `days` before the certificate ends. `authorities`: a file of those to trust, instead of the
    system's.
    """

    kind: ClassVar[str] = "certificate"

    address: str = ""
    days: Annotated[int, msgspec.Meta(ge=0)] = 14
    authorities: str = ""

    async def walk(self, steps: Steps) -> str:
        host, port = host_and_port(self.address or settings.ORIGINS[0])
        shaking = asyncio.open_connection(host, port, ssl=_trust(self.authorities), server_hostname=host)
        _reader, writer = await steps.take(f"shaking hands with {host}:{port}", shaking)
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.transport.abort()
        ends = x509.load_der_x509_certificate(shown).not_valid_after_utc
        left = (ends - datetime.now(UTC)).days
        said = f"the certificate of {host} is good until {ends:%d-%m-%Y}, {left} days"
        if left < self.days:
            raise Unwell(f"{said}; renew it {self.days} days before")
        return said


def host_and_port(address: str) -> tuple[str, int]:
    """From host:port, or an address that begins with https."""
    parts = urlsplit(address if "://" in address else f"https://{address}")
    if parts.scheme != "https" or not parts.hostname:
        raise NotSetUpError(f"{address} has no certificate")
    return parts.hostname, parts.port or 443


@cache
def _trust(authorities: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authorities or None)
