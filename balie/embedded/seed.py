"""Writes the imaginary country into a fresh database, and opens a campaign in it. Quick: rows go in by COPY."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import F, Model
from django.utils import timezone
from psycopg import sql

from balie.embedded.logins import NOT_READY, THEIR_PRACTICES, write_logins
from balie.embedded.national import (
    CAP_PERCENT,
    HELP_PHONE,
    STEP,
    ImaginaryPractice,
    imagine_wishes,
    split_over_places,
)
from balie.ordering.models import Campaign, PreparedLine, PreparedOrder, Product, RankedDay
from balie.ordering.services.calendar import Ramp, full_day_for, generate_delivery_days, working_days
from balie.ordering.services.campaigns import CampaignRules, ProductRules, create_campaign
from balie.ordering.services.groups import GroupRules
from balie.practices.models import Location, Membership, PastUse, Person, Practice
from balie.practices.passes import make_pass

# Vaccine is still being released in the first weeks: early days are scarce.
RAMP = Ramp(start=0.25, days=25)
_ROOM_FOR_DOSES = 1.15
_ROOM_FOR_ADDRESSES = 1.25
_PREPARED_SHARE = 0.85
_CHANCE = 2027


@dataclass(frozen=True)
class Season:
    """The months in which a campaign that opens at a given moment delivers."""

    year: int

    @classmethod
    def after(cls, opens_at: datetime) -> Season:
        opens = timezone.localdate(opens_at)
        return cls(opens.year if opens < date(opens.year, 8, 15) else opens.year + 1)

    @property
    def first(self) -> date:
        return date(self.year, 9, 13)

    @property
    def last(self) -> date:
        return date(self.year, 11, 30)


@transaction.atomic
def seed_country(country: Sequence[ImaginaryPractice], *, last_year: int) -> None:
    """Practices with their places, people and last year's use, and the demo's logins. The database must be empty.

    The number of a practice is its id, and the id of the assistant who works there.
    """
    nobody_logs_in, now = make_password(None), timezone.now()
    numbers = [each.number for each in country]
    copy_in(
        Practice,
        ("id", "agb_code", "name", "registered_count", "email", "second_email", "phone", "mobile"),
        ((p.number, p.agb_code, p.name, p.registered, p.email, p.second_email, p.phone, p.mobile) for p in country),
    )
    copy_in(
        Person,
        ("id", "email", "name", "password", "is_active", "is_organiser", "joined_at"),
        ((n, f"assistent{n}@voorbeeld.example", "Assistent", nobody_logs_in, True, False, now) for n in numbers),
    )
    copy_in(
        Membership,
        ("id", "person_id", "practice_id", "role"),
        ((number, number, number, Membership.Role.ASSISTANT) for number in numbers),
    )
    places = [(practice.number, place) for practice in country for place in practice.places]
    copy_in(
        Location,
        ("id", "practice_id", "name", "street", "postcode", "city"),
        ((n, practice, p.name, p.street, p.postcode, p.city) for n, (practice, p) in enumerate(places, start=1)),
    )
    uses = [(practice.number, code, use) for practice in country for code, use in practice.last_year.items()]
    copy_in(
        PastUse,
        ("id", "practice_id", "year", "product_code", "ordered", "administered"),
        (
            (n, practice, last_year, code, use.ordered, use.administered)
            for n, (practice, code, use) in enumerate(uses, start=1)
        ),
    )
    _go_on_counting(Practice, Person, Membership, Location, PastUse)
    write_logins()


@transaction.atomic
def open_campaign(
    country: Sequence[ImaginaryPractice],
    *,
    slug: str,
    doors_at: datetime,
    opens_at: datetime,
    pace: int,
    window_s: int,
    groups: Sequence[GroupRules] = (),
) -> Campaign:
    """A campaign with delivery days that just suffice for the whole `country`, early days scarce."""
    season = Season.after(opens_at)
    campaign = create_campaign(
        slug=slug,
        name=f"Griep en pneumokokken {season.year}",
        year=season.year,
        rules=CampaignRules(
            doors_at=doors_at,
            opens_at=opens_at,
            closes_at=opens_at + timedelta(days=30),
            pace=pace,
            products=(
                ProductRules("flu", "Griepvaccin", cohorts=((None, season.year - 60),), step=STEP, minimum=STEP),
                ProductRules(
                    "pneumo",
                    "Pneumokokkenvaccin",
                    cohorts=((season.year - 60, season.year - 60), (None, 1947)),
                    step=STEP,
                    minimum=STEP,
                ),
            ),
            window_s=window_s,
            cap_percent=CAP_PERCENT,
            help_phone=HELP_PHONE,
            groups=tuple(groups),
        ),
    )
    days = len(working_days(season.first, season.last))
    doses = _ROOM_FOR_DOSES * sum(sum(each.wanted.values()) for each in country)
    addresses = _ROOM_FOR_ADDRESSES * sum(len(each.places) for each in country)
    generate_delivery_days(
        campaign=campaign,
        first=season.first,
        last=season.last,
        doses=full_day_for(int(doses), days=days, ramp=RAMP),
        addresses=full_day_for(int(addresses), days=days, ramp=RAMP),
        ramp=RAMP,
    )
    return campaign


def regions(
    country: Sequence[ImaginaryPractice], count: int, *, opens_at: datetime, every: timedelta
) -> tuple[GroupRules, ...]:
    """So many regions with about as many practices each, that open one after the other; none when it is one."""
    if count == 1:
        return ()
    digits = sorted(int(each.places[0].postcode[:4]) for each in country)
    ends = [digits[len(digits) * n // count] for n in range(1, count)]
    return tuple(
        GroupRules(f"Regio {n}", opens_at + (n - 1) * every, postcodes=((first, end - 1),) if n < count else ())
        for n, (first, end) in enumerate(pairwise([1000, *ends, 10_000]), start=1)
    )


@transaction.atomic
def prepare_orders(campaign: Campaign, country: Sequence[ImaginaryPractice]) -> None:
    """Most practices of `country` have put their order ready, and so have those with a login in the demo but one."""
    products = {product.code: product for product in Product.objects.filter(campaign=campaign)}
    places: dict[int, list[int]] = {}
    for pk, practice in Location.objects.order_by("pk").values_list("pk", "practice_id"):
        places.setdefault(practice, []).append(pk)
    days = list(campaign.days.values_list("day", flat=True))
    prepared: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    ranking: list[tuple[object, ...]] = []
    now = timezone.now()
    for each in country:
        chance = random.Random(_CHANCE + each.number)
        late = chance.random() > _PREPARED_SHARE
        if each.number in NOT_READY or (late and each.number > THEIR_PRACTICES):
            continue
        order = len(prepared) + 1
        prepared.append((order, campaign.pk, each.number, each.number, now))
        for code, doses in each.wanted.items():
            parts = split_over_places(doses, len(each.places) if code == "flu" else 1, chance)
            for location, part in zip(places[each.number], parts, strict=False):
                lines.append((len(lines) + 1, order, products[code].pk, location, part))
        for rank, day in enumerate(imagine_wishes(days, chance), start=1):
            ranking.append((len(ranking) + 1, order, rank, day))
    copy_in(PreparedOrder, ("id", "campaign_id", "practice_id", "saved_by_id", "saved_at"), prepared)
    copy_in(PreparedLine, ("id", "prepared_id", "product_id", "location_id", "doses"), lines)
    copy_in(RankedDay, ("id", "prepared_id", "rank", "day"), ranking)
    _go_on_counting(PreparedOrder, PreparedLine, RankedDay)


def leave_to_balie(campaign: Campaign, *, practices: int) -> None:
    """So many practices sleep and have Balie order for them, a third of them in parts if need be.

    They are the last ones: those with a login in the demo and its crowd are the first.
    """
    ready = PreparedOrder.objects.filter(campaign=campaign, practice_id__gt=THEIR_PRACTICES)
    asleep = list(ready.order_by("-practice_id").values_list("practice_id", flat=True)[:practices])
    for auto, chosen in ((PreparedOrder.Auto.PARTS, asleep[::3]), (PreparedOrder.Auto.ONE_DAY, asleep)):
        waiting = ready.filter(practice_id__in=chosen, auto=PreparedOrder.Auto.OFF)
        waiting.update(auto=auto, auto_set_at=timezone.now(), auto_set_by_id=F("practice_id"))


def write_cast(path: Path, campaign: Campaign, *, practices: int) -> int:
    """A file for `python -m balie.rehearse.crowd`: practices that are ready, with a pass each. Returns their count.

    Those with a login in the demo are left to whoever logs in.
    """
    others = PreparedOrder.objects.filter(
        campaign=campaign, practice_id__gt=THEIR_PRACTICES, auto=PreparedOrder.Auto.OFF
    )
    ready = others.order_by("pk").prefetch_related("lines", "ranking")
    members = [
        {
            "practice": order.practice_id,
            "cookie": make_pass(
                person=order.practice_id, practice=order.practice_id, role=Membership.Role.ASSISTANT, organiser=False
            ),
            "lines": [
                {"product": line.product_id, "location": line.location_id, "doses": line.doses}
                for line in order.lines.all()
            ],
            "ranking": [wish.day for wish in order.ranking.all()],
        }
        for order in ready[:practices]
    ]
    path.touch(mode=0o600)  # passes are keys
    path.write_bytes(msgspec.json.Encoder().encode_lines(members))
    return len(members)


def copy_in(model: type[Model], columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    """Insert rows by COPY; what is not among `columns` is null or has a default in the database."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join([sql.Identifier(column) for column in columns]),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _go_on_counting(*models: type[Model]) -> None:
    """Let the next row of each model get an id of its own."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
