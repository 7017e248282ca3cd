"""Who did what (NEN 7513): a book for each group and each person."""

from django.db import models
from django.db.models import Q

from balie.consult.lengths import NAME
from balie.consult.models.groups import Group
from balie.consult.models.people import Identity


class LogBook(models.Model):
    """The log of a group, or of a person: its last entry, and its lock."""

    group = models.OneToOneField(Group, null=True, on_delete=models.PROTECT, related_name="log_book")
    identity = models.OneToOneField(Identity, null=True, on_delete=models.PROTECT, related_name="log_book")
    number = models.BigIntegerField()
    hash = models.CharField(max_length=NAME)

    class Meta:
        db_table = "consult_log_book"
        constraints = [
            models.CheckConstraint(
                condition=Q(identity__isnull=False) ^ Q(group__isnull=False), name="consult_log_book_person_or_group"
            )
        ]


class LogEntry(models.Model):
    """What somebody did (NEN 7513). Each names the hash of the one before; nothing is changed or removed."""

    book = models.ForeignKey(LogBook, on_delete=models.PROTECT, related_name="entries")
    number = models.BigIntegerField()
    at = models.DateTimeField()
    what = models.CharField(max_length=32)
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="log_entries")
    detail = models.TextField(help_text="JSON, as it was hashed")
    previous = models.CharField(max_length=NAME, blank=True)
    hash = models.CharField(max_length=NAME)

    class Meta:
        db_table = "consult_log_entry"
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="consult_log_entry_once")]
