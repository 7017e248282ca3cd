"""The one door to campaigns and orders. Absent and forbidden look alike: both are 404."""

from django.http import Http404

from balie.ordering.models import Campaign, Order
from balie.practices.models import Practice


def access_campaign(slug: str) -> Campaign:
    """The campaign at this address, with its room. Every practice may see every campaign."""
    try:
        return Campaign.objects.select_related("room", "trial_of").get(slug=slug)
    except Campaign.DoesNotExist:
        raise Http404 from None


def access_trial(slug: str) -> Campaign:
    """As `access_campaign`, for a trial alone."""
    campaign = access_campaign(slug)
    if campaign.trial_of is None:
        raise Http404
    return campaign


def access_order(campaign: Campaign, practice: Practice) -> Order:
    """The practice's own order in the campaign, with its lines."""
    orders = Order.objects.select_related("campaign").prefetch_related("lines__product")
    try:
        return orders.get(campaign=campaign, practice=practice)
    except Order.DoesNotExist:
        raise Http404 from None
