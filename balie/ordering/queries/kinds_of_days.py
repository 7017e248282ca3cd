"""Which delivery days are for which of a practice's orders: the first of a campaign may be for pre-deliveries alone."""

from django.db.models import QuerySet

from balie.ordering.models import FIRST, Campaign, DeliveryDay, Kind, kind_of


def days_for(campaign: Campaign, slot: int = FIRST) -> QuerySet[DeliveryDay]:
    """In order of date."""
    days = DeliveryDay.objects.filter(campaign=campaign).order_by("day")
    if campaign.early_until is None:
        return days
    if kind_of(slot) == Kind.PRE_DELIVERY:
        return days.filter(day__lte=campaign.early_until)
    return days.filter(day__gt=campaign.early_until)
