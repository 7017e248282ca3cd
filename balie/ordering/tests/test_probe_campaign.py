"""The campaign of the watch: it takes orders like any other, and nobody meets it."""

import pytest
from django.db import connection
from django.http import Http404

from balie.ordering.access import access_campaign
from balie.ordering.forgetting import FORGET
from balie.ordering.models import Campaign, HoldLog
from balie.ordering.queries.campaigns import read_current_campaigns, read_other_nights
from balie.ordering.services.forecast import refresh_forecasts
from balie.ordering.testing import make_campaign


@pytest.fixture
def real(db) -> Campaign:
    return make_campaign(slug="2027")


@pytest.fixture
def probe(db) -> Campaign:
    found = make_campaign(slug="watch")
    Campaign.objects.filter(pk=found.pk).update(is_probe=True)
    return found


def test_no_page_leads_to_it(real, probe):
    assert read_current_campaigns() == [real]
    assert read_other_nights(make_campaign(slug="2026")) == [real]
    assert access_campaign("2027") == real
    with pytest.raises(Http404):
        access_campaign("watch")


def test_no_forecast_is_made_of_it(real, probe):
    refresh_forecasts()
    assert list(Campaign.objects.exclude(forecast=None)) == [real]


def test_its_log_is_short_and_that_of_real_campaigns_stays(real, probe):
    with connection.cursor() as cursor:
        for campaign in (real, probe):
            for hours in (0, 2):
                cursor.execute(
                    "insert into ordering_hold_log (campaign_id, act, at, service_at, practices)"
                    " values (%s, 'release', now() - %s * interval '1 hour', now(), '{1}')",
                    [campaign.pk, hours],
                )
        cursor.execute(FORGET)
    assert [each.campaign_id for each in HoldLog.objects.order_by("pk")] == [real.pk, real.pk, probe.pk]
