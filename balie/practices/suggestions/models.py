"""Suggestions, and the subjects that staff put them under."""

from django.db import models
from django.db.models.functions import Now


class Topic(models.Model):
    """What several ask for, in the words of staff. `answer` is public from the moment that it is there."""

    class State(models.TextChoices):
        READING = "reading"
        PLANNED = "planned"
        DONE = "done"
        DECLINED = "declined"

    title = models.CharField(max_length=120, unique=True)
    state = models.TextField(choices=State, default=State.READING, db_default=State.READING)
    answer = models.TextField(blank=True, default="", db_default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "practices_topic"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at=None)
                | (~models.Q(answer="") & models.Q(answered_at__isnull=False)),
                name="practices_topic_answer_has_its_time",
            )
        ]


class Suggestion(models.Model):
    """What one person would like, word for word; staff alone read it. `topic` is empty until they did."""

    at = models.DateTimeField(db_default=Now())
    person = models.ForeignKey("practices.Person", on_delete=models.CASCADE, related_name="suggestions")
    practice = models.ForeignKey("practices.Practice", on_delete=models.CASCADE, null=True, related_name="+")
    text = models.TextField()
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, related_name="suggestions")

    class Meta:
        db_table = "practices_suggestion"
        indexes = [models.Index(fields=["at"], condition=models.Q(topic=None), name="practices_suggestion_unread")]
