"""What keeps the processes of one installation in step: the service clock, leases for single duties, heartbeats."""

from django.db import models


class Clock(models.Model):
    """The service clock: one row, advanced every half second by the leader while the service is healthy.

    Read it in SQL with ``service_now()``, never by its columns: the time that passed since ``advanced_at`` counts for
    at most two seconds, so a clock that nobody advances stands still, and every hold with it.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    shows = models.DateTimeField()
    advanced_at = models.DateTimeField()
    fence = models.BigIntegerField(default=0)

    class Meta:
        db_table = "runtime_clock"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="runtime_clock_is_one_row")]


class Standstill(models.Model):
    """The service clock stood still, in wall time. Written by the tick that ended it."""

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        db_table = "runtime_standstill"


class Lease(models.Model):
    """Who does a duty that must be single, until when, and how often it changed hands (the fence)."""

    duty = models.TextField(primary_key=True)
    owner = models.TextField()
    expires_at = models.DateTimeField()
    fence = models.BigIntegerField(default=0)

    class Meta:
        db_table = "runtime_lease"


class Heartbeat(models.Model):
    """A process of ours that lives: written every few seconds, read by probes and the control room."""

    process = models.TextField(primary_key=True)
    role = models.TextField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "runtime_heartbeat"
