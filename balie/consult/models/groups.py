"""Teams and conversations: who belongs to them, under which keys, and what was signed about that."""

from django.db import models
from django.db.models import Q

from balie.consult.lengths import NAME
from balie.consult.models.people import Identity


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


class TeamName(models.Model):
    """What a team is called, for those who can write to it; with a name, that is whoever works for a practice."""

    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="public_name")
    name = models.CharField(max_length=80)
    practice = models.ForeignKey("practices.Practice", null=True, on_delete=models.PROTECT, related_name="teams")
    for_patients = models.BooleanField(
        default=False, db_default=False, help_text="patients of the practice may write to it"
    )
    agreement = models.ForeignKey(
        "consult.Agreement",
        null=True,
        on_delete=models.PROTECT,
        related_name="teams",
        help_text="what one gets who asks this team and chooses nothing else",
    )

    class Meta:
        db_table = "consult_team_name"
        constraints = [
            models.UniqueConstraint(
                fields=["practice"], condition=Q(for_patients=True), name="consult_team_for_patients_once"
            ),
            models.CheckConstraint(
                condition=Q(for_patients=False) | Q(practice__isnull=False),
                name="consult_team_for_patients_of_a_practice",
            ),
        ]


class Member(models.Model):
    """Who belongs to a group now: a person, or in conversations a team with all its people."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members")
    identity = models.ForeignKey(Identity, null=True, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="memberships")
    since = models.BigIntegerField(
        null=True, help_text="feed of the act that added them; null until that has its number"
    )

    class Meta:
        db_table = "consult_member"
        constraints = [
            models.CheckConstraint(
                condition=Q(identity__isnull=False) ^ Q(team__isnull=False), name="consult_member_person_or_team"
            ),
            models.UniqueConstraint(fields=["group", "identity"], name="consult_member_person_once"),
            models.UniqueConstraint(fields=["group", "team"], name="consult_member_team_once"),
        ]


class Former(models.Model):
    """A patient whose treatment ended while they were in a conversation: they read what was theirs, nothing newer."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="former")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="formerly_in")
    until = models.BigIntegerField(help_text="feed up to which they read")

    class Meta:
        db_table = "consult_former"
        constraints = [models.UniqueConstraint(fields=["group", "identity"], name="consult_former_once")]


class GroupKey(models.Model):
    """A key of a conversation or team. Retired when somebody who has it no longer belongs, or has another key of their
    own; then nothing new comes under it.
    """

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="keys")
    name = models.CharField(max_length=NAME)
    made_at = models.BigIntegerField(default=0, help_text="the latest `at` of the statements about it, in seconds")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "consult_group_key"
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="consult_group_key_once")]


class Statement(models.Model):
    """What somebody signed, as they posted it; never changed. Named by its type and payload, whoever signed."""

    feed = models.BigIntegerField(null=True, unique=True, help_text="null until the end of the transaction it comes in")
    name = models.CharField(max_length=NAME, unique=True)
    typ = models.CharField(max_length=40)
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="statements")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="statements")
    about = models.CharField(max_length=48, null=True, help_text="of an act: the member it adds or removes")
    signed = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "consult_statement"
        indexes = [
            models.Index(fields=["group", "feed"], name="consult_statement_of_group"),
            models.Index(fields=["about", "feed"], condition=Q(about__isnull=False), name="consult_statement_about"),
            models.Index(
                fields=["identity", "feed"], condition=Q(group__isnull=True), name="consult_statement_of_person"
            ),
            models.Index(fields=["feed"], condition=Q(group__isnull=True), name="consult_statement_personal"),
        ]


class SealedCopy(models.Model):
    """A key of a group, sealed to one member under the KEM key they had; it came with a statement."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="copies")
    key = models.ForeignKey(GroupKey, on_delete=models.PROTECT, related_name="copies")
    identity = models.ForeignKey(Identity, null=True, on_delete=models.PROTECT, related_name="copies")
    team = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="copies")
    kem = models.CharField(max_length=NAME)
    sealed = models.TextField()

    class Meta:
        db_table = "consult_sealed_copy"
        constraints = [
            models.CheckConstraint(
                condition=Q(identity__isnull=False) ^ Q(team__isnull=False), name="consult_copy_person_or_team"
            ),
            models.UniqueConstraint(fields=["statement", "identity"], name="consult_copy_person_once"),
            models.UniqueConstraint(fields=["statement", "team"], name="consult_copy_team_once"),
        ]


class Feed(models.Model):
    """One row: the number of the last event of all, message or statement. Its lock is taken last and kept until the
    commit, so events become visible in the order of their numbers; who asks for what comes after one misses nothing.
    """

    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "consult_feed"
