"""Closing one campaign, and opening it again."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.ordering.access import access_campaign
from balie.practices.access import access_organiser
from balie.practices.functions.models import Function
from balie.practices.functions.views import Subject, answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def night_closing(request: HttpRequest, slug: str) -> HttpResponse:
    """Ordering in this campaign alone."""
    person, campaign = access_organiser(request), access_campaign(slug)
    about = Subject(
        Function.ORDERING,
        None,
        campaign.pk,
        person,
        request.path,
        decides=person.decides,
        section="night",
        campaign_name=campaign.name,
    )
    return answer(request, about)
