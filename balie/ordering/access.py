"""The one door to campaigns and orders. Absent and forbidden look alike: both are 404."""

from datetime import date

from django.http import Http404

from balie.ordering.models import FIRST, Campaign, CancelledOrder, Consignment, DayFile, LateRequest, Order, Swap
from balie.ordering.queries.mails import LostMail, read_lost_mails
from balie.practices.access import LONGEST_KEY
from balie.practices.models import Practice


def access_campaign(slug: str) -> Campaign:
    """The campaign at this address, with its room. Every practice may see every campaign but that of the watch."""
    try:
        return Campaign.objects.select_related("room", "trial_of").get(slug=slug, is_probe=False)
    except Campaign.DoesNotExist:
        raise Http404 from None


def access_campaign_by_key(key: str) -> Campaign:
    """As `access_campaign`, by its number: programs ask so."""
    if not (key.isascii() and key.isdecimal() and len(key) <= LONGEST_KEY):
        raise Http404
    try:
        return Campaign.objects.select_related("room", "trial_of").get(pk=key, is_probe=False)
    except Campaign.DoesNotExist:
        raise Http404 from None


def access_order_by_number(practice: Practice, number: str) -> Order | CancelledOrder:
    """The practice's own order with this number, whether it stands or was cancelled."""
    mine = {"practice": practice, "number": number.replace("\0", ""), "campaign__is_probe": False}
    standing = Order.objects.select_related("campaign").prefetch_related("lines").filter(**mine).first()
    found = standing or CancelledOrder.objects.select_related("campaign").filter(**mine).first()
    if found is None:
        raise Http404
    return found


def access_trial(slug: str) -> Campaign:
    """As `access_campaign`, for a trial alone."""
    campaign = access_campaign(slug)
    if campaign.trial_of is None:
        raise Http404
    return campaign


def access_order(campaign: Campaign, practice: Practice, slot: int = FIRST) -> Order:
    """The practice's own order in the campaign and slot, with its lines."""
    orders = Order.objects.select_related("campaign", "practice", "placed_by", "changed_by").prefetch_related(
        "lines__product"
    )
    try:
        return orders.get(campaign=campaign, practice=practice, slot=slot)
    except Order.DoesNotExist:
        raise Http404 from None


def access_cancelled_order(campaign: Campaign, practice: Practice, slot: int = FIRST) -> CancelledOrder:
    """The practice's order that was cancelled last in that slot, where none stands there."""
    if Order.objects.filter(campaign=campaign, practice=practice, slot=slot).exists():
        raise Http404
    orders = CancelledOrder.objects.select_related("campaign", "practice", "placed_by", "cancelled_by")
    found = orders.filter(campaign=campaign, practice=practice, slot=slot).order_by("-cancelled_at", "-pk").first()
    if found is None:
        raise Http404
    return found


def access_open_request(order: Order) -> LateRequest:
    """What the practice asks of the organiser now about this order of its own."""
    try:
        return LateRequest.objects.get(number=order.number, practice=order.practice, state=LateRequest.State.OPEN)
    except LateRequest.DoesNotExist:
        raise Http404 from None


def access_wish(campaign: Campaign, practice: Practice, key: str) -> Swap:
    """The practice's own wish with this key, however it ended."""
    if not (key.isascii() and key.isdecimal() and len(key) <= LONGEST_KEY):
        raise Http404
    wishes = Swap.objects.select_related("campaign", "practice")
    found = wishes.filter(campaign=campaign, practice=practice, number="", pk=key).first()
    if found is None:
        raise Http404
    return found


def access_request(campaign: Campaign, key: str) -> LateRequest:
    """The request with this key in the campaign; for whoever came through `access_organiser`."""
    if not key.isdecimal() or len(key) > LONGEST_KEY:
        raise Http404
    try:
        return campaign.late_requests.select_related("campaign", "practice").get(pk=key)
    except LateRequest.DoesNotExist:
        raise Http404 from None


def access_lost_mail(campaign: Campaign, mail: str, round_: str) -> LostMail:
    """A mail about one of the campaign's orders that did not arrive, as staff saw it."""
    for lost in read_lost_mails(campaign):
        if (str(lost.mail.id), str(lost.mail.round)) == (mail, round_):
            return lost
    raise Http404


def access_delivering(slug: str) -> Campaign:
    """As `access_campaign`, for one that delivers: a trial does not."""
    campaign = access_campaign(slug)
    if campaign.trial_of is not None:
        raise Http404
    return campaign


def access_consignment(campaign: Campaign, practice: Practice, key: int) -> Consignment:
    """Something that comes, or came, to the practice; not what was withdrawn."""
    try:
        return Consignment.objects.select_related("campaign", "practice").get(
            pk=key, campaign=campaign, practice=practice, withdrawn=False
        )
    except (Consignment.DoesNotExist, OverflowError):
        raise Http404 from None


def access_day_file(campaign: Campaign, day: date, version: int) -> DayFile:
    """A file as it was handed over; for whoever came through `access_deliveries`."""
    try:
        return campaign.day_files.get(day=day, version=version)
    except DayFile.DoesNotExist:
        raise Http404 from None
