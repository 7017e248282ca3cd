"""Settings that contradict each other or make no sense. `balie check` shows them; with an error no process starts."""

from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's own name


@register
def check_settings(**_options: Any) -> list[CheckMessage]:
    """Errors: what cannot work."""
    return [*_check_origins(), *_check_mail(), *_check_beacon()]


@register(Tags.security, deploy=True)
def check_for_practices(**_options: Any) -> list[CheckMessage]:
    """Warnings: what works here, and will not do for practices."""
    found: list[CheckMessage] = []
    if not settings.SECURE:
        hint = "BALIE_ORIGINS should hold https addresses only; the proxy in front speaks TLS."
        found.append(Warning("Passwords and passes would travel unencrypted.", hint=hint, id="balie.W001"))
    if settings.MAIL_DOMAIN == "localhost" or parseaddr(settings.MAIL_FROM)[1].endswith("@localhost"):
        hint = "Set BALIE_MAIL_FROM and BALIE_MAIL_DOMAIN to a domain of yours."
        found.append(Warning("Mail would come from localhost; mail servers refuse that.", hint=hint, id="balie.W002"))
    if not Path(str(settings.DJANGO_VITE["default"]["manifest_path"])).exists():
        hint = "Install the wheel that scripts/release builds, or run scripts/bootstrap in a checkout."
        found.append(Warning("The pages' scripts and styles have not been built.", hint=hint, id="balie.W003"))
    if settings.SECURE and settings.ALLAUTH_TRUSTED_PROXY_COUNT < 1:
        hint = "Set BALIE_PROXIES to the number of proxies before the pages; the one that speaks TLS is the first."
        found.append(Warning("Limits on logging in would count everybody as one client.", hint=hint, id="balie.W004"))
    if not settings.HELP_PHONE:
        hint = "Set BALIE_HELP_PHONE to the number of your helpline."
        found.append(Warning("Pages about faults would name no phone number.", hint=hint, id="balie.W005"))
    return found


def _check_origins() -> Iterator[CheckMessage]:
    parts = [_split(origin) for origin in settings.ORIGINS]
    if not parts:
        yield Error("BALIE_ORIGINS is empty: nobody could log in.", hint=_ORIGIN_HINT, id="balie.E001")
    for origin, part in zip(settings.ORIGINS, parts, strict=True):
        if part is None or part.scheme not in {"http", "https"} or not part.hostname or origin != _origin(part):
            yield Error(f"BALIE_ORIGINS: “{origin}” is not an origin.", hint=_ORIGIN_HINT, id="balie.E002")
    if len({part.scheme for part in parts if part}) > 1:
        hint = "Cookies are marked secure only when every origin is https."
        yield Error("BALIE_ORIGINS mixes http and https.", hint=hint, id="balie.E003")


def _check_mail() -> Iterator[CheckMessage]:
    server = _split(settings.SMTP_URL)
    if server is None or server.scheme not in {"smtp", "smtps"} or not server.hostname:
        hint = "Write smtp://user:password@host:port, or smtps:// for TLS from the first byte."
        yield Error("BALIE_SMTP_URL is not the address of a mail server.", hint=hint, id="balie.E004")
    if "@" not in parseaddr(settings.MAIL_FROM)[1]:
        hint = "Write it as: Balie <balie@example.org>"
        yield Error("BALIE_MAIL_FROM holds no e-mail address.", hint=hint, id="balie.E005")


def _check_beacon() -> Iterator[CheckMessage]:
    if settings.BEACON_URL and not settings.BEACON_URL.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        hint = "A value that anybody on the way can change proves nothing: use https."
        yield Error("BALIE_BEACON_URL is not a safe address.", hint=hint, id="balie.E006")


_ORIGIN_HINT = "Write it as browsers do, in lower case and without path or usual port: https://balie.example.org"
_USUAL_PORTS = {"http": 80, "https": 443}


def _split(address: str) -> SplitResult | None:
    """The parts of an address, its port understood; None when it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _origin(parts: SplitResult) -> str:
    """As a browser sends it; what differs from that by a single letter lets nobody in."""
    host = (parts.hostname or "").encode("ascii", "replace").decode()
    port = "" if parts.port in {None, _USUAL_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://[{host}]{port}" if ":" in host else f"{parts.scheme}://{host}{port}"
