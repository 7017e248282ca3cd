"""What the server keeps of conversations: who belongs to them, and messages that it cannot read.

Groups, people, devices and keys are called here as the protocol calls them (docs/spec/consult). The server believes no
list: its rows follow from signed statements, and clients come to their own conclusions from the same statements.
"""

from django.db import models
from django.db.models import Q

NAME = 43  # a SHA-256 in base64url
ID = 22  # sixteen bytes in base64url


class Identity(models.Model):
    """What the protocol calls a person who can log in."""

    id = models.CharField(primary_key=True, max_length=ID)
    person = models.OneToOneField("practices.Person", on_delete=models.PROTECT, related_name="identity")

    class Meta:
        db_table = "consult_identity"


class Device(models.Model):
    """A browser profile or headless client that signs messages. Once revoked, nothing new is taken from it."""

    id = models.CharField(primary_key=True, max_length=ID)
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="devices")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "consult_device"


class Group(models.Model):
    """A team or a conversation. The row of a conversation is the lock of its members, its keys and its order."""

    class Kind(models.TextChoices):
        TEAM = "team"
        CONVERSATION = "conversation"

    name = models.CharField(max_length=NAME, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    last = models.BigIntegerField(default=0, help_text="place of the last message; grows by one, without gaps")

    class Meta:
        db_table = "consult_group"
        constraints = [models.CheckConstraint(condition=Q(last__gte=0), name="consult_group_last_not_negative")]


class Member(models.Model):
    """Who belongs to a group now: a person, or in conversations a team with all its people."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members")
    identity = models.ForeignKey(Identity, null=True, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="memberships")

    class Meta:
        db_table = "consult_member"
        constraints = [
            models.CheckConstraint(
                condition=Q(identity__isnull=False) ^ Q(team__isnull=False), name="consult_member_person_or_team"
            ),
            models.UniqueConstraint(fields=["group", "identity"], name="consult_member_person_once"),
            models.UniqueConstraint(fields=["group", "team"], name="consult_member_team_once"),
        ]


class GroupKey(models.Model):
    """A key of a conversation. Retired when somebody who has it no longer belongs; then nothing new comes under it."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="keys")
    name = models.CharField(max_length=NAME)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "consult_group_key"
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="consult_group_key_once")]


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


class Feed(models.Model):
    """One row: the place of the last message of all. Its lock is taken last and kept until the commit, so messages
    become visible in the order of their places, and a reader who asks for what comes after one misses nothing.
    """

    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "consult_feed"
