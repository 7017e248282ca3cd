"""A night that the test directs instead of waiting for it: its rules through the organiser's services where there are
such, and else its rows.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, wraps
from pathlib import Path
from typing import TypeVar
from urllib.request import urlopen

import psycopg
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.utils import timezone

from balie.embedded.national import imagine_country
from balie.embedded.seed import Season, open_campaign, prepare_orders, seed_country, write_cast
from balie.mail.services import enqueue
from balie.ordering.models import ORDER_CONFIRMATION, Campaign, DeliveryDay, Order, PreparedOrder, Swap
from balie.ordering.services.campaigns import change_rules, rules_of
from balie.ordering.services.receipts import confirmation_message_id
from balie.ordering.testing import make_order, make_prepared, place_order
from balie.patients.bsn import Bsn, keep_bsn
from balie.patients.testing import make_patient
from balie.practices.functions.services import close_by_hand, end_hand
from balie.practices.models import Location, Membership, Person, Practice
from balie.practices.services import choose_language
from balie.practices.testing import make_membership, make_person, make_totp
from balie.waitingroom import services
from balie.waitingroom.models import Room

COUNTRY = 300
# The visitors' practices have nothing ready; only practices with a higher number are in the crowd.
VISITORS_PRACTICES = 4
STRANGERS = 100_000  # holders of tickets from here on are nobody
PASSWORD = "een lang wachtwoord 27"
WINDOW_S = 300
TOLD_WITHIN_S = 10.0
Result = TypeVar("Result")


@dataclass(frozen=True)
class Login:
    """Somebody who can log in, with the secret that their app knows."""

    name: str
    email: str
    secret: str


def by_database(act: Callable[..., Result]) -> Callable[..., Result]:
    """Django keeps a connection per task of the loop, which nobody would close."""

    @wraps(act)
    def acting(*args: object, **kwargs: object) -> Result:
        try:
            return act(*args, **kwargs)
        finally:
            connections.close_all()

    return acting


class Night:
    """A small country in the database `dsn`, which has the tables and nothing else, and a campaign in it."""

    url: str

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    @by_database
    def fall(self, cast: Path, *, doors_in: float, opens_in: float, pace: int) -> None:
        """Write all of it; times are seconds from now. `cast` becomes the file of who may be in the crowd."""
        now, country = timezone.now(), imagine_country(COUNTRY)
        season = Season.after(now)
        seed_country(country, last_year=season.year - 1)
        self.campaign = open_campaign(
            country,
            slug=str(season.year),
            doors_at=now + timedelta(seconds=doors_in),
            opens_at=now + timedelta(seconds=opens_in),
            pace=pace,
            window_s=WINDOW_S,
        )
        prepare_orders(self.campaign, country)
        PreparedOrder.objects.filter(practice__lte=VISITORS_PRACTICES).delete()
        write_cast(cast, self.campaign, practices=COUNTRY)
        self.people = {login.name.split()[0].lower(): login for login in _make_people()}
        self.days = list(self.campaign.days.values_list("day", flat=True))

    # What the organiser may do.

    @by_database
    def move(
        self, *, doors_in: float | None = None, opens_in: float | None = None, closes_in: float | None = None
    ) -> None:
        """Move the doors, the opening or the closing to so many seconds from now; returns when whoever asks hears it.

        Doors and opening stay where they are once the draw has been.
        """
        now = timezone.now()
        campaign = Campaign.objects.select_related("room").get(pk=self.campaign.pk)
        rules = rules_of(campaign)
        if doors_in is not None:
            rules = replace(rules, doors_at=now + timedelta(seconds=doors_in))
        if opens_in is not None:
            rules = replace(rules, opens_at=now + timedelta(seconds=opens_in))
        if closes_in is not None:
            rules = replace(rules, closes_at=now + timedelta(seconds=closes_in))
        change_rules(campaign=campaign, rules=rules, actor=None, reason="het gaat goed")
        self._wait_until_told(doors_at=rules.doors_at, opens_at=rules.opens_at, closes_at=rules.closes_at)

    @by_database
    def pause(self) -> None:
        services.pause(room=self.campaign.room, actor=self._organiser, reason="even kijken")

    @by_database
    def resume(self) -> None:
        services.resume(room=self.campaign.room, actor=self._organiser, reason="weer verder")

    @by_database
    def set_pace(self, pace: int) -> None:
        services.set_pace(room=self.campaign.room, pace=pace, actor=self._organiser, reason="het gaat goed")

    @property
    def _organiser(self) -> Person:
        return Person.objects.get(email=self.people["dina"].email)

    def _wait_until_told(self, **times: datetime) -> None:
        deadline = time.monotonic() + TOLD_WITHIN_S
        while True:
            with urlopen(f"{self.url}/live/queue/{self.campaign.pk}/state", timeout=10) as answer:
                state = json.load(answer)
            # The protocol has milliseconds.
            if all(abs(datetime.fromisoformat(state[name]) - at) < timedelta(seconds=1) for name, at in times.items()):
                return
            assert time.monotonic() < deadline, state
            time.sleep(0.05)

    # What others did, without their being there.

    @by_database
    def add_person(self, name: str, *, practice: int, has_password: bool = False) -> None:
        """Somebody new without a second step, who perhaps has chosen a password already."""
        person = make_person(name, email=_email_of(name))
        if has_password:
            Person.objects.filter(pk=person.pk).update(password=_hashed())
        make_membership(person, Practice.objects.get(pk=practice), Membership.Role.ASSISTANT)
        self.people[name.split(maxsplit=1)[0].lower()] = Login(name, person.email, secret="")

    @by_database
    def add_patient(self, name: str, *, practice: int, bsn: str = "") -> None:
        """Somebody whom the practice treats, perhaps with a BSN, and who has chosen a password."""
        person = make_person(name, email=_email_of(name))
        Person.objects.filter(pk=person.pk).update(password=_hashed())
        patient = make_patient(Practice.objects.get(pk=practice), person)
        if bsn:
            keep_bsn(patient=patient, bsn=Bsn(bsn), actor=person)
        self.people[name.split(maxsplit=1)[0].lower()] = Login(name, person.email, secret="")

    @by_database
    def let_read_english(self, name: str) -> None:
        """This person reads English from their next page on."""
        choose_language(person=Person.objects.get(email=self.people[name].email), language="en")

    @by_database
    def let_decide(self, email: str, *, practice: int) -> str:
        """This person becomes a GP of the practice; its AGB code."""
        member = Membership.objects.get(person__email=email, practice=practice)
        Membership.objects.filter(pk=member.pk).update(role=Membership.Role.GP)
        return member.practice.agb_code

    @by_database
    def let_econsults(self, *, practice: int, be: str) -> None:
        """The practice closes its e-consults, outside its hours, or opens them."""
        about = {"function": "econsult", "practice": Practice.objects.get(pk=practice)}
        actor = self._organiser
        if be == "closed":
            close_by_hand(**about, actor=actor, reason="hours", why="avond")
        else:
            end_hand(**about, actor=actor)

    @by_database
    def add_organiser(self, name: str) -> None:
        """One more of the organiser's staff, who has a password and no second step yet."""
        person = make_person(name, email=_email_of(name), is_organiser=True)
        Person.objects.filter(pk=person.pk).update(password=_hashed())
        self.people[name.split(maxsplit=1)[0].lower()] = Login(name, person.email, secret="")

    @by_database
    def prepare(self, practice: int, *, doses: int, ranking: Sequence[date], auto: str = "off") -> None:
        """The practice wants so many flu vaccines at its first location; Balie orders them where `auto` says so."""
        location = Location.objects.filter(practice=practice).order_by("pk").first()
        assert location is not None
        flu = self.campaign.products.get(code="flu")
        lines = [(flu, location, doses)]
        make_prepared(self.campaign, Practice.objects.get(pk=practice), lines=lines, ranking=ranking, auto=auto)

    @by_database
    def order(self, practice: int, *, doses: int, day: date, emails: Sequence[str]) -> str:
        """The practice has ordered, at its first location, and gets its mail at these addresses. Returns the number."""
        row = Practice.objects.get(pk=practice)
        row.email, row.second_email = (*emails, "")[:2]
        row.save(update_fields=["email", "second_email"])
        location = Location.objects.filter(practice=practice).order_by("pk").first()
        assert location is not None
        lines = [(product, location, doses, day) for product in self.campaign.products.all()]
        number = f"B{day:%y}-{90_000 + practice}"
        order = make_order(self.campaign, row, lines, number=number)
        message_id = confirmation_message_id(order)
        for recipient in emails:
            enqueue(kind=ORDER_CONFIRMATION, reference=number, recipient=recipient, message_id=message_id)
        return number

    @by_database
    def place(self, practice: int, *, doses: int, day: date) -> str:
        """As `order`, with what it takes of the day, so that it can be cancelled. Returns the number."""
        row = Practice.objects.get(pk=practice)
        location = Location.objects.filter(practice=practice).order_by("pk").first()
        assert location is not None
        person = row.memberships.order_by("pk").first().person
        line = (self.campaign.products.get(code="flu"), location, doses, day)
        return place_order(self.campaign, row, [line], placed_by=person).number

    @by_database
    def offer_more(self, *, early_until: date | None = None) -> None:
        """Re-orders are open; with a day pre-deliveries too, on days until then."""
        self._do(
            "update ordering_campaign set reorders_open_at = now() - interval '1 hour',"
            " reorders_close_at = now() + interval '200 days', reorders_most = 3"
        )
        if early_until:
            self._do(
                "update ordering_campaign set early_opens_at = now() - interval '1 hour',"
                " early_closes_at = now() + interval '20 days', early_until = %s, early_most = 100",
                early_until,
            )

    @by_database
    def charge_from(self, free: int) -> None:
        """So many deliveries are free, and no more."""
        self._do("update ordering_campaign set free_deliveries = %s", free)

    @by_database
    def mailboxes(self, practice: int) -> list[str]:
        """Where mail to the practice goes."""
        row = Practice.objects.get(pk=practice)
        return list(filter(None, [row.email, row.second_email]))

    @by_database
    def let_wait_for(self, day: date, *, doses: int, most: int) -> None:
        """So many of those who ordered would rather have a full day, and so would one or two without an order."""
        who = {order.practice_id: order.number for order in Order.objects.filter(campaign=self.campaign)[:most]}
        for practice in [*who, *range(281, 283)]:
            location = Location.objects.filter(practice=practice).order_by("pk").first()
            member = Membership.objects.filter(practice=practice).order_by("pk").first()
            assert location is not None
            assert member is not None
            Swap.objects.create(
                campaign=self.campaign,
                practice_id=practice,
                number=who.get(practice, ""),
                revision=0,
                line_day=[day],
                line_product=[self.campaign.products.get(code="flu").pk],
                line_doses=[doses],
                line_location=[location.pk],
                asked_at=timezone.now(),
                asked_by_id=member.person_id,
            )

    @by_database
    def fill(self, day: date) -> None:
        """Others have taken what was left of this day."""
        self._do("update ordering_delivery_day set doses_taken = doses_limit where day = %s", day)

    @by_database
    def end_free_changes(self) -> None:
        """From now on whatever is delivered within a year and a day is late."""
        self._do("update ordering_campaign set change_unit = 'days', change_limit = 366")

    @by_database
    def leave_out_namesakes(self) -> None:
        """The demo's logins have the same names; in pictures everybody is there once."""
        ours = {login.email for login in self.people.values()}
        Person.objects.filter(name__in=[login.name for login in self.people.values()]).exclude(email__in=ours).delete()

    @contextmanager
    def without_campaign(self) -> Iterator[None]:
        """Meanwhile there is nothing to order."""
        self._do("update ordering_campaign set trial_of_id = id")
        yield
        self._do("update ordering_campaign set trial_of_id = null")

    @by_database
    def leave(self, day: date, *, doses: int) -> None:
        """Let all but so many doses of a day be given away, to few addresses."""
        row = DeliveryDay.objects.get(campaign=self.campaign, day=day)
        row.doses_taken, row.addresses_taken = row.doses_limit - doses, 0
        row.save(update_fields=["doses_taken", "addresses_taken"])

    @by_database
    def make_room(self, *days: date) -> None:
        """Enough on these days for whoever wants them, so that no crowd decides how a story goes."""
        plenty = DeliveryDay.objects.filter(campaign=self.campaign, day__in=days)
        plenty.update(doses_limit=100_000, addresses_limit=COUNTRY)

    def give_away_the_early_days(self) -> None:
        """As on a real night: nothing is left of the first days, and all of the last ones."""
        self._do(_GIVE_AWAY, {"campaign": self.campaign.pk})

    def let_wait(self, count: int) -> None:
        """So many more are in the waiting room, who are nobody."""
        self.let_in(*range(STRANGERS, STRANGERS + count))

    def let_in(self, *practices: int) -> None:
        """These are in the waiting room now."""
        self._do("select count(*) from waitingroom_join_batch_v1(%s, %s)", self.campaign.room_id, list(practices))

    @by_database
    def call_up_to(self, number: int) -> None:
        """Everybody up to this number has been called."""
        Room.objects.filter(pk=self.campaign.room_id).update(called=number)

    def shorten(self, practice: int, *, seconds: float) -> None:
        """Let the practice's window end so many seconds from now."""
        end = """
            update ordering_hold set expires_at = service_now() + make_interval(secs => %s), version = version + 1
             where campaign_id = %s and practice_id = %s and state = 'held'"""
        assert self._do(end, seconds, self.campaign.pk, practice) == 1

    def spread_over(self, minutes: float) -> None:
        """As if everybody had come when the doors opened, and the orders so far in the last so many minutes."""
        for statement in _SPREAD:
            self._do(statement, {"campaign": self.campaign.pk, "minutes": minutes})

    def practice(self, practice: int) -> tuple[str, str]:
        """Its name and its AGB code."""
        with psycopg.connect(self.dsn) as connection:
            found = connection.execute("select name, agb_code from practices_practice where id = %s", [practice])
            name, code = found.fetchall()[0]
        return name, code

    def order_of(self, practice: int) -> tuple[str, str]:
        """The number of the practice's order and the key of the hold it came from, as a judge sees them."""
        query = "select number, hold_key::text from judge.orders where campaign = %s and practice = %s"
        with psycopg.connect(self.dsn) as connection:
            found = connection.execute(query, [self.campaign.pk, practice]).fetchone()
        assert found is not None
        return found

    def miss_the_time_of_consultations(self) -> None:
        """As if all that is open had been asked so long ago that its time was over a minute since."""
        missed = """
            update consult_consultation c
               set asked_at = c.asked_at - x.by, warn_at = c.warn_at - x.by, due_at = c.due_at - x.by,
                   picked_up_at = c.picked_up_at - x.by
              from (select id, due_at - clock_timestamp() + interval '1 minute' as by from consult_consultation) x
             where x.id = c.id and c.concluded_at is null and c.withdrawn_at is null"""
        assert self._do(missed) > 0

    def renew_the_questionnaire(self) -> None:
        """As if every practice asked by the next version from now on."""
        renew = """
            update consult_questionnaire
               set version = version + 1,
                   body = jsonb_set(body::jsonb, '{version}', to_jsonb(version + 1))::text"""
        assert self._do(renew) > 0

    def pass_the_last_minutes_of_econsults(self) -> None:
        """As if all that is closed had been closed five minutes ago."""
        assert self._do("update consult_econsult set closed_at = closed_at - interval '5 minutes'") > 0

    async def until_swapped(self, number: str, within_s: float = 40) -> None:
        """Until nobody waits any more to change this order."""
        open_swaps = "select count(*) from ordering_swap where number = %s and state = 'open'"
        async with asyncio.timeout(within_s), await psycopg.AsyncConnection.connect(self.dsn, autocommit=True) as line:
            left: tuple[int, ...] | None = None
            while left != (0,):
                await asyncio.sleep(0.2)
                left = await (await line.execute(open_swaps, [number])).fetchone()

    async def until_mailed(self, kind: str, *recipients: str, within_s: float = 40) -> None:
        """Until the mail server has a mail of this kind for each of them, and each has one."""
        sent = "select recipient from mail_outbox where kind = %s and state = 'sent' order by recipient"
        async with asyncio.timeout(within_s), await psycopg.AsyncConnection.connect(self.dsn, autocommit=True) as line:
            found: list[str] = []
            while found != sorted(recipients):
                await asyncio.sleep(0.2)
                found = [address for (address,) in await (await line.execute(sent, [kind])).fetchall()]

    def _do(self, statement: str, *values: object) -> int:
        given = values[0] if len(values) == 1 and isinstance(values[0], dict) else values
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(statement, given).rowcount


_GIVE_AWAY = """
    update ordering_delivery_day d
       set doses_taken = floor(d.doses_limit * e.share / 10) * 10, addresses_taken = floor(d.addresses_limit * e.share)
      from (select id, greatest(0, least(1, 1.25 - 2.5 * cume_dist() over (order by day))) as share
              from ordering_delivery_day where campaign_id = %(campaign)s) e
     where e.id = d.id"""
_SPREAD = (
    """
    update ordering_order o set placed_at = clock_timestamp() - make_interval(secs => 60 * %(minutes)s * n.rest ^ 1.3)
      from (select id, 1 - cume_dist() over (order by id) as rest from ordering_order) n
     where n.id = o.id and o.campaign_id = %(campaign)s""",
    """
    update waitingroom_ticket t set arrived_at = r.doors_at, called_at = called.at
      from waitingroom_ticket k
      join ordering_campaign c on c.id = %(campaign)s
      join waitingroom_room r on r.id = c.room_id
      left join lateral (select o.placed_at - interval '2 minutes' as at from ordering_order o
                          where o.campaign_id = c.id and o.practice_id = k.holder) called on true
     where k.room_id = r.id and t.id = k.id""",
    """
    update mail_outbox m set created_at = o.placed_at, sent_at = o.placed_at + interval '1 minute' * (1 + sin(o.id))
      from ordering_order o where m.reference = o.number and o.campaign_id = %(campaign)s and m.sent_at is not null""",
)


@cache
def _hashed() -> str:
    """Of everybody's password; slow by design, so only once."""
    return make_password(PASSWORD)


def _make_people() -> list[Login]:
    members: Mapping[str, tuple[int, ...]] = {
        "Anna de Vries": (1,),
        "Bilal Aydin": (2,),
        "Chris Bakker": (3, 4),
        "Emma Visser": (1,),  # Anna's colleague
        "Dina Smit": (),
    }
    logins = []
    for name, practices in members.items():
        person = make_person(name, email=_email_of(name), is_organiser=not practices)
        Person.objects.filter(pk=person.pk).update(password=_hashed())
        role = Membership.Role.GP if name == "Anna de Vries" else Membership.Role.ASSISTANT
        for practice in practices:
            make_membership(person, Practice.objects.get(pk=practice), role)
        logins.append(Login(name, person.email, make_totp(person)))
    return logins


def _email_of(name: str) -> str:
    return f"{name.split(maxsplit=1)[0].lower()}@proef.example"
