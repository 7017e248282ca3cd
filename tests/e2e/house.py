"""A whole installation for one journey: real processes on a port of its own, a small country, and a night that the
test directs instead of waiting for it.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, wraps
from pathlib import Path
from typing import Self
from urllib.request import Request, urlopen

import psycopg
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.utils import timezone

from balie.embedded import parts
from balie.embedded.national import imagine_country
from balie.embedded.seed import Season, open_campaign, prepare_orders, seed_country, write_cast
from balie.embedded.supervisor import Child, Supervisor
from balie.embedded.vitals import complaints
from balie.ordering.models import Campaign, DeliveryDay, PreparedOrder
from balie.ordering.services.campaigns import change_rules, rules_of
from balie.ordering.testing import make_prepared
from balie.practices.models import Location, Membership, Person, Practice
from balie.practices.testing import make_membership, make_person, make_totp
from balie.rehearse.install import free_ports
from balie.waitingroom import services

COUNTRY = 300
# The visitors' practices have nothing ready; only practices with a higher number are in the crowd.
VISITORS_PRACTICES = 4
PASSWORD = "een lang wachtwoord 27"
READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class Login:
    """Somebody who can log in, with the secret that their app knows."""

    name: str
    email: str
    secret: str


def by_database(act: Callable[..., None]) -> Callable[..., None]:
    """Django keeps a connection per task of the loop, which nobody would close."""

    @wraps(act)
    def acting(*args: object, **kwargs: object) -> None:
        try:
            act(*args, **kwargs)
        finally:
            connections.close_all()

    return acting


class House:
    """`opens_in` and `doors_in` are seconds from now; unless told otherwise everybody who comes is called at once."""

    def __init__(
        self,
        folder: Path,
        dsn: str,
        *,
        doors_in: float = -60,
        opens_in: float = -30,
        pace: int = 3000,
        window_s: int = 300,
        crowd: int = 0,
        beacon_url: str = "",
    ) -> None:
        self.folder, self.dsn, self._crowd = folder, dsn, crowd
        self._night = {"doors_in": doors_in, "opens_in": opens_in, "pace": pace, "window_s": window_s}
        self.port = free_ports(1)[0]
        self.url = f"http://localhost:{self.port}"
        settings.ORIGINS = [self.url]
        self._environment = {
            "DATABASE_URL": dsn,
            "BALIE_SECRET_KEY": settings.SECRET_KEY,
            "BALIE_ORIGINS": self.url,
            "BALIE_URLCONF": "balie.embedded.urls",
            "BALIE_BEACON_URL": beacon_url,
            "BALIE_DEMO_MAILDIR": str(folder / "mail"),
            "DJANGO_ALLOW_ASYNC_UNSAFE": "",  # the test may wait for its database; the product may not
        }

    def __enter__(self) -> Self:
        with ExitStack() as last:
            self._supervisor = last.enter_context(Supervisor(self.folder / "logs"))
            sink = parts.sink(self.folder / "mail", accepted_log=self.folder / "mail.jsonl")
            mailroom = parts.Mailroom.opened(self._supervisor.start(sink))
            self._mail_control = f"http://127.0.0.1:{mailroom.control}/faults"
            self._environment["BALIE_SMTP_URL"] = f"smtp://127.0.0.1:{mailroom.smtp}"
            self.serve = self._supervisor.start(parts.serve(self._environment, port=self.port))
            self.work = self._supervisor.start(parts.work(self._environment))
            self._fill(**self._night)
            self.wait_until_well()
            self._last = last.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._last.close()

    @by_database
    def _fill(self, *, doors_in: float, opens_in: float, pace: int, window_s: int) -> None:
        now, country = timezone.now(), imagine_country(COUNTRY)
        season = Season.after(now)
        seed_country(country, last_year=season.year - 1)
        self.campaign = open_campaign(
            country,
            slug=str(season.year),
            doors_at=now + timedelta(seconds=doors_in),
            opens_at=now + timedelta(seconds=opens_in),
            pace=pace,
            window_s=300,
        )
        if window_s != 300:  # shorter than a campaign may have: a journey does not wait that long
            Campaign.objects.filter(pk=self.campaign.pk).update(window_s=window_s)
        prepare_orders(self.campaign, country)
        PreparedOrder.objects.filter(practice__lte=VISITORS_PRACTICES).delete()
        write_cast(self.folder / "cast.jsonl", self.campaign, practices=COUNTRY)
        self.people = {login.name.split()[0].lower(): login for login in _make_people()}
        self.days = list(self.campaign.days.values_list("day", flat=True))

    def wait_until_well(self) -> None:
        """Every part runs, every address answers, and the service's clock goes."""
        deadline = time.monotonic() + READY_WITHIN_S
        while wrong := complaints(self._supervisor, self.port):
            words = [child.last_words(15) for child in self._supervisor.unwell()]
            assert time.monotonic() < deadline, "\n".join([*wrong, *words])
            assert not words, "\n".join([*wrong, *words])
            time.sleep(0.05)

    # The organiser's side of the night.

    def call_the_crowd(self) -> None:
        """Let the virtual practices come."""
        cast = self.folder / "cast.jsonl"
        crowd = parts.crowd(
            self._environment, url=self.url, campaign=self.campaign.pk, cast=cast, practices=self._crowd
        )
        self._supervisor.start(crowd)

    @by_database
    def move(self, *, doors_in: float | None = None, opens_in: float | None = None) -> None:
        """Move the doors or the opening to so many seconds from now, as the organiser may until the draw."""
        now = timezone.now()
        campaign = Campaign.objects.select_related("room").get(pk=self.campaign.pk)
        rules = rules_of(campaign)
        if doors_in is not None:
            rules = replace(rules, doors_at=now + timedelta(seconds=doors_in))
        if opens_in is not None:
            rules = replace(rules, opens_at=now + timedelta(seconds=opens_in))
        change_rules(campaign=campaign, rules=rules, actor=None, reason="de proef wacht niet")
        self._wait_until_told(doors_at=rules.doors_at, opens_at=rules.opens_at)

    def _wait_until_told(self, **times: datetime) -> None:
        """Until whoever asks hears these times."""
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            with urlopen(f"{self.url}/live/queue/{self.campaign.pk}/state", timeout=10) as answer:
                state = json.load(answer)
            # The protocol has milliseconds.
            if all(abs(datetime.fromisoformat(state[name]) - at) < timedelta(seconds=1) for name, at in times.items()):
                return
            assert time.monotonic() < deadline, state
            time.sleep(0.05)

    @by_database
    def pause(self) -> None:
        services.pause(room=self.campaign.room, actor=self._organiser, reason="even kijken")

    @by_database
    def resume(self) -> None:
        services.resume(room=self.campaign.room, actor=self._organiser, reason="weer verder")

    @by_database
    def set_pace(self, pace: int) -> None:
        services.set_pace(room=self.campaign.room, pace=pace, actor=self._organiser, reason="de proef wacht niet")

    @property
    def _organiser(self) -> Person:
        return Person.objects.get(email=self.people["dina"].email)

    # What practices have put ready, and what is left of the days.

    @by_database
    def prepare(self, practice: int, *, doses: int, ranking: Sequence[date]) -> None:
        """The practice wants so many flu vaccines at its first location."""
        location = Location.objects.filter(practice=practice).order_by("pk").first()
        assert location is not None
        flu = self.campaign.products.get(code="flu")
        make_prepared(self.campaign, Practice.objects.get(pk=practice), lines=[(flu, location, doses)], ranking=ranking)

    @by_database
    def leave(self, day: date, *, doses: int) -> None:
        """Let all but so many doses of a day be given away, to practices that are not in the story."""
        row = DeliveryDay.objects.get(campaign=self.campaign, day=day)
        row.doses_taken = row.doses_limit - doses
        row.save(update_fields=["doses_taken"])

    def order_of(self, practice: int) -> tuple[str, str] | None:
        """The number of the practice's order and the key of the hold it came from, as a judge sees them."""
        query = "select number, hold_key::text from judge.orders where campaign = %s and practice = %s"
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query, [self.campaign.pk, practice]).fetchone()

    # What goes wrong.

    def kill(self, child: Child) -> None:
        """SIGKILL to a part and everything it started; it stays dead until `revive`."""
        os.killpg(child.pid, signal.SIGKILL)

    def revive(self) -> None:
        """Start again what was killed."""
        self._supervisor.tend()

    def let_mail(self, **faults: object) -> None:
        """Give the mail server these faults and no others; see balie/embedded/sink.py."""
        body = json.dumps(faults).encode()
        with urlopen(Request(self._mail_control, data=body, method="PUT"), timeout=10) as answer:
            assert answer.status == 200


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
        email = f"{name.split()[0].lower()}@proef.example"
        person = make_person(name, email=email, is_organiser=not practices)
        Person.objects.filter(pk=person.pk).update(password=_hashed())
        for practice in practices:
            make_membership(person, Practice.objects.get(pk=practice), Membership.Role.ASSISTANT)
        logins.append(Login(name, email, make_totp(person)))
    return logins
