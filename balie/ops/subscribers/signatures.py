"""Links of subscribers, and the signatures by which a webhook knows that a message is ours.

Messages are signed as Standard Webhooks (https://www.standardwebhooks.com) has it, so that libraries for it check them:
an HMAC-SHA256 of id, time and body.
"""

import base64
import hmac
from datetime import datetime
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

from balie.ops.subscribers.models import Subscriber

PREFIX: Final = "whsec_"
_SIGNER: Final = Signer(salt="balie.ops.subscribers.link")


class StrangeLinkError(ValueError):
    """Nothing that we signed, or of nobody who is still there."""


def make_token(subscriber: Subscriber) -> str:
    """Whoever has it reads at that address."""
    return _SIGNER.sign(str(subscriber.pk))


def make_link(subscriber: Subscriber) -> str:
    """Where they say yes, and where they leave."""
    return f"{settings.WATCH_URL}/subscribe/{make_token(subscriber)}/"


def find_subscriber(token: str) -> Subscriber:
    """Raises StrangeLinkError."""
    try:
        return Subscriber.objects.get(pk=int(_SIGNER.unsign(token)))
    except (BadSignature, ValueError, Subscriber.DoesNotExist):
        raise StrangeLinkError from None


def write_secret(key: bytes) -> str:
    """As libraries take it."""
    return PREFIX + base64.b64encode(key).decode()


def signed_headers(secret: str, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """`message` is the same however often it is sent."""
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signature = hmac.digest(key, f"{message}.{seconds}.".encode() + body, sha256)
    return {
        "webhook-id": message,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
