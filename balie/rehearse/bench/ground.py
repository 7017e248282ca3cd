"""What the bench runs on: an installation where every practice has been called and every day has room; its resets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen
from uuid import uuid4

import msgspec
import psycopg

from balie.embedded import parts
from balie.rehearse.bench.wire import close, connect, request_bytes
from balie.rehearse.install import Installation, installed, start_mail, wait_until_answered

PRACTICES = 6000
DAYS = 40
FIRST_DAY = date(2027, 9, 1)
DOSES = (100, 10)  # of the two products, one line each; no practice is so small that this is beyond its cap
WORKERS = 2
PACE = 600_000
ROOM_FOR_ALL = 1_000_000_000

RESET = """
truncate ordering_order_line, ordering_order, ordering_hold, ordering_hold_log, ordering_stop, ordering_mail_mark,
  mail_outbox;
update ordering_delivery_day set doses_taken = 0, addresses_taken = 0;
"""


@dataclass(frozen=True)
class Order:
    """The two requests of one order, ready to be sent."""

    hold: bytes
    confirm: bytes


@dataclass(frozen=True)
class Ground:
    installation: Installation
    campaign: int
    products: tuple[int, int]
    cookies: dict[int, str]

    @property
    def url(self) -> str:
        return self.installation.upstreams["live"][0]

    def orders(self, *, days: int, count: int) -> list[Order]:
        """New orders of so many practices, over the first so many days in turn."""
        return [self._order(practice, FIRST_DAY + timedelta(practice % days)) for practice in range(1, count + 1)]

    def _order(self, practice: int, day: date) -> Order:
        key, cookie, origin = uuid4(), self.cookies[practice], self.installation.origin
        lines = [
            {"product": product, "location": practice, "doses": doses, "day": day}
            for product, doses in zip(self.products, DOSES, strict=True)
        ]

        def post(what: str, **body: object) -> bytes:
            content = msgspec.json.encode({"practice": practice, "key": key, **body})
            path = f"/live/orders/{self.campaign}/{what}"
            return request_bytes("POST", path, origin=origin, cookie=cookie, body=content)

        return Order(hold=post("hold", lines=lines), confirm=post("confirm"))

    def reset(self) -> None:
        """As at the opening: nothing held, nothing ordered."""
        with psycopg.connect(self.installation.dsn, autocommit=True) as connection:
            connection.execute(RESET)


@contextmanager
def prepared_ground() -> Iterator[Ground]:
    """Everybody has joined over HTTP, was drawn and called by the product itself; afterwards no worker runs."""
    with TemporaryDirectory(prefix="balie-bench-logs-") as logs, installed(logs=Path(logs)) as installation:
        campaign, products, cookies = _fill()
        start_mail(installation)
        worker = installation.start("work", parts.command("balie.cli", "work"))
        port = installation.upstreams["live"][0].rpartition(":")[2]
        where = ("--role", "live", "--port", port, "--workers", WORKERS)
        installation.start("live", parts.command("balie.cli", "serve", *where))
        ground = Ground(installation, campaign, products, cookies)
        state = f"/live/queue/{campaign}/state"
        wait_until_answered(installation, {ground.url: state})
        asyncio.run(_join(ground))
        while json.load(urlopen(ground.url + state))["called"] < PRACTICES:  # noqa: S310 - our own http
            time.sleep(0.2)
        worker.stop()
        installation.supervisor.children.remove(worker)
        with psycopg.connect(installation.dsn, autocommit=True) as connection:
            connection.execute((files("balie.rehearse.bench") / "baseline.sql").read_bytes())
            connection.execute("vacuum analyze")
        yield ground


def _fill() -> tuple[int, tuple[int, int], dict[int, str]]:
    """Practices with one place each, whose number is theirs too; a campaign that opens in some seconds."""
    from balie.embedded.national import imagine_country
    from balie.embedded.seed import seed_country
    from balie.ordering.models import DeliveryDay
    from balie.practices.passes import make_pass
    from balie.rehearse.filling import call_for_orders
    from balie.waitingroom.models import Room

    country = [replace(each, places=each.places[:1]) for each in imagine_country(PRACTICES)]
    seed_country(country, last_year=FIRST_DAY.year - 1)
    campaign = call_for_orders(country, opens_in_s=15, pace=60, window_s=300)
    Room.objects.filter(pk=campaign.room_id).update(pace=PACE)  # no organiser may call so fast
    campaign.days.all().delete()
    DeliveryDay.objects.bulk_create(
        DeliveryDay(
            campaign=campaign,
            day=FIRST_DAY + timedelta(n),
            doses_limit=ROOM_FOR_ALL,
            addresses_limit=ROOM_FOR_ALL,
            doses_taken=0,
            addresses_taken=0,
        )
        for n in range(DAYS)
    )
    flu, pneumo = campaign.products.order_by("position").values_list("pk", flat=True)
    cookies = {
        practice: make_pass(person=practice, practice=practice, role="assistant", organiser=False)
        for practice in range(1, PRACTICES + 1)
    }
    return campaign.pk, (flu, pneumo), cookies


async def _join(ground: Ground) -> None:
    connections = await connect(ground.url, 64)
    path, practices = f"/live/queue/{ground.campaign}/join", iter(range(1, PRACTICES + 1))

    async def join_some(number: int) -> None:
        for practice in practices:
            body = msgspec.json.encode({"practice": practice})
            cookie, origin = ground.cookies[practice], ground.installation.origin
            status, answer = await connections[number].ask(
                request_bytes("POST", path, origin=origin, cookie=cookie, body=body)
            )
            assert status == 200, answer

    await asyncio.gather(*(join_some(number) for number in range(len(connections))))
    close(connections)
