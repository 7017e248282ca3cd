"""Settings of the watch that work, and will not do for practices."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's own name


@register(Tags.security, deploy=True)
def check_watch(**_options: Any) -> Iterator[CheckMessage]:
    """Where a watch runs: on the machine that has its folder."""
    if not Path(settings.WATCH_FOLDER).exists():
        return
    if settings.WATCH_DSN == settings.DATABASE_URL:
        hint = "Make the role balie_watch, as docs/operating.md says, and set BALIE_WATCH_DSN."
        yield Warning("The watch would come to the database as the owner of everything.", hint=hint, id="balie.W006")
    if not (settings.WATCH_MAILBOX and settings.WATCH_MAILDIR):
        hint = "Set BALIE_WATCH_MAILBOX and BALIE_WATCH_MAILDIR to a mailbox of its own."
        yield Warning("The watch would not see whether mail arrives.", hint=hint, id="balie.W007")
    if settings.WEBHOOKS_INSIDE:
        hint = "Take BALIE_WEBHOOKS_INSIDE away."
        yield Warning("Anybody could make the watch post to this network.", hint=hint, id="balie.W008")
