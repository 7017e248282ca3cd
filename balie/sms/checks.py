"""Whether BALIE_SMS_URL makes sense. Only `--deploy` asks Apprise: it reads all the gateways it knows for that."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's own name

from balie.sms.services import has_gateway

_HINT = "Write the address of your gateway as Apprise has it, with {to} for the number: docs/settings.md."


@register
def check_placeholder(**_options: Any) -> list[CheckMessage]:
    """An error: every text message would go to the same number, or nowhere."""
    if has_gateway() and ("{to}" not in settings.SMS_URL or "://" not in settings.SMS_URL):
        return [Error("BALIE_SMS_URL is no address with a place for the number.", hint=_HINT, id="balie.E007")]
    return []


@register(Tags.security, deploy=True)
def check_gateway(**_options: Any) -> list[CheckMessage]:
    """A warning, since everything else works without text messages."""
    from balie.sms.gateway import BadGatewayError, Gateway  # noqa: PLC0415 - takes a second, and memory

    try:
        if has_gateway():
            Gateway(settings.SMS_URL, answer_s=1)
    except BadGatewayError as error:
        return [Warning(str(error), hint=_HINT, id="balie.W006")]
    return []
