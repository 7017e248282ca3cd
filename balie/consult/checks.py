"""Settings of consulting that cannot work."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from balie.consult.tokens import Issuer


@register
def check_key_servers(**_options: Any) -> Iterator[CheckMessage]:
    if not settings.KEY_SERVERS:
        return
    try:
        Issuer(origin=settings.ORIGINS[0], seed=settings.TOKEN_SEED, servers=settings.KEY_SERVERS)
    except ValueError as fault:
        hint = "Make one with: openssl rand -base64 32"
        yield Error(f"BALIE_TOKEN_SEED: {fault}, so key servers would let nobody in.", hint=hint, id="balie.E008")
