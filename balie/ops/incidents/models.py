"""What was told of each outage, by whom, and what was promised. Everything stays, for ever."""

from typing import Final

from django.db import models

WATCH: Final = ""  # the author of what the watch says by itself


class Incident(models.Model):
    """An outage as people outside know it: one for each verdict of which somebody suffers, and one for each that
    somebody opened by hand.

    `functions` maps each function that suffers now to `degraded` or `stopped`; `severity` is the worst that it ever
    was. It has `recovered` when nothing suffers any more, and is `closed` by its last update: by the watch itself, as
    long as no human said anything in it. `joined` is the one that turned out to be the same.
    """

    class Severity(models.TextChoices):
        DEGRADED = "degraded"
        STOPPED = "stopped"

    verdict = models.BigIntegerField(null=True, unique=True)
    began_at = models.DateTimeField()
    recovered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    severity = models.TextField(choices=Severity)
    functions = models.JSONField(default=dict)
    title_nl = models.TextField()
    title_en = models.TextField()
    commander = models.TextField(default="")
    communicator = models.TextField(default="")
    updates_told = models.PositiveIntegerField(default=0)
    joined = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")

    class Meta:
        db_table = "ops_incident"

    @property
    def number(self) -> str:
        """What people call it."""
        return f"I-{self.pk:03}"


class Update(models.Model):
    """What the public reads, in both languages. `author` is `WATCH` where no human wrote it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="updates")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    author = models.TextField(default=WATCH)
    text_nl = models.TextField()
    text_en = models.TextField()
    closes = models.BooleanField(default=False)

    class Meta:
        db_table = "ops_update"
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="ops_updates_are_numbered")]


class Promise(models.Model):
    """That there will be another update by `due_at`. `owner` is a person of the team; empty: whoever is on call.

    An update `answer`s it, in time or not. Whether it was kept follows from these times alone.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="promises")
    made_in = models.OneToOneField(Update, on_delete=models.PROTECT, related_name="promise")
    due_at = models.DateTimeField()
    owner = models.TextField(default="")
    chased_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    answer = models.OneToOneField(Update, on_delete=models.PROTECT, null=True, related_name="answered")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ops_promise"
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=models.Q(answered_at=None), name="ops_one_open_promise_of_an_incident"
            )
        ]

    @property
    def kept(self) -> bool:
        """It was answered, in time."""
        return self.answered_at is not None and self.answered_at <= self.due_at


class Happening(models.Model):
    """The log of an incident, for those who handle it: what, and who did it (empty: the watch)."""

    class What(models.TextChoices):
        OPENED = "opened"
        CHANGED = "changed"
        RECOVERED = "recovered"
        JOINED = "joined"
        TOLD = "told"
        CHASED = "chased"
        MISSED = "missed"
        CLOSED = "closed"
        ROLES = "roles"
        REPORTED = "reported"
        AGREED = "agreed"
        DONE = "done"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="happenings")
    at = models.DateTimeField()
    what = models.TextField(choices=What)
    who = models.TextField(default=WATCH)
    about = models.JSONField(default=dict)

    class Meta:
        db_table = "ops_happening"


class Taken(models.Model):
    """Up to which entry of the ledger incidents have been made, and since when that is watched: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    entry = models.BigIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        db_table = "ops_taken"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="ops_taken_is_one_row")]
