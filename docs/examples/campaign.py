"""Opens the campaign of 2027. Change what is yours, and run it once, with the environment of your installation."""

import os
from datetime import date, datetime
from zoneinfo import ZoneInfo

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "balie.settings")
django.setup()

from balie.ordering.services.calendar import Ramp, generate_delivery_days  # noqa: E402 - needs settings
from balie.ordering.services.campaigns import CampaignRules, ProductRules, create_campaign  # noqa: E402

HERE = ZoneInfo("Europe/Amsterdam")

campaign = create_campaign(
    slug="2027",  # part of its addresses
    name="Griep en pneumokokken 2027",
    year=2027,
    rules=CampaignRules(
        doors_at=datetime(2027, 5, 31, 23, 0, tzinfo=HERE),
        opens_at=datetime(2027, 6, 1, 0, 0, tzinfo=HERE),
        closes_at=datetime(2027, 7, 1, 0, 0, tzinfo=HERE),
        pace=45,  # numbers called per minute; the control room changes it
        products=(
            ProductRules("flu", "Griepvaccin", cohorts=((None, 1967),)),
            ProductRules("pneumo", "Pneumokokkenvaccin", cohorts=((1967, 1967), (None, 1947))),
        ),
        change_limit=8,  # an order is changed and cancelled for nothing until so long before its delivery
        change_unit="working_days",  # or "days"
        late_fee_cents=4000,  # what it costs after that, where you allow it
        cap_percent=110,  # of last year's order; None for no limit
        help_phone="088 123 45 67",
    ),
)
days = generate_delivery_days(
    campaign=campaign,
    first=date(2027, 9, 13),
    last=date(2027, 11, 30),
    doses=90_000,  # of a full day, all products together
    addresses=150,
    ramp=Ramp(start=0.25, days=25),  # the first day has a quarter of that, the 26th working day all of it
)
print(f"{campaign.name}: {len(days)} delivery days, {sum(day.doses_limit for day in days):,} doses")
