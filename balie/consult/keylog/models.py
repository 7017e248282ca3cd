"""The key log as it is kept: its entries, and what key servers cosigned."""

from django.db import models

from balie.consult.lengths import NAME


class KeyLog(models.Model):
    """One row: how many entries the key log has. Its lock is taken after the feed's."""

    size = models.BigIntegerField()

    class Meta:
        db_table = "consult_key_log"


class KeyLogEntry(models.Model):
    """A statement about keys, at its place in the key log (docs/spec/consult/keylog.md). None is changed or removed."""

    index = models.BigIntegerField(primary_key=True)
    statement = models.OneToOneField("consult.Statement", on_delete=models.PROTECT, related_name="key_log_entry")
    name = models.CharField(max_length=NAME)
    of = models.CharField(max_length=NAME, db_index=True)

    class Meta:
        db_table = "consult_key_log_entry"


class KeyLogCheckpoint(models.Model):
    """What the key log was, as key servers cosigned it."""

    origin = models.CharField(max_length=255)
    size = models.BigIntegerField()
    note = models.TextField(help_text="the checkpoint with its cosignatures, as clients read it")
    cosigned_at = models.DateTimeField()

    class Meta:
        db_table = "consult_key_log_checkpoint"
        constraints = [models.UniqueConstraint(fields=["origin", "size"], name="consult_key_log_checkpoint_once")]
