"""Parts of a bench that another process can import without Django's tables."""

import os
from typing import NoReturn

import psycopg

from balie.rehearse.bench.command import Note, Say
from balie.rehearse.bench.desk import desks, measure_desks


def tell_process(rounds: int, say: Say, note: Note) -> None:
    note({"process": os.getpid()})


def fail(rounds: int, say: Say, note: Note) -> NoReturn:
    raise ValueError(rounds)


def measure_small_desk(rounds: int, say: Say, note: Note) -> None:
    """The organiser's pages, and how many orders the larger amount has outside and inside the night that is shown."""
    count = """
        select count(*) filter (where campaign_id <> %(campaign)s) as others,
               count(*) filter (where campaign_id = %(campaign)s) as night from ordering_order
    """
    with desks({"1k": 30, "100k": 90}, night=10) as ground:
        found = measure_desks(ground)
        larger = ground["100k"]
        with psycopg.connect(larger.dsn) as connection:
            others, night = connection.execute(count, {"campaign": larger.campaign}).fetchone() or (0, 0)
    note(found | {"others": others, "night": night})
