"""What the organiser's pages take with a thousand practices and orders stored, and with a hundred thousand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg

from balie.embedded import parts
from balie.embedded.ports import free_ports
from balie.embedded.supervisor import Part
from balie.lib.sqlfiles import read_sql
from balie.rehearse.install import ANSWERS, Installation, installed, wait_until_answered

STORED = {"1k": 1000, "100k": 100_000}
IN_THE_NIGHT = 1000  # orders of the campaign that the control room shows, however many others there are
BLOCKS = 20
WARM_UP = 5
AS_THE_STREAM_DOES = "-c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off"

# Each practice has one place and one order: the first ones in the night that is shown, all others in an earlier one.
FILL = """
insert into practices_practice (id, agb_code, name, registered_count, email, second_email, phone, mobile)
select n, lpad((1000000 + n)::text, 8, '0'), 'Huisartsenpraktijk ' || initcap(left(md5((n %% 997)::text), 6)),
       2095, 'post@' || left(md5(n::text), 10) || '.example', '', '088 ' || lpad(n::text, 7, '0'), ''
  from generate_series(1, %(count)s) n;
insert into practices_location (id, practice_id, name, street, postcode, city)
select n, n, 'Hoofdlocatie', 'Lindelaan ' || n, (1000 + n %% 9000) || ' AB', initcap(left(md5((n %% 499)::text), 8))
  from generate_series(1, %(count)s) n;
select practices_write_search_v1(array(select id from practices_practice));
insert into ordering_order
  (id, number, campaign_id, campaign_version, practice_id, hold_key, placed_at, placed_by_id)
select m.id, 'B27-' || lpad(m.id::text, greatest(5, length(m.id::text)), '0'),
       case when n <= %(night)s then %(campaign)s else %(earlier)s end, 1, n, gen_random_uuid(),
       %(opened)s::timestamptz + n * interval '60 milliseconds', null
  from generate_series(1, %(count)s) n
 cross join lateral (select case when n <= %(night)s then n + %(count)s else n end as id) m;
insert into ordering_order_line (order_id, day, product_id, doses, location_id, address)
select o.id, %(first)s::date + (o.id %% 40)::int, p.id, 300, o.practice_id,
       l.street || ', ' || l.postcode || ' ' || l.city
  from ordering_order o
  join ordering_product p on p.campaign_id = o.campaign_id and p.code = 'flu'
  join practices_location l on l.id = o.practice_id;
insert into mail_outbox (kind, reference, recipient, message_id, state, sent_at)
select 'order_confirmation', o.number, 'post@voorbeeld.example', o.number || '@voorbeeld.example', 'sent', o.placed_at
  from ordering_order o;
insert into practices_audit_event (at, practice_id, action, subject, reason, detail)
select o.placed_at, o.practice_id, 'order.placed', o.number, '', '{}' from ordering_order o;
insert into waitingroom_ticket (id, room_id, holder, arrival, arrived_at, round, number, called_at)
select gen_random_uuid(), c.room_id, n, n, %(opened)s::timestamptz - interval '10 minutes', 1, n, %(opened)s
  from ordering_campaign c cross join generate_series(1, %(night)s) n where c.id = %(campaign)s;
update waitingroom_room r set arrivals = %(night)s, last = %(night)s, called = %(night)s
  from ordering_campaign c where c.id = %(campaign)s and r.id = c.room_id;
"""


@dataclass(frozen=True)
class Desk:
    """A process of the pages and the database behind it; `searches` and `control_room` are addresses."""

    dsn: str
    line: HTTPConnection
    cookie: str
    campaign: int
    searches: Sequence[str]
    control_room: Sequence[str]

    def ask(self, path: str) -> None:
        self.line.request("GET", path, headers={"Cookie": self.cookie})
        answer = self.line.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:200])


@contextmanager
def desks(stored: Mapping[str, int] = STORED, *, night: int = IN_THE_NIGHT) -> Iterator[dict[str, Desk]]:
    """One for each amount of what is stored, by its name; `night` orders are of the campaign that is shown."""
    with TemporaryDirectory(prefix="balie-bench-logs-") as logs, installed(logs=Path(logs)) as installation:
        from django.db import connections

        campaign, earlier, slug = _call_for_orders()
        cookie = _organiser()
        connections.close_all()
        found = {}
        for (name, count), port in zip(stored.items(), free_ports(len(stored)), strict=True):
            dsn = installation.server.create_database(f"stored_{name}", template="balie")
            fill(dsn, count, campaign=campaign, earlier=earlier, night=night)
            line = _serve(installation, dsn, port)
            found[name] = Desk(dsn, line, cookie, campaign, searches(count, slug), control_room(slug))
        yield found


def fill(dsn: str, count: int, *, campaign: int, earlier: int, night: int) -> None:
    """So many practices with an order each."""
    now = datetime.now(UTC)
    asked = {
        "count": count,
        "night": night,
        "campaign": campaign,
        "earlier": earlier,
        "opened": now - timedelta(hours=2),
        "first": date(now.year, 9, 1),
    }
    with psycopg.connect(dsn, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("set session_replication_role = replica")  # of rows that we make nobody needs to check each
        connection.execute(FILL, asked)
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def searches(count: int, slug: str) -> list[str]:
    """What staff look for: nothing yet, a number, a code, a town, a word that all have, an address of mail, a page far
    on, one state, one campaign; orders and practices.
    """
    middle = count // 2
    words = ["", f"B27-{middle:05}", f"{1_000_000 + middle:08}", "cfcd2084", "huisartsenpraktijk", "nergens"]
    rest = [f"na={middle}", f"voor={middle}", "stand=standing", "stand=cancelled", f"campagne={slug}"]
    return [
        *[f"/bestellingen/?zoek={each}" for each in words],
        *[f"/bestellingen/?{each}" for each in rest],
        *[f"/praktijken/?zoek={each}" for each in words],
        f"/praktijken/?na={middle}",
    ]


def control_room(slug: str) -> list[str]:
    return [f"/regiekamer/{slug}/", f"/regiekamer/{slug}/logboek/", f"/regiekamer/{slug}/eerlijkheid/"]


def _call_for_orders() -> tuple[int, int, str]:
    """The campaign whose night it is, an earlier one, and the slug of the first."""
    from balie.embedded.national import imagine_country
    from balie.embedded.seed import open_campaign

    country, now = imagine_country(400), datetime.now(UTC)
    made = [
        open_campaign(
            country, slug=slug, doors_at=at - timedelta(hours=1), opens_at=at, pace=60, window_s=300, groups=()
        )
        for slug, at in (("vroeger", now - timedelta(days=365)), ("vannacht", now - timedelta(hours=2)))
    ]
    return made[1].pk, made[0].pk, made[1].slug


def _organiser() -> str:
    """The cookie of somebody of the organiser's staff, logged in with a second factor."""
    from django.conf import settings
    from django.test import Client

    from balie.practices.testing import confirm_second_factor, make_person

    person, client = make_person(is_organiser=True), Client()
    client.force_login(person)
    confirm_second_factor(client, person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _serve(installation: Installation, dsn: str, port: int) -> HTTPConnection:
    command = parts.command("balie.cli", "serve", "--role", "pages", "--port", port, "--workers", 1)
    installation.supervisor.start(Part(f"pages-{port}", command, {"DATABASE_URL": dsn}))
    url = f"http://127.0.0.1:{port}"
    wait_until_answered(installation, {url: ANSWERS["pages"]})
    where = urlsplit(url)
    return HTTPConnection(where.hostname or "", where.port, timeout=30)


def measure_desks(ground: Mapping[str, Desk]) -> dict[str, float]:
    """One round: medians of milliseconds for all searches, and for all of the control room, in turns."""
    took: dict[str, list[float]] = {}
    for block in range(WARM_UP + BLOCKS):
        for name, desk in ground.items():
            for what, measured in (
                ("order_search", lambda desk=desk: _all(desk, desk.searches)),
                ("control_room", lambda desk=desk: _control_room(desk)),
            ):
                ms = _timed(measured)
                if block >= WARM_UP:
                    took.setdefault(f"{what}_{name}_ms", []).append(ms)
    return {figure: median(each) for figure, each in took.items()}


def _all(desk: Desk, paths: Sequence[str]) -> None:
    for path in paths:
        desk.ask(path)


def _control_room(desk: Desk) -> None:
    """Its page with its parts, and the figures that its stream brings each second."""
    _all(desk, desk.control_room)
    with psycopg.connect(desk.dsn, options=AS_THE_STREAM_DOES) as connection:
        row = connection.execute(read_sql("ordering", "night_now").encode(), {"campaign": desk.campaign}).fetchone()
    assert row is not None


def _timed(measured: Callable[[], None]) -> float:
    began = time.perf_counter()
    measured()
    return (time.perf_counter() - began) * 1000


def desk_ratios(found: Mapping[str, float]) -> dict[str, float]:
    pages = ("order_search", "control_room")
    return {f"{what}_100k_vs_1k": found[f"{what}_100k_ms"] / found[f"{what}_1k_ms"] for what in pages}
