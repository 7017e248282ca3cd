"""The part of a campaign's rules that is about doses that were not given."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class WastageTerms(models.Model):
    """Columns of `Campaign` about this, kept apart to be read together."""

    wastage_due = models.DateField(null=True, help_text="the last day to account for doses; empty: nobody need to")
    wastage_chase = ArrayField(
        models.PositiveSmallIntegerField(), default=list, db_default=[], help_text="mails so many days before"
    )

    class Meta:
        abstract = True


class WastageProductTerms(models.Model):
    """Columns of `Product`: up to `allowance_upto[n]` doses `allowance_permille[n]` may go to waste; above all of them,
    the last. Care organisations may have an allowance of their own.
    """

    price_cents = models.PositiveIntegerField(default=0, db_default=0, help_text="of a dose above what is allowed")
    allowance_upto = ArrayField(models.PositiveIntegerField(), default=list, db_default=[])
    allowance_permille = ArrayField(models.PositiveSmallIntegerField(), default=list, db_default=[])
    care_allowance_upto = ArrayField(models.PositiveIntegerField(), default=list, db_default=[])
    care_allowance_permille = ArrayField(
        models.PositiveSmallIntegerField(), default=list, db_default=[], help_text="empty: as for everybody"
    )
    until_expiry = models.BooleanField(
        default=False, db_default=False, help_text="a dose counts as wasted only when it is past its date"
    )

    class Meta:
        abstract = True


def _is_whole(name: str) -> Q:
    return Q(**{f"{name}_permille__len": 0, f"{name}_upto__len": 0}) | Q(
        **{f"{name}_permille__len": F(f"{name}_upto__len") + 1}
    )


WASTAGE_TERMS_MAKE_SENSE = models.CheckConstraint(
    condition=_is_whole("allowance") & _is_whole("care_allowance"), name="ordering_product_allowance_is_whole"
)
