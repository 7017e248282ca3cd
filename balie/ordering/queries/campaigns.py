"""Which campaigns matter now."""

from django.utils import timezone

from balie.ordering.models import Campaign, Order


def read_current_campaigns() -> list[Campaign]:
    """Campaigns that are open or still to open, the earliest first; when there is none, the one that closed last.

    Trials are no campaigns of their own: one comes to them from the campaign that they rehearse. That of the watch is
    nobody's.
    """
    campaigns = Campaign.objects.select_related("room").filter(trial_of=None, is_probe=False)
    current = list(campaigns.filter(closes_at__gt=timezone.now()).order_by("opens_at", "pk"))
    return current or list(campaigns.order_by("-closes_at", "-pk")[:1])


def read_campaigns() -> list[Campaign]:
    """Every campaign of the organiser, the latest first."""
    campaigns = Campaign.objects.select_related("room").filter(trial_of=None, is_probe=False)
    return list(campaigns.order_by("-opens_at", "-pk"))


def read_other_nights(campaign: Campaign) -> list[Campaign]:
    """Campaigns that have opened, and trials, but for this one and that of the watch; the latest first."""
    opened = Campaign.objects.filter(opens_at__lte=timezone.now(), is_probe=False)
    return list(opened.exclude(pk=campaign.pk).order_by("-opens_at", "-pk"))


def read_trial(campaign: Campaign) -> Campaign | None:
    """The trial of this campaign, open or not."""
    return Campaign.objects.filter(trial_of=campaign).first()


def count_tried(trial: Campaign) -> int:
    """Practices whose trial order stands."""
    return Order.objects.filter(campaign=trial).count()


def read_open_trial(campaign: Campaign) -> Campaign | None:
    """The trial of this campaign, while practices may use it."""
    now = timezone.now()
    return Campaign.objects.filter(trial_of=campaign, opens_at__lte=now, closes_at__gt=now).first()
