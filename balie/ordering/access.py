"""The one door to campaigns and orders. Absent and forbidden look alike: both are 404."""

from django.http import Http404

from balie.ordering.models import Campaign, Order
from balie.ordering.queries.mails import LostMail, read_lost_mails
from balie.practices.models import Practice


def access_campaign(slug: str) -> Campaign:
    """The campaign at this address, with its room. Every practice may see every campaign but that of the watch."""
    try:
        return Campaign.objects.select_related("room", "trial_of").get(slug=slug, is_probe=False)
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
    orders = Order.objects.select_related("campaign", "practice", "placed_by").prefetch_related("lines__product")
    try:
        return orders.get(campaign=campaign, practice=practice)
    except Order.DoesNotExist:
        raise Http404 from None


def access_lost_mail(campaign: Campaign, mail: str, round_: str) -> LostMail:
    """A mail about one of the campaign's orders that did not arrive, as staff saw it."""
    for lost in read_lost_mails(campaign):
        if (str(lost.mail.id), str(lost.mail.round)) == (mail, round_):
            return lost
    raise Http404
