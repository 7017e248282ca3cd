"""A database for tonight: the imaginary country as it always is, and a campaign that is about to open."""

from datetime import datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from balie.embedded.migrated import migrated_database
from balie.embedded.national import imagine_country
from balie.embedded.places import fingerprint_of_tables
from balie.embedded.postgres import Postgres
from balie.embedded.seed import Season, leave_to_balie, open_campaign, prepare_orders, seed_country, write_cast
from balie.ordering.models import Campaign
from balie.ordering.services.trial import open_trial

DATABASE = "balie"
_SEED = "balie_seed_"
SLEEPERS_PER = 3  # beside so many of the crowd one practice sleeps, and Balie orders for it


def fall(postgres: Postgres, *, opens_in: float, pace: int, cast: Path, members: int) -> Campaign:
    """Make the database DATABASE anew, to which Django's settings point already; write the crowd's file.

    The country is kept in a database of its own, from which the next night is cloned.
    """
    country = imagine_country()
    now = timezone.now()
    season = Season.after(now)
    seed = f"{_SEED}{season.year}_{fingerprint_of_tables()}"
    postgres.drop_database(DATABASE)
    if seed in postgres.databases():
        postgres.create_database(DATABASE, template=seed)
    else:
        for old in postgres.databases():
            if old.startswith(_SEED):
                postgres.drop_database(old)
        _make_tables(postgres)
        seed_country(country, last_year=season.year - 1)
        connections.close_all()
        postgres.create_database(seed, template=DATABASE)
    opens_at = _whole_second(timezone.now() + timedelta(seconds=opens_in))
    campaign = open_campaign(country, slug=str(season.year), doors_at=now, opens_at=opens_at, pace=pace, window_s=300)
    prepare_orders(campaign, country)
    leave_to_balie(campaign, practices=members // SLEEPERS_PER)
    if timezone.now() < opens_at:  # on a slow machine a night that opens at once leaves no time to practise
        open_trial(campaign=campaign, until=opens_at, actor=None)
    write_cast(cast, campaign, practices=members)
    return campaign


def _make_tables(postgres: Postgres) -> None:
    if migrated_database() in postgres.databases():
        postgres.create_database(DATABASE, template=migrated_database())
    else:  # the cluster is older than these migrations
        postgres.create_database(DATABASE)
        call_command("migrate", verbosity=0)


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0) + timedelta(seconds=1)
