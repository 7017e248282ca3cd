"""What alerting remembers: pages, their escalations as they stood when they began, and every notification."""

from typing import Final

from django.db import models

NONE: Final = "none"


class Page(models.Model):
    """One thing that people are told about, from its beginning until they were told that it is over.

    `subject` is what it is about, so that nothing becomes two pages: a verdict, a shift without anybody, a step that
    was missed, a promised update, a channel to be tested, the tickets of a working day. `about` says the same for
    programs. `effect` is how bad it is now. `digest` is the page that told of this one, where it woke nobody; `joined`
    the page that it turned out to belong to. `held`: somebody would have been woken,
    had it not been announced as maintenance.
    """

    class Kind(models.TextChoices):
        OUTAGE = "outage"
        NOBODY = "nobody"
        MISSED = "missed"
        PROMISE = "promise"
        SYMPTOMS = "symptoms"
        DIGEST = "digest"
        TEST = "test"

    subject = models.TextField(unique=True)
    kind = models.TextField(choices=Kind)
    verdict = models.BigIntegerField(null=True, unique=True)
    effect = models.TextField(default=NONE)
    culprits = models.JSONField(default=list)
    word = models.TextField(default="")
    functions = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    about = models.JSONField(default=dict)
    began_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    digest = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="tickets")
    joined = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    held = models.BooleanField(default=False)

    class Meta:
        db_table = "ops_page"

    @property
    def number(self) -> str:
        """What people call it, the same for everybody who was told."""
        return f"S-{self.pk:03}"


class Escalation(models.Model):
    """Who is told and when, as it was decided when it began; never changed but for who took it.

    `levels`: [{"after_s", "rota", "people": [{"person", "name", "language", "channels"}]}]. Each page's last `round`
    counts: a new one begins when things become worse, or when somebody passes it on.
    """

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="escalations")
    round = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    effect = models.TextField()
    levels = models.JSONField()
    passed_on_by = models.TextField(default="")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(default="")

    class Meta:
        db_table = "ops_escalation"
        constraints = [models.UniqueConstraint(fields=["page", "round"], name="ops_one_escalation_of_a_round")]


class Delivery(models.Model):
    """One message to one address.

    It is claimed before it is handed over, and what came of that is written after. A claim without an outcome that is
    older than any attempt can be belongs to a process that died: whether it was sent nobody knows.
    """

    class Outcome(models.TextChoices):
        SENT = "sent"
        REFUSED = "refused"
        UNKNOWN = "unknown"

    claimed_at = models.DateTimeField(null=True)
    claims = models.PositiveIntegerField(default=0)
    outcome = models.TextField(default="")
    answer = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)

    objects = models.Manager()

    class Meta:
        abstract = True


class Notification(Delivery):
    """One message to one person by one channel: `page`, or `resolved`."""

    escalation = models.ForeignKey(Escalation, on_delete=models.PROTECT, related_name="notifications")
    what = models.TextField()
    step = models.PositiveIntegerField()
    person = models.TextField()
    channel = models.TextField()
    due_at = models.DateTimeField()

    class Meta:
        db_table = "ops_notification"
        constraints = [
            models.UniqueConstraint(
                fields=["escalation", "what", "step", "person", "channel"], name="ops_one_notification_of_a_step"
            )
        ]


class Dealt(models.Model):
    """Up to which entry of the watch's ledger everything has been dealt with: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    entry = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ops_dealt"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="ops_dealt_is_one_row")]
