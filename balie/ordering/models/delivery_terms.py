"""The part of a campaign's rules that is about what comes: telling beforehand, reporting afterwards, the cold chain."""

from django.db import models


class DeliveryTerms(models.Model):
    """Columns of `Campaign`, kept apart to be read together. Temperatures are in whole degrees Celsius."""

    alert_days = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="a practice hears its time so many working days before"
    )
    late_without_alert = models.BooleanField(
        default=True, db_default=True, help_text="who changed after the day was handed over hears no time"
    )
    report_hours = models.PositiveSmallIntegerField(
        default=24, db_default=24, help_text="what is short, damaged or warm is reported within so many hours"
    )
    fridge_minutes = models.PositiveSmallIntegerField(
        default=60, db_default=60, help_text="from the lorry into the fridge"
    )
    coldest = models.SmallIntegerField(default=2, db_default=2, help_text="below this the cold chain is broken")
    warm_from = models.SmallIntegerField(default=8, db_default=8, help_text="above this it is warm")
    warmest = models.SmallIntegerField(default=21, db_default=21, help_text="above this the chain is broken at once")
    warm_minutes = models.PositiveSmallIntegerField(
        default=120, db_default=120, help_text="warm for longer than this, and the chain is broken"
    )

    class Meta:
        abstract = True


DELIVERY_TERMS_MAKE_SENSE = models.CheckConstraint(
    condition=models.Q(
        alert_days__lte=30,
        report_hours__gte=1,
        report_hours__lte=24 * 30,
        coldest__lt=models.F("warm_from"),
        warm_from__lte=models.F("warmest"),
    ),
    name="ordering_campaign_delivery_terms_make_sense",
)
