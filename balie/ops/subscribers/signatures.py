"""Links of subscribers."""

from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

from balie.ops.subscribers.models import Subscriber

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
