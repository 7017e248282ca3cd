"""Which campaigns matter now."""

from django.utils import timezone

from balie.ordering.models import Campaign


def read_current_campaigns() -> list[Campaign]:
    """Campaigns that are open or still to open, the earliest first; when there is none, the one that closed last."""
    campaigns = Campaign.objects.select_related("room")
    current = list(campaigns.filter(closes_at__gt=timezone.now()).order_by("opens_at", "pk"))
    return current or list(campaigns.order_by("-closes_at", "-pk")[:1])
