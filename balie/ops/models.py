"""The ledger of `balie watch`: every change of state and of verdict, in order. Rows are added; only a verdict's own row
says how it stands now. Nothing here points to a table of the product.

Whoever acts on verdicts (alerts, switches, incidents) reads `Entry` past the last id it has dealt with.
"""

from django.db import models

from balie.ops.incidents.models import (  # noqa: F401 - as below
    Happening,
    Incident,
    Promise,
    Taken,
    Update,
)
from balie.ops.incidents.reports.models import FollowUp, Report  # noqa: F401 - as below
from balie.ops.maintenance.models import Maintenance, MaintenanceAct  # noqa: F401 - as below
from balie.ops.oncall.models import Dealt, Escalation, Notification, Page  # noqa: F401 - Django finds tables here
from balie.ops.subscribers.models import Sending, Spread, Subscriber  # noqa: F401 - as above
from balie.ops.symptoms.models import Symptom  # noqa: F401 - as above


class Transition(models.Model):
    """A node changed: `up`, `slow`, `down`, `recovering`, `unknown-behind` or `unseen`, and what showed it."""

    at = models.DateTimeField()
    node = models.TextField()
    before = models.TextField()
    after = models.TextField()
    evidence = models.TextField()

    class Meta:
        db_table = "ops_transition"
        indexes = [models.Index(fields=["node", "-id"], name="ops_transition_of_node")]


class Verdict(models.Model):
    """One outage, from the first failing reading until everything in it has recovered.

    `culprits` are names of nodes; empty when the cause is undetermined. `affected` are the nodes that fail because of
    them, or without a cause that is known. `functions` maps each function that suffers to `degraded` or `stopped`;
    `effect` is the worst of these. `evidence` is a list of [node, what was seen].
    """

    family = models.TextField()
    first_failing_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    merged_into = models.BigIntegerField(null=True)
    culprits = models.JSONField(default=list)
    affected = models.JSONField(default=list)
    word = models.TextField()
    effect = models.TextField()
    functions = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)

    class Meta:
        db_table = "ops_verdict"
        constraints = [
            models.UniqueConstraint(
                fields=["family"], condition=models.Q(closed_at=None), name="ops_one_open_verdict_of_a_family"
            )
        ]


class Entry(models.Model):
    """What happened with a verdict: `opened`, `changed`, `closed` (recovered) or `merged` (another explains it)."""

    verdict = models.ForeignKey(Verdict, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    what = models.TextField()
    culprits = models.JSONField(default=list)
    word = models.TextField()
    effect = models.TextField()
    functions = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)

    class Meta:
        db_table = "ops_entry"


class Switch(models.Model):
    """A function of the product was closed because of a verdict; or it was told that it may open again."""

    at = models.DateTimeField()
    verdict = models.BigIntegerField()
    function = models.TextField()
    closed = models.BooleanField()

    class Meta:
        db_table = "ops_switch"
        constraints = [
            models.UniqueConstraint(fields=["verdict", "function", "closed", "at"], name="ops_switches_are_told_once")
        ]


class Lease(models.Model):
    """Which watch judges, where several share a database: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    holder = models.TextField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "ops_lease"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="ops_lease_is_one_row")]
