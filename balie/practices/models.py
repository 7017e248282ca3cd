"""Practices, their people and places, and the log of acts that matter."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac

from balie.practices.directory.models import PracticeSearch
from balie.practices.functions.models import By, Call, Function, Notice, OpenHours, Reason, RuleClosing, Switch
from balie.practices.suggestions.models import Suggestion, Topic
from balie.practices.webhooks.models import Webhook, WebhookDelivery

__all__ = [
    "AuditEvent",
    "By",
    "Call",
    "Function",
    "ImportJob",
    "ImportLine",
    "ImportState",
    "Location",
    "Mandate",
    "Membership",
    "Notice",
    "OpenHours",
    "OrganiserRole",
    "PassRevocation",
    "PastUse",
    "Person",
    "Practice",
    "PracticeSearch",
    "Reason",
    "RuleClosing",
    "Suggestion",
    "Switch",
    "Topic",
    "Waiver",
    "Webhook",
    "WebhookDelivery",
]

WAIVER_LIVES = timedelta(minutes=15)


class PersonManager(BaseUserManager["Person"]):
    """Makes people; the e-mail address is the login and is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "Person":
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").strip().lower())


class OrganiserRole(models.TextChoices):
    """What somebody of the organiser may do; all of them read everything that is the organiser's."""

    ADMIN = "admin", "also changes rules, and who has which role"
    STAFF = "staff", "runs the night, decides, and acts for practices"
    AUDITOR = "auditor", "reads, and changes nothing"


class Person(AbstractBaseUser):
    """Somebody who logs in. What they may do follows from memberships, or from their role at the organiser."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    is_organiser = models.BooleanField(default=False)
    organiser_role = models.CharField(
        max_length=10, choices=OrganiserRole.choices, blank=True, default="", db_default="", help_text="empty: reads"
    )
    is_distributor = models.BooleanField(default=False, db_default=False, help_text="sees what the lorries bring only")
    language = models.CharField(max_length=2, blank=True, db_default="", default="", help_text="chosen; empty: never")
    joined_at = models.DateTimeField(auto_now_add=True)
    advice_put_away_at = models.DateTimeField(null=True, help_text="to take a second factor")
    # Both only grow: what was made with a lower number counts no longer, whatever any clock says.
    session_generation = models.PositiveIntegerField(default=0, db_default=0)
    pass_generation = models.PositiveIntegerField(default=0, db_default=0)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = PersonManager()

    class Meta:
        db_table = "practices_person"
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="practices_person_email_lower_case"),
            models.CheckConstraint(
                condition=~models.Q(is_organiser=True, is_distributor=True), name="practices_person_one_office"
            ),
            models.CheckConstraint(
                condition=models.Q(organiser_role="")
                | models.Q(is_organiser=True, organiser_role__in=OrganiserRole.values),
                name="practices_person_role_at_the_organiser",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def needs_two_factors(self) -> bool:
        """Whether a password alone opens none of the pages that they are here for."""
        return self.is_organiser or self.is_distributor

    @property
    def is_admin(self) -> bool:
        """Whether they may change the organiser's rules and roles."""
        return self.is_organiser and self.organiser_role == OrganiserRole.ADMIN

    @property
    def decides(self) -> bool:
        """Whether they may change anything for the organiser; who may not only reads."""
        return self.is_organiser and self.organiser_role in {OrganiserRole.ADMIN, OrganiserRole.STAFF}

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What ties a session to this person as they were at its login; Django ends every session of another value."""
        value = f"{self.password}:{self.session_generation}"
        return salted_hmac("balie.practices.session", value, secret=secret, algorithm="sha256").hexdigest()


class Practice(models.Model):
    """A GP practice, or a care organisation that orders too, known by its AGB code: exactly eight digits, leading zeros
    kept, no check digit. The rules of a campaign may differ by `kind`.
    """

    class Kind(models.TextChoices):
        GP = "gp"
        CARE_ORG = "care_org"

    kind = models.TextField(choices=Kind.choices, default=Kind.GP, db_default=Kind.GP)
    agb_code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=200)
    registered_count = models.PositiveIntegerField(help_text="registered patients")
    email = models.EmailField()
    second_email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    mobile = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="for text messages, as E.164 writes it"
    )
    people = models.ManyToManyField(Person, through="Membership", related_name="practices")

    class Meta:
        db_table = "practices_practice"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(agb_code__regex=r"^[0-9]{8}$"), name="practices_practice_agb_is_8_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["gp", "care_org"]), name="practices_practice_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(mobile__regex=r"^(\+[1-9][0-9]{6,14})?$"), name="practices_practice_mobile_is_e164"
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="practices_practice_by_name")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person works for a practice."""

    class Role(models.TextChoices):
        GP = "gp"
        ASSISTANT = "assistant"
        MANAGER = "manager"
        SOFTWARE = "software", "a program of the practice, which goes by a connection"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        db_table = "practices_membership"
        constraints = [
            models.UniqueConstraint(fields=["person", "practice"], name="practices_membership_once"),
        ]


class Connection(models.Model):
    """How a program of a practice shows who it is: by a code, of which only the digest is kept. It is a colleague of
    its own, and goes nowhere but where its scopes let it.
    """

    class Scope(models.TextChoices):
        CONSULT = "consult", "a pass for conversations, as the connector has it"
        READ = "read", "the practice, campaigns, what is put ready and ordered, and how full days are"
        PREPARE = "prepare", "put an order ready"
        ORDER = "order", "join the queue, hold and confirm"
        CHANGE = "change", "cancel what was ordered"

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="connection")
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="connections")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the code, in hexadecimal")
    scopes = ArrayField(models.TextField(choices=Scope.choices), db_default=[Scope.CONSULT.value])
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, help_text="when it last got a pass")

    class Meta:
        db_table = "practices_connection"
        constraints = [
            models.CheckConstraint(condition=models.Q(scopes__len__gt=0), name="practices_connection_may_something"),
        ]


class Location(models.Model):
    """A place of a practice where the lorry may deliver."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="locations")
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=200, help_text="street and house number")
    postcode = models.CharField(max_length=7)
    city = models.CharField(max_length=100)

    class Meta:
        db_table = "practices_location"
        constraints = [
            models.UniqueConstraint(fields=["practice", "name"], name="practices_location_name_once"),
            models.CheckConstraint(
                condition=models.Q(postcode__regex=r"^[1-9][0-9]{3} [A-Z]{2}$"), name="practices_location_postcode"
            ),
        ]

    @property
    def address(self) -> str:
        return f"{self.street}, {self.postcode} {self.city}"


class PastUse(models.Model):
    """What a practice ordered and gave of a product in an earlier year, in doses."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="past_use")
    year = models.PositiveSmallIntegerField()
    product_code = models.CharField(max_length=20)
    ordered = models.PositiveIntegerField()
    administered = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "practices_past_use"
        constraints = [
            models.UniqueConstraint(fields=["practice", "year", "product_code"], name="practices_past_use_once")
        ]


class PassRevocation(models.Model):
    """Passes of this person (for this practice, or all) of a generation before this one count no longer.

    `revoked_at` only tells when a row can be forgotten.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, null=True)
    generation = models.PositiveIntegerField()
    revoked_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "practices_pass_revocation"
        constraints = [
            models.UniqueConstraint(fields=["person", "generation"], name="practices_pass_revocation_generation_once")
        ]


class Waiver(models.Model):
    """One login without the second step, for somebody who lost theirs. The latest of each person; the log has all."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "practices_waiver"
        constraints = [
            models.CheckConstraint(condition=models.Q(reason__regex=r"\S"), name="practices_waiver_has_a_reason"),
            models.CheckConstraint(
                condition=~models.Q(person=models.F("granted_by")), name="practices_waiver_for_somebody_else"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__lte=models.F("granted_at") + WAIVER_LIVES),
                name="practices_waiver_is_short",
            ),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(used_at__lt=models.F("expires_at")),
                name="practices_waiver_used_in_time",
            ),
        ]


class Mandate(models.Model):
    """Somebody of the organiser's staff orders for a practice that phoned: one practice, and not for long.

    Stopping moves `ends_at` to that moment; the row stays, for whoever asks who acted and why.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, db_index=False)
    reason = models.TextField(help_text="who phoned, and why")
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "practices_mandate"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gte=models.F("began_at")), name="practices_mandate_ends_after_it_began"
            )
        ]


class AuditEvent(models.Model):
    """An act that matters: who did what, to what, when. Rows are only ever added (a trigger refuses the rest)."""

    at = models.DateTimeField()
    actor = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True)
    action = models.TextField(help_text="noun.verb, e.g. order.placed")
    subject = models.TextField(help_text="what it was done to, e.g. an order number")
    reason = models.TextField(blank=True, default="")
    detail = models.JSONField(default=dict)
    origin = models.TextField(
        default="", db_default="", help_text="the address it was asked from; empty where nobody asked"
    )

    class Meta:
        db_table = "practices_audit_event"
        indexes = [
            models.Index(fields=["practice", "at"], name="practices_audit_practice"),
            models.Index(fields=["subject"], name="practices_audit_subject"),
        ]


class ImportState(models.TextChoices):
    """How far an import is. Only a READY one can be carried out, and only until it is WRITING can it be cancelled."""

    WAITING = "waiting"
    CHECKING = "checking"
    REFUSED = "refused"  # something in the file must be mended first
    READY = "ready"
    WANTED = "wanted"
    WRITING = "writing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"  # through no fault of the file


class ImportJob(models.Model):
    """A file of practices that somebody of the organiser's staff uploaded; `balie work` checks it and carries it out.

    Counts of rows are of the file, except `rows_written`, which counts practices.
    """

    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    file_name = models.TextField()
    content = models.BinaryField(null=True, help_text="there for as long as it may still be needed")
    language = models.TextField(help_text="in which the report is written")
    state = models.TextField(choices=ImportState.choices, default=ImportState.WAITING)
    fault = models.TextField(default="", help_text="why the file as a whole cannot be used, or what failed")
    sheet = models.TextField(default="", help_text="of a workbook: which one was read")
    fingerprint = models.TextField(default="", help_text="of the changes as they were reported")
    changed_meanwhile = models.BooleanField(default=False)
    rows = models.IntegerField(default=0)
    rows_read = models.IntegerField(default=0)
    rows_checked = models.IntegerField(default=0)
    rows_written = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    problems = models.IntegerField(default=0)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0, help_text="how often it was taken; the fence of one attempt")
    losses = models.IntegerField(default=0, help_text="how many workers it outlived since it last got somewhere")
    taken_by = models.TextField(default="")
    taken_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "practices_import_job"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(content__isnull=False)
                | models.Q(state__in=["done", "cancelled", "failed", "refused"]),
                name="practices_import_has_its_file",
            ),
        ]

    @property
    def to_write(self) -> int:
        """Practices that are made or changed."""
        return self.created + self.changed


class ImportLine(models.Model):
    """One line of an import's report: a problem, or what becomes of a practice."""

    class Kind(models.TextChoices):
        PROBLEM = "problem"
        CREATED = "created"
        CHANGED = "changed"
        UNCHANGED = "unchanged"

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="lines")
    kind = models.TextField(choices=Kind.choices)
    line = models.IntegerField(help_text="in the file")
    column = models.TextField(default="")
    agb_code = models.TextField(default="")
    name = models.TextField(default="")
    before = models.TextField(default="", help_text="what was; of a problem: what stands in the file")
    after = models.TextField(default="", help_text="what becomes of it; of a problem: what is expected")
    wrong = models.TextField(default="")

    class Meta:
        db_table = "practices_import_line"
        indexes = [models.Index(fields=["job", "kind", "column"], name="practices_import_line_kind")]
