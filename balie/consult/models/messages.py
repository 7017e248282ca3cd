"""Messages and files that the server cannot read, and how far people are with them."""

from django.db import models

from balie.consult.lengths import ID, NAME
from balie.consult.models.groups import Group
from balie.consult.models.people import Device, Identity


class Message(models.Model):
    """One envelope, at its place in its conversation and in the feed of all conversations."""

    feed = models.BigIntegerField(primary_key=True)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="messages")
    place = models.BigIntegerField()
    id = models.CharField(max_length=ID, help_text="chosen by its author; the same when it is sent again")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="messages")
    envelope = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "consult_message"
        constraints = [
            models.UniqueConstraint(fields=["group", "place"], name="consult_message_place_once"),
            models.UniqueConstraint(fields=["group", "id"], name="consult_message_once"),
        ]
        indexes = [models.Index(fields=["group", "feed"], name="consult_message_in_feed")]


class Attachment(models.Model):
    """A file that we cannot read, called by the hash of its bytes."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="attachments")
    hash = models.CharField(max_length=NAME)
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="attachments")
    size = models.BigIntegerField()
    file = models.BinaryField()
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "consult_attachment"
        constraints = [models.UniqueConstraint(fields=["group", "hash"], name="consult_attachment_once")]
        indexes = [models.Index(fields=["identity", "stored_at"], name="consult_attachment_of_a_day")]


class Reading(models.Model):
    """How far somebody is in a conversation, by places: what has reached a device of theirs, what they have read."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="readings")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="readings")
    delivered = models.BigIntegerField()
    read = models.BigIntegerField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "consult_reading"
        constraints = [models.UniqueConstraint(fields=["group", "identity"], name="consult_reading_once")]


class Mark(models.Model):
    """What somebody put on a conversation for themselves: they are done with it up to the place `archived`."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="marks")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="marks")
    flagged = models.BooleanField()
    archived = models.BigIntegerField(null=True, help_text="a place")

    class Meta:
        db_table = "consult_mark"
        constraints = [models.UniqueConstraint(fields=["group", "identity"], name="consult_mark_once")]


class UnreadMail(models.Model):
    """Whether somebody is told by mail that there is something to read, and when they were last. Who has no row is."""

    identity = models.OneToOneField(Identity, primary_key=True, on_delete=models.PROTECT, related_name="unread_mail")
    wanted = models.BooleanField()
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "consult_unread_mail"


class UnreadCursor(models.Model):
    """One row: the feed up to which it was looked whether messages were read in time."""

    checked = models.BigIntegerField()

    class Meta:
        db_table = "consult_unread_cursor"
