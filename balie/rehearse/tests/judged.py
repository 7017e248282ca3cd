"""A night to be judged: innocent, until a test plants something in it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg

from balie.rehearse.judge.draw import numbers_of
from balie.rehearse.judge.evidence import AcceptedMail, Click, ClientLog, Draw, Line
from balie.rehearse.judge.stored import read_stored
from balie.rehearse.judge.verdict import Evidence, judge
from balie.rehearse.tests.judge_tables import make_judge_tables

OPENING = datetime(2027, 6, 1, tzinfo=UTC)
SEED = bytes(range(32))
DAY = "2027-10-12"
TICKETS = {1: "00000000-0000-4000-8000-00000000000a", 2: "00000000-0000-4000-8000-00000000000b"}
LATE = {3: "00000000-0000-4000-8000-000000000001"}


def key_of(practice: int) -> str:
    return str(UUID(int=practice))


def number_of(practice: int) -> str:
    return f"B27-{practice:05}"


def draw_file() -> dict:
    tickets = sorted(TICKETS.values())
    drawn = {
        "round": 1,
        "first": 1,
        "seed": SEED.hex(),
        "seed_hash": hashlib.sha256(SEED).hexdigest(),
        "frozen_at": OPENING.isoformat(),
        "list_hash": hashlib.sha256("\n".join(tickets).encode()).hexdigest(),
        "beacon": None,
        "tickets": tickets,
    }
    return {"version": 2, "complete": True, "rounds": [drawn]}


@dataclass
class Scene:
    """Three practices that ordered 100 doses each, on a day with room for 300 doses and three addresses."""

    dsn: str
    log: ClientLog
    draw: Draw
    accepted: list[AcceptedMail]

    def doctor(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            assert connection.execute(statement).rowcount != 0

    def judged(self, **more) -> dict:
        stored = read_stored(self.dsn, 1)
        return judge(Evidence(stored=stored, log=self.log, draw=self.draw, accepted=self.accepted, **more))


def fill(connection: psycopg.Connection, practice: int, ticket: str, number: int, arrived_at: datetime) -> None:
    values = {
        "practice": practice,
        "ticket": ticket,
        "number": number,
        "arrived": arrived_at,
        "called": OPENING + timedelta(seconds=number),
        "placed": OPENING + timedelta(seconds=10 + number),
        "order": number_of(practice),
        "key": key_of(practice),
        "day": DAY,
        "message": f"{number_of(practice).lower()}@localhost",
    }
    for statement in (
        "insert into judge.tickets values (1, %(ticket)s, %(practice)s, %(arrived)s, %(number)s, %(called)s, 1)",
        "insert into judge.orders values (1, %(practice)s, %(order)s, %(key)s, %(placed)s, false)",
        "insert into judge.order_lines values (1, %(order)s, %(day)s, 1, 100, %(practice)s, 'Plein')",
        "insert into judge.mail values (%(order)s, 'a@b', %(message)s, 'sent', 1, %(placed)s, %(placed)s)",
    ):
        connection.execute(statement, values)


def make_scene(installation) -> Scene:
    make_judge_tables(installation.dsn)
    file = draw_file()
    numbers = numbers_of(file)
    log = ClientLog(practices={1, 2, 3}, calendar_age_p99_ms=300)
    with installation.connect() as connection:
        connection.execute("insert into judge.days values (1, %s, 300, 3, 300, 3)", [DAY])
        for practice, ticket in TICKETS.items():
            fill(connection, practice, ticket, numbers[ticket], OPENING - timedelta(minutes=1))
        fill(connection, 3, LATE[3], 3, OPENING + timedelta(milliseconds=500))
    for practice, ticket in (TICKETS | LATE).items():
        log.tickets[practice] = (ticket, (OPENING + timedelta(seconds=60 if practice == 3 else -30)).timestamp())
        log.promised[key_of(practice)] = frozenset({Line(DAY, 1, practice, 100)})
        log.numbers[practice].add(number_of(practice))
        heard = Click(
            practice=practice,
            key=key_of(practice),
            sent_at=100.0,
            hold_ends_at=110.0,
            heard="ordered",
            number=number_of(practice),
        )
        log.clicks.append(heard)
    accepted = [
        AcceptedMail(message_id=f"<{number_of(p).lower()}@localhost>", recipient="a@b", at=1.0) for p in (1, 2, 3)
    ]
    return Scene(installation.dsn, log, Draw(seals={1: file["rounds"][0]["seed_hash"]}, file=file), accepted)
