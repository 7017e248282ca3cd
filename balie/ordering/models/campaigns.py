"""A campaign and its rules. Rules belong to the campaign's year, never to the code."""

from django.contrib.postgres.fields import ArrayField, IntegerRangeField
from django.db import models

from balie.ordering.models.delivery_terms import DELIVERY_TERMS_MAKE_SENSE, DeliveryTerms
from balie.ordering.models.wastage_terms import WASTAGE_TERMS_MAKE_SENSE, WastageProductTerms, WastageTerms
from balie.waitingroom.models import Room


class ChangeUnit(models.TextChoices):
    """Of the free limit. The programme says both "8 dagen" and "8 werkdagen", so each campaign says which."""

    DAYS = "days"
    WORKING_DAYS = "working_days"


class Campaign(DeliveryTerms, WastageTerms):
    """One year's ordering round. The row holds the rules in force; every change adds a `CampaignVersion`.

    A *trial* (oefencampagne) lets practices go the whole way of another campaign beforehand; nothing is delivered.
    """

    slug = models.SlugField(unique=True, help_text="in addresses, e.g. 2027")
    name = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=1)
    room = models.OneToOneField(Room, on_delete=models.PROTECT)
    trial_of = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="trial", help_text="the campaign that this rehearses"
    )
    is_probe = models.BooleanField(
        default=False,
        db_default=False,
        help_text="of the watch, which orders in it like a practice; no page shows it",
    )
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    window_s = models.PositiveIntegerField(default=300, help_text="ordering window per turn, in seconds")
    cap_percent = models.PositiveSmallIntegerField(null=True, help_text="at most this share of last year's order")
    care_cap_percent = models.PositiveSmallIntegerField(
        null=True, help_text="of care organisations instead; empty: as of everybody"
    )
    care_minimum = models.PositiveSmallIntegerField(
        null=True, help_text="of any vaccine, for care organisations instead; empty: as for everybody"
    )
    change_limit = models.PositiveSmallIntegerField(
        default=8, db_default=8, help_text="an order is changed and cancelled for nothing until so long before delivery"
    )
    change_unit = models.TextField(
        choices=ChangeUnit.choices, default=ChangeUnit.WORKING_DAYS, db_default=ChangeUnit.WORKING_DAYS
    )
    holidays = ArrayField(
        models.DateField(), default=list, db_default=[], help_text="no working days, beside Saturdays and Sundays"
    )
    late_fee_cents = models.PositiveIntegerField(
        default=4000, db_default=4000, help_text="what it costs after that limit, where the organiser allows it"
    )
    free_deliveries = models.PositiveSmallIntegerField(
        default=3, db_default=3, help_text="so many stops of the lorry at a practice cost nothing"
    )
    delivery_fee_cents = models.PositiveIntegerField(
        default=4000, db_default=4000, help_text="what each costs after that"
    )
    free_attempts = models.PositiveSmallIntegerField(
        default=2, db_default=2, help_text="so often is one delivery offered for nothing"
    )
    attempt_fee_cents = models.PositiveIntegerField(default=4000, db_default=4000, help_text="each attempt after that")
    reorders_open_at = models.DateTimeField(null=True, help_text="from then on one orders again; empty: never")
    reorders_close_at = models.DateTimeField(null=True)
    reorders_most = models.PositiveSmallIntegerField(
        default=10, db_default=10, help_text="so many re-orders a practice, at most"
    )
    early_opens_at = models.DateTimeField(null=True, help_text="from then on one orders a pre-delivery; empty: never")
    early_closes_at = models.DateTimeField(null=True)
    early_until = models.DateField(
        null=True, help_text="delivery days up to this one are for pre-deliveries, later ones for all other orders"
    )
    early_most = models.PositiveIntegerField(null=True, help_text="of a vaccine in a pre-delivery, at most")
    offer_hours = models.PositiveSmallIntegerField(
        default=24, db_default=24, help_text="how long who waited has an offer; hours of working days"
    )
    help_phone = models.CharField(max_length=30, blank=True, default="")
    forecast = models.JSONField(null=True, help_text="the file of the forecast, made by `balie work`")

    class Meta:
        db_table = "ordering_campaign"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("closes_at")), name="ordering_campaign_opens_before_it_closes"
            ),
            models.CheckConstraint(condition=models.Q(window_s__gt=0), name="ordering_campaign_window_positive"),
            models.CheckConstraint(
                condition=models.Q(change_unit__in=["days", "working_days"], change_limit__lte=366),
                name="ordering_campaign_change_limit_makes_sense",
            ),
            DELIVERY_TERMS_MAKE_SENSE,
            models.CheckConstraint(
                condition=models.Q(reorders_open_at__isnull=True, reorders_close_at__isnull=True)
                | models.Q(
                    reorders_open_at__isnull=False,
                    reorders_close_at__isnull=False,
                    reorders_open_at__lt=models.F("reorders_close_at"),
                ),
                name="ordering_campaign_reorders_open_before_they_close",
            ),
            models.CheckConstraint(
                condition=models.Q(early_opens_at__isnull=True, early_closes_at__isnull=True, early_until__isnull=True)
                | models.Q(
                    early_opens_at__isnull=False,
                    early_closes_at__isnull=False,
                    early_until__isnull=False,
                    early_opens_at__lt=models.F("early_closes_at"),
                ),
                name="ordering_campaign_pre_delivery_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(offer_hours__gte=1, offer_hours__lte=240),
                name="ordering_campaign_offer_hours_make_sense",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignVersion(models.Model):
    """The rules of a campaign as they were from `since` on, complete, for whoever asks later."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    since = models.DateTimeField()
    rules = models.JSONField()

    class Meta:
        db_table = "ordering_campaign_version"
        constraints = [models.UniqueConstraint(fields=["campaign", "version"], name="ordering_campaign_version_once")]


class Product(WastageProductTerms):
    """A vaccine in a campaign. `cohorts` are ranges of birth years that are invited, upper bound excluded."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="products")
    code = models.CharField(max_length=20, help_text="flu or pneumo; ties it to last year's numbers")
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    cohorts = ArrayField(IntegerRangeField(), default=list, blank=True)
    step = models.PositiveSmallIntegerField(default=10)
    minimum = models.PositiveSmallIntegerField(default=10)

    class Meta:
        db_table = "ordering_product"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "code"], name="ordering_product_code_once"),
            models.CheckConstraint(
                condition=models.Q(step__gt=0, minimum__gte=0), name="ordering_product_step_positive"
            ),
            WASTAGE_TERMS_MAKE_SENSE,
        ]

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """Practices that have a round of their own, the one at the same `position` of the campaign's room: who fits its one
    criterion, and no group before. The last group has no criterion: it takes all others. Ranges exclude their end.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="groups")
    position = models.PositiveSmallIntegerField()
    postcodes = ArrayField(IntegerRangeField(), default=list, help_text="digits of the first location's postcode")
    registered = IntegerRangeField(null=True, help_text="registered patients")
    agb_codes = ArrayField(models.CharField(max_length=8), default=list)

    class Meta:
        db_table = "ordering_group"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["campaign", "position"], name="ordering_group_position_once")]
