"""What was announced, and every act on it. Everything stays, for ever."""

from datetime import datetime

from django.db import models


class Maintenance(models.Model):
    """Work on `parts`, nodes of the graph, in a window that everybody was told of; `ends_at` as it was last extended.

    When it was cancelled it ended then; before it began, it never was. `ended_at`: when everybody was told that its
    window is past and that what it covered works.
    """

    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    parts = models.JSONField()
    text_nl = models.TextField()
    text_en = models.TextField()

    class Meta:
        db_table = "ops_maintenance"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")), name="ops_maintenance_ends_later"
            )
        ]

    @property
    def number(self) -> str:
        """What people call it."""
        return f"O-{self.pk:03}"

    @property
    def over_at(self) -> datetime:
        """When its window ends, or ended."""
        return min(self.ends_at, self.cancelled_at) if self.cancelled_at else self.ends_at


class MaintenanceAct(models.Model):
    """Who did what with it (nobody: the watch); `ends_at` as it was after that."""

    class What(models.TextChoices):
        ANNOUNCED = "announced"
        EXTENDED = "extended"
        CANCELLED = "cancelled"
        ENDED = "ended"

    maintenance = models.ForeignKey(Maintenance, on_delete=models.PROTECT, related_name="acts")
    at = models.DateTimeField()
    what = models.TextField(choices=What)
    who = models.TextField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "ops_maintenance_act"

    @property
    def news(self) -> "MaintenanceAct.What":
        """What it is to people: what was cancelled after it began, has ended."""
        early = self.what == self.What.CANCELLED and self.at > self.maintenance.begins_at
        return self.What.ENDED if early else self.What(self.what)
