"""Switches: whether a function is open, why not, and what was told about it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Function(models.TextChoices):
    """What can be closed by itself."""

    ORDERING = "ordering"
    CONVERSATIONS = "conversations"
    ECONSULT = "econsult"


class Reason(models.TextChoices):
    """Why something is closed; each has words of its own for patients."""

    OUTAGE = "outage"
    MAINTENANCE = "maintenance"
    BUSY = "busy"
    HOURS = "hours"
    OTHER = "other"


class By(models.TextChoices):
    """Who has a say, the strongest first. A decision by hand stands until a hand ends it, or its own end."""

    HAND = "hand"
    RULE = "rule"
    SCHEDULE = "schedule"


class Switch(models.Model):
    """One function for everybody (no practice, no campaign), for one practice, or for one campaign.

    `hand`, the rules' closings and `scheduled` are what each wants; `closed`, `decided_by` and what follows it are what
    comes of that, and written by `sql/switch_v1.sql` alone. `decided_by` is empty where nobody decided anything.
    """

    function = models.TextField(choices=Function.choices)
    practice = models.ForeignKey("practices.Practice", on_delete=models.PROTECT, null=True, related_name="switches")
    campaign = models.BigIntegerField(null=True, help_text="the key of one, as ordering has it")
    hand = models.TextField(null=True, choices=[("open", "open"), ("closed", "closed")])
    hand_until = models.DateTimeField(null=True)
    hand_reason = models.TextField(db_default="", default="", choices=Reason.choices)
    hand_text = models.TextField(db_default="", default="", help_text="for patients; empty: the usual words")
    hand_phone = models.TextField(db_default="", default="", help_text="empty: the practice's own")
    hand_actor = models.ForeignKey("practices.Person", on_delete=models.PROTECT, null=True, related_name="+")
    scheduled = models.BooleanField(null=True, help_text="open by its hours; null: it has none")
    opens_at = models.DateTimeField(null=True, help_text="when its hours open it again")
    closed = models.BooleanField(default=False, db_default=False)
    decided_by = models.TextField(db_default="", default="")
    reason = models.TextField(db_default="", default="")
    text = models.TextField(db_default="", default="")
    phone = models.TextField(db_default="", default="")
    until = models.DateTimeField(null=True)
    since = models.DateTimeField(db_default=Now())
    version = models.IntegerField(default=0, db_default=0, help_text="grows with every change of what comes of it")

    class Meta:
        db_table = "practices_switch"
        constraints = [
            models.UniqueConstraint(
                fields=["function", "practice", "campaign"], nulls_distinct=False, name="practices_switch_once"
            ),
            models.CheckConstraint(
                condition=Q(campaign=None) | Q(function="ordering", practice=None), name="practices_switch_of_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(function__in=Function.values), name="practices_switch_function_is_known"
            ),
            models.CheckConstraint(
                condition=Q(closed=False) | ~Q(decided_by=""), name="practices_switch_is_closed_by_something"
            ),
            models.CheckConstraint(
                condition=Q(hand=None) | Q(hand__in=["open", "closed"]), name="practices_switch_hand_is_known"
            ),
        ]


class RuleClosing(models.Model):
    """A culprit for which a rule keeps a switch closed; after it is well again, until `ends_at`."""

    switch = models.ForeignKey(Switch, on_delete=models.CASCADE, related_name="closings")
    culprit = models.TextField()
    closed_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True, help_text="the end of the stable time; null while it is ill")

    class Meta:
        db_table = "practices_rule_closing"
        constraints = [models.UniqueConstraint(fields=["switch", "culprit"], name="practices_rule_closing_once")]


class OpenHours(models.Model):
    """Open from `begins` to `ends` on each such day, in Amsterdam; midnight as an end is the end of the day."""

    switch = models.ForeignKey(Switch, on_delete=models.CASCADE, related_name="hours")
    day = models.SmallIntegerField(help_text="0 is Monday; 7 any holiday, whatever day it is")
    begins = models.TimeField()
    ends = models.TimeField()

    class Meta:
        db_table = "practices_open_hours"
        constraints = [
            models.UniqueConstraint(fields=["switch", "day", "begins"], name="practices_open_hours_once"),
            models.CheckConstraint(condition=Q(day__range=(0, 7)), name="practices_open_hours_day"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("begins")) | Q(ends="00:00"), name="practices_open_hours_end_after_begin"
            ),
        ]


class Notice(models.Model):
    """Closed or opened out of the ordinary: what those whom it is about are told. One for each such change."""

    switch = models.ForeignKey(Switch, on_delete=models.PROTECT, related_name="notices")
    version = models.IntegerField(help_text="of the switch")
    at = models.DateTimeField(db_default=Now())
    closed = models.BooleanField()
    cause = models.TextField(help_text="who wanted it: a By")
    reason = models.TextField()
    text = models.TextField()
    phone = models.TextField()
    culprit = models.TextField()
    actor = models.ForeignKey("practices.Person", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "practices_notice"
        constraints = [models.UniqueConstraint(fields=["switch", "version"], name="practices_notice_once")]


class Call(models.Model):
    """Somebody who waited when a function was closed, and must be phoned: by a practice, or (none) by the organiser."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="calls")
    practice = models.ForeignKey("practices.Practice", on_delete=models.CASCADE, null=True, related_name="+")
    name = models.TextField()
    phone = models.TextField(help_text="empty: look it up")
    why = models.TextField(help_text="unread: wrote and was not read; prepared: has put an order ready")
    waits_since = models.DateTimeField(null=True)
    phoned_by = models.ForeignKey("practices.Person", on_delete=models.PROTECT, null=True, related_name="+")
    phoned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "practices_call"
        constraints = [
            models.CheckConstraint(
                condition=Q(phoned_by=None, phoned_at=None) | Q(phoned_by__isnull=False, phoned_at__isnull=False),
                name="practices_call_phoned_by_somebody",
            )
        ]
