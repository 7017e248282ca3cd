"""The key log as it is kept: its entries, and what key servers cosigned."""

from django.db import models
from django.db.models import Q

from balie.consult.lengths import NAME
from balie.consult.protocol.logs import ROOTS


class KeyLog(models.Model):
    """One row: how many entries the key log has. Its lock is taken after the feed's."""

    size = models.BigIntegerField()

    class Meta:
        db_table = "consult_key_log"


class KeyLogEntry(models.Model):
    """A statement about keys, or a root of the log of who did what (without `statement`), at its place in the key log
    (docs/spec/consult/keylog.md). None is changed or removed.
    """

    index = models.BigIntegerField(primary_key=True)
    statement = models.OneToOneField(
        "consult.Statement", null=True, on_delete=models.PROTECT, related_name="key_log_entry"
    )
    name = models.CharField(max_length=NAME)
    of = models.CharField(max_length=NAME, db_index=True)

    class Meta:
        db_table = "consult_key_log_entry"
        constraints = [
            models.CheckConstraint(
                condition=Q(statement__isnull=False) ^ Q(of=ROOTS), name="consult_key_log_entry_statement_or_root"
            )
        ]


class KeyLogCheckpoint(models.Model):
    """What the key log was, as key servers cosigned it."""

    origin = models.CharField(max_length=255)
    size = models.BigIntegerField()
    note = models.TextField(help_text="the checkpoint with its cosignatures, as clients read it")
    cosigned_at = models.DateTimeField()

    class Meta:
        db_table = "consult_key_log_checkpoint"
        constraints = [models.UniqueConstraint(fields=["origin", "size"], name="consult_key_log_checkpoint_once")]


class LogRoot(models.Model):
    """Of the log of who did what: over the last entries of the books that went on since the root before."""

    name = models.CharField(max_length=NAME, unique=True)
    previous = models.CharField(max_length=NAME, unique=True, help_text="empty for the first: one follows each")
    at = models.DateTimeField()

    class Meta:
        db_table = "consult_log_root"


class LogHead(models.Model):
    """The last entry of a book, when a root was made."""

    root = models.ForeignKey(LogRoot, on_delete=models.PROTECT, related_name="heads")
    book = models.ForeignKey("consult.LogBook", on_delete=models.PROTECT, related_name="heads")
    number = models.BigIntegerField()
    hash = models.CharField(max_length=NAME)

    class Meta:
        db_table = "consult_log_head"
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="consult_log_head_once")]
