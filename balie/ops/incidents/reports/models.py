"""What people write of an incident after it, and what they agreed to do. Everything stays, for ever."""

from django.db import models

from balie.ops.incidents.models import Incident


class Report(models.Model):
    """One version of what people wrote, in Markdown. Saving adds a version; the public reads the last one that was
    `published`, with the facts as they were computed then.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    author = models.TextField()
    happened_nl = models.TextField(default="")
    happened_en = models.TextField(default="")
    why_nl = models.TextField(default="")
    why_en = models.TextField(default="")
    doing_nl = models.TextField(default="")
    doing_en = models.TextField(default="")
    published = models.BooleanField(default=False)
    facts_nl = models.TextField(default="")
    facts_en = models.TextField(default="")

    class Meta:
        db_table = "ops_report"
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="ops_reports_are_numbered")]


class FollowUp(models.Model):
    """Something that somebody will do because of an incident, by `due` at the latest."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="follow_ups")
    what = models.TextField()
    owner = models.TextField()
    due = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.TextField()
    done_at = models.DateTimeField(null=True)
    done_by = models.TextField(default="")

    class Meta:
        db_table = "ops_follow_up"
