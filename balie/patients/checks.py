"""Settings about patients that cannot work."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from balie.patients.bsn import keys_of


@register
def check_bsn_key(**_options: Any) -> Iterator[CheckMessage]:
    if not settings.BSN_KEY:
        return
    try:
        keys_of(settings.BSN_KEY)
    except ValueError as fault:
        hint = "Make one with: openssl rand -base64 32"
        yield Error(f"BALIE_BSN_KEY: {fault}, so no BSN could be kept or found.", hint=hint, id="balie.E009")
