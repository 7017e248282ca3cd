"""What the settings of this installation come to: who makes tokens for its key servers, and its key log."""

from django.conf import settings

from balie.consult.keylog.log import KeyLog
from balie.consult.keyservers import cosigners, key_log_name
from balie.consult.tokens import Issuer


def token_issuer() -> Issuer | None:
    """Where there are key servers."""
    if not settings.KEY_SERVERS:
        return None
    return Issuer(origin=settings.ORIGINS[0], seed=settings.TOKEN_SEED, servers=settings.KEY_SERVERS)


def key_log() -> KeyLog | None:
    """Where key servers cosign one."""
    return (
        KeyLog(key_log_name(settings.KEY_SERVERS, address=settings.ORIGINS[0]))
        if cosigners(settings.KEY_SERVERS)
        else None
    )
