"""What a practice does with its webhooks. Each act is one transaction, and audited."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.lib.webhooks import InsideError, check_url, write_secret
from balie.practices.models import Person, Practice
from balie.practices.services import record
from balie.practices.webhooks.models import MOST, DeliveryState, Webhook, WebhookDelivery

SECRET_BYTES: Final = 32
OLD_COUNTS: Final = timedelta(days=1)
PAGE: Final = 25


def webhooks_of(practice: Practice) -> Sequence[Webhook]:
    """Those that are told, the oldest first."""
    return list(practice.webhooks.filter(ended_at=None).order_by("pk"))


def deliveries_of(practice: Practice, *, before: int | None = None) -> tuple[list[WebhookDelivery], int | None]:
    """The latest tellings, or those before that key; and where the rest begins, if there is any."""
    found = WebhookDelivery.objects.filter(webhook__practice=practice).select_related("webhook").order_by("-pk")
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


@transaction.atomic
def add_webhook(*, practice: Practice, url: str, actor: Person) -> str:
    """A new webhook; its secret, which is shown this once. Raises ValidationError, by field."""
    url = _clean_url(url)
    Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)  # so that there are no more than MOST
    if practice.webhooks.filter(ended_at=None).count() >= MOST:
        message = _("Uw praktijk heeft al %(most)s adressen. Haal er eerst een weg.") % {"most": MOST}
        raise ValidationError({"url": ValidationError(message, code="most")})
    secret = write_secret(secrets.token_bytes(SECRET_BYTES))
    try:
        with transaction.atomic():
            made = Webhook.objects.create(practice=practice, url=url, secret=secret, made_by=actor)
    except IntegrityError:
        raise ValidationError({"url": ValidationError(_("Dit adres staat er al."), code="twice")}) from None
    _record(made, "webhook.added", actor)
    return secret


@transaction.atomic
def rotate_secret(*, webhook: Webhook, actor: Person) -> str:
    """Another secret, which is shown this once. The one before signs beside it for a day."""
    secret = write_secret(secrets.token_bytes(SECRET_BYTES))
    locked = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    locked.old_secret, locked.old_until, locked.secret = locked.secret, timezone.now() + OLD_COUNTS, secret
    locked.save(update_fields=["secret", "old_secret", "old_until"])
    _record(locked, "webhook.secret_rotated", actor)
    return secret


@transaction.atomic
def end_webhook(*, webhook: Webhook, actor: Person) -> None:
    """It is told nothing more; what was under way is not sent again."""
    if Webhook.objects.filter(pk=webhook.pk, ended_at=None).update(ended_at=timezone.now()):
        _record(webhook, "webhook.ended", actor)


@transaction.atomic
def send_again(*, delivery: WebhookDelivery, actor: Person) -> None:
    """The same message once more, to where it went. Raises ValidationError while it is still being sent."""
    settled = WebhookDelivery.objects.filter(pk=delivery.pk, webhook__ended_at=None)
    settled = settled.exclude(state=DeliveryState.QUEUED)
    fresh = {"state": DeliveryState.QUEUED, "settled_at": None, "attempts": 0, "next_attempt_at": timezone.now()}
    if not settled.update(**fresh):
        raise ValidationError(_("Dit bericht wordt al verstuurd, of het adres is weggehaald."), code="under_way")
    detail = {"message": str(delivery.message), "about": delivery.subject}
    _record(delivery.webhook, "webhook.sent_again", actor, **detail)


def _clean_url(url: str) -> str:
    url = url.strip()
    try:
        check_url(url)
    except InsideError:
        message = _("Vul een adres in dat met https:// begint en op internet staat.")
        raise ValidationError({"url": ValidationError(message, code="url")}) from None
    return url


def _record(webhook: Webhook, action: str, actor: Person, **detail: str) -> None:
    about = {"url": webhook.url, **detail}
    record(actor=actor, practice=webhook.practice, action=action, subject=f"webhook:{webhook.pk}", detail=about)
