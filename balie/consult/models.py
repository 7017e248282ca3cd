"""What the server keeps of conversations: statements, who belongs to them, and messages that it cannot read.

Groups, people, devices and keys are called here as the protocol calls them (docs/spec/consult). The server believes no
list: its rows follow from signed statements, and clients come to their own conclusions from the same statements.
"""

from django.db import models
from django.db.models import Q

from balie.consult.econsults.models import Econsult, PostChoice, Questionnaire
from balie.consult.record.models import Hold, Keeper, Retention

__all__ = [
    "Admission",
    "Agreement",
    "Attachment",
    "Consultation",
    "Device",
    "Econsult",
    "Feed",
    "Former",
    "Group",
    "GroupKey",
    "Hold",
    "Identity",
    "Keeper",
    "KeyLog",
    "KeyLogCheckpoint",
    "KeyLogEntry",
    "Keyset",
    "LogBook",
    "LogEntry",
    "Mark",
    "Member",
    "Message",
    "PostChoice",
    "Questionnaire",
    "Reading",
    "Retention",
    "SealedCopy",
    "Statement",
    "TeamName",
    "UnreadCursor",
    "UnreadMail",
]

NAME = 43  # a SHA-256 in base64url
ID = 22  # sixteen bytes in base64url


class Identity(models.Model):
    """What the protocol calls a person who can log in."""

    id = models.CharField(primary_key=True, max_length=ID)
    person = models.OneToOneField("practices.Person", on_delete=models.PROTECT, related_name="identity")
    known = models.TextField(
        default="", help_text="what was accepted of their keys: a protocol.persons.Person, as JSON"
    )
    kem = models.CharField(max_length=NAME, default="", help_text="name of their current KEM key")

    class Meta:
        db_table = "consult_identity"


class Admission(models.Model):
    """A new key that somebody asks colleagues to vouch for, after all else was lost. Kept until they have it."""

    identity = models.OneToOneField(Identity, primary_key=True, on_delete=models.PROTECT, related_name="admission")
    signed = models.TextField(help_text="the key statement with its signatures so far, as JSON")
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "consult_admission"


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


class TeamName(models.Model):
    """What a team is called, for those who can write to it; with a name, that is whoever works for a practice."""

    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="public_name")
    name = models.CharField(max_length=80)
    practice = models.ForeignKey("practices.Practice", null=True, on_delete=models.PROTECT, related_name="teams")
    for_patients = models.BooleanField(
        default=False, db_default=False, help_text="patients of the practice may write to it"
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


class KeyLog(models.Model):
    """One row: how many entries the key log has. Its lock is taken after the feed's."""

    size = models.BigIntegerField()

    class Meta:
        db_table = "consult_key_log"


class KeyLogEntry(models.Model):
    """A statement about keys, at its place in the key log (docs/spec/consult/keylog.md). None is changed or removed."""

    index = models.BigIntegerField(primary_key=True)
    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="key_log_entry")
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


class Keyset(models.Model):
    """Somebody's keyset in its box, and the key of the box once for each unlock method. Replaced as a whole."""

    identity = models.OneToOneField(Identity, primary_key=True, on_delete=models.PROTECT, related_name="keyset")
    version = models.BigIntegerField()
    keyset = models.TextField()
    wraps = models.TextField(help_text="JSON, as posted")
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "consult_keyset"


class Agreement(models.Model):
    """Within which time a question is answered, as data. A row that questions go by is never changed: there comes
    another, and this one is no longer offered.
    """

    class Kind(models.TextChoices):
        CONSULTATION = "consultation"
        ADVICE_CONSULT = "advice-consult"

    class Unit(models.TextChoices):
        HOUR = "hour"
        WORKING_DAY = "working-day"

    code = models.CharField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=16, choices=Kind)
    unit = models.CharField(max_length=12, choices=Unit)
    within = models.PositiveSmallIntegerField(help_text="hours, or working days after the day of asking")
    warn_before = models.PositiveSmallIntegerField(help_text="in the same unit: when who must answer is told")
    offered = models.BooleanField(default=True, db_default=True)
    place = models.PositiveSmallIntegerField(
        help_text="the first offered of a kind is what one gets unless one chooses"
    )

    class Meta:
        db_table = "consult_agreement"
        constraints = [
            models.CheckConstraint(
                condition=Q(within__gt=models.F("warn_before")), name="consult_agreement_warns_in_time"
            )
        ]


class Consultation(models.Model):
    """A question to a specialist or a team, without its words: those are in the conversation, sealed."""

    id = models.CharField(primary_key=True, max_length=ID, help_text="chosen by who asks; the same when asked again")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="consultations")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="consultations")
    asked_by = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="consultations")
    practice = models.ForeignKey("practices.Practice", on_delete=models.PROTECT, related_name="consultations")
    team = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="asked")
    holder = models.ForeignKey(
        Identity, null=True, on_delete=models.PROTECT, related_name="held", help_text="who picked it up and has it now"
    )
    billing_code = models.CharField(max_length=32, default="", db_default="")
    asked_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    picked_up_at = models.DateTimeField(null=True, help_text="the first time")
    concluded_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "consult_consultation"
        constraints = [
            models.UniqueConstraint(
                fields=["group"], condition=Q(concluded_at__isnull=True), name="consult_consultation_open_once"
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=False) | Q(holder__isnull=False), name="consult_consultation_asked_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(holder__isnull=True) | Q(picked_up_at__isnull=False), name="consult_consultation_held_since"
            ),
            models.CheckConstraint(
                condition=Q(concluded_at__isnull=True) | Q(holder__isnull=False),
                name="consult_consultation_concluded_by",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "asked_at"], name="consult_consultation_asked"),
            models.Index(fields=["warn_at"], condition=Q(concluded_at__isnull=True), name="consult_consultation_warns"),
        ]


class Feed(models.Model):
    """One row: the number of the last event of all, message or statement. Its lock is taken last and kept until the
    commit, so events become visible in the order of their numbers; who asks for what comes after one misses nothing.
    """

    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "consult_feed"
