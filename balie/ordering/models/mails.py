"""What staff did about mails that did not arrive."""

from django.db import models

from balie.mail.models import OutboxMail
from balie.practices.models import Person


class MailMark(models.Model):
    """The last word of staff about one round of one mail; the audit log has those before it.

    called   somebody was spoken to, or a message left; it is not over
    solved   nothing more needs to be done
    """

    class Outcome(models.TextChoices):
        CALLED = "called"
        SOLVED = "solved"

    mail = models.ForeignKey(OutboxMail, on_delete=models.CASCADE, db_index=False)
    round = models.PositiveSmallIntegerField()
    outcome = models.TextField(choices=Outcome.choices)
    note = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, db_index=False)

    class Meta:
        db_table = "ordering_mail_mark"
        constraints = [
            models.UniqueConstraint(fields=["mail", "round"], name="ordering_mail_mark_once_per_round"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["called", "solved"]), name="ordering_mail_mark_outcome_is_known"
            ),
        ]
