"""Looks at the judge views once a second during the night: for the plots, and for harm that heals by itself."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any, Self

import psycopg

from balie.rehearse.judge.stored import read_days

COUNTS = """
select
    (select count(*) from judge.tickets where campaign = %(campaign)s),
    (select count(*) from judge.tickets where campaign = %(campaign)s and called_at is not null),
    (select count(distinct practice) from judge.holds where campaign = %(campaign)s and state = 'held'),
    (select count(*) from judge.orders where campaign = %(campaign)s),
    (select count(*) from judge.mail where state = 'queued')
"""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The night at one moment; `fill` is per day the share of its doses that is given away."""

    at: float
    tickets: int
    called: int
    inside: int
    orders: int
    mail_waiting: int
    fill: dict[str, float]


class Sampler:
    """A thread of its own, so that a slow database delays the samples and never the virtual practices."""

    def __init__(self, dsn: str, campaign: int, *, every_s: float = 1.0) -> None:
        self.samples: list[Sample] = []
        self.oversold: set[str] = set()
        self._dsn, self._campaign, self._every_s = dsn, campaign, every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True) as connection:
                    while not self._stopped.wait(self._every_s):
                        self._look(connection)
            except psycopg.OperationalError:
                self._stopped.wait(self._every_s)  # a fault took the connection; look again

    def _look(self, connection: psycopg.Connection[Any]) -> None:
        days = read_days(connection, self._campaign)
        self.oversold |= {day.day for day in days if day.oversold}
        counts = connection.execute(COUNTS, {"campaign": self._campaign}).fetchone()
        assert counts is not None
        tickets, called, inside, orders, mail = counts
        self.samples.append(
            Sample(
                at=time.time(),
                tickets=tickets,
                called=called,
                inside=inside,
                orders=orders,
                mail_waiting=mail,
                fill={day.day: day.doses / day.doses_limit for day in days if day.doses_limit},
            )
        )
