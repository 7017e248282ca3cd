"""Each kind of harm is planted in an innocent night, and must be found; the innocent night itself passes."""

import hashlib
from datetime import timedelta

import pytest

from balie.rehearse.judge.evidence import Click, Draw
from balie.rehearse.tests.judged import DAY, LATE, OPENING, TICKETS, Scene, key_of, make_scene


@pytest.fixture
def scene(installation) -> Scene:
    return make_scene(installation)


def test_an_innocent_night_passes(scene):
    report = scene.judged()
    assert report["failed"] == []
    assert report["verdict"] == "pass"
    assert report["orders"] == {"acknowledged": 3, "stored": 3, "lost": 0, "doubled": 0, "indeterminate": 0}
    assert report["mail"] == {"expected": 3, "accepted": 3, "missing": 0}


HARM = {
    "a lost order": ("delete from judge.orders where practice = 1", "orders.lost"),
    "an order under another number": ("update judge.orders set number = 'B27-9' where practice = 1", "orders.lost"),
    "an order that lost doses": ("update judge.order_lines set doses = 90 where number = 'B27-00001'", "orders.lost"),
    "a doubled order": (
        "insert into judge.orders select 1, 1, 'B27-8', gen_random_uuid(), now(), false",
        "orders.doubled",
    ),
    "an order nobody clicked for": (
        "update judge.orders set hold_key = gen_random_uuid() where practice = 1",
        "notes.unasked_orders",
    ),
    "a day with too many doses": ("update judge.days set doses_limit = 299", "oversold_days"),
    "a day with too many addresses": ("update judge.days set addresses_limit = 2", "oversold_days"),
    "a day oversold by a hold": (
        f"insert into judge.holds values (1, 9, gen_random_uuid(), 'held', now(), '{DAY}', 1, 10, 1)",
        "oversold_days",
    ),
    "an order for a day that is not there": ("delete from judge.days", "oversold_days"),
    "a counter that drifted": ("update judge.days set doses_taken = 290", "notes.miscounted_days"),
    "a call out of turn": (
        "update judge.tickets set called_at = called_at + interval '1 h' where number = 1",
        "queue_inversions",
    ),
    "an order of somebody never called": (
        "update judge.tickets set called_at = null where number = 3",
        "queue_inversions",
    ),
    "numbers that the draw did not give": (
        "update judge.tickets set number = 3 - number where number < 3",
        "draw_verified",
    ),
    "a missing mail": ("delete from judge.mail where reference = 'B27-00002'", "mail.missing"),
    "copies under two Message-IDs": (
        "insert into judge.mail values ('B27-00002', 'c@d', 'other@localhost', 'sent', 1, now(), now())",
        "mail.missing",
    ),
}


@pytest.mark.parametrize("harm", HARM)
def test_harm_in_the_database_is_found(scene, harm):
    statement, failed = HARM[harm]
    scene.doctor(statement)
    report = scene.judged()
    assert report["verdict"] == "fail"
    assert failed in report["failed"]


def test_a_hold_that_lapsed_takes_nothing(scene):
    scene.doctor(f"insert into judge.holds values (1, 9, gen_random_uuid(), 'lapsed', now(), '{DAY}', 1, 10, 1)")
    assert scene.judged()["verdict"] == "pass"


def test_a_mail_that_the_server_never_took_is_missing_whatever_the_outbox_says(scene):
    scene.accepted.pop()
    assert scene.judged()["mail"] == {"expected": 3, "accepted": 2, "missing": 1}


def test_without_the_mail_servers_log_the_outbox_is_believed(scene):
    scene.accepted = None
    scene.doctor("update judge.mail set state = 'queued' where reference = 'B27-00003'")
    assert scene.judged()["mail"] == {"expected": 3, "accepted": 2, "missing": 1}


def click(practice: int, heard: str, *, sent_at: float) -> Click:
    return Click(practice=practice, key=key_of(practice + 90), sent_at=sent_at, hold_ends_at=110.0, heard=heard)


def test_a_click_in_time_that_heard_lapsed_was_wrongly_expired(scene):
    scene.log.clicks += [click(1, "lapsed", sent_at=109.9), click(2, "lapsed", sent_at=110.1)]
    report = scene.judged()
    assert report["wrongly_expired"] == 1
    assert "wrongly_expired" in report["failed"]


def test_a_click_that_got_no_answer_is_indeterminate_and_no_harm(scene):
    scene.log.clicks += [click(1, "error", sent_at=109.9), click(1, "lapsed", sent_at=110.5)]
    report = scene.judged()
    assert report["orders"]["indeterminate"] == 1
    assert report["notes"]["cut_off_clicks"] == 1
    assert report["verdict"] == "pass"


def test_harm_seen_by_clients_is_found(scene):
    scene.log.invisible.add(1)
    scene.log.unfinished[2] = "hold: bad_lines"
    scene.log.calendar_age_p99_ms = 1001
    scene.log.numbers[3].add("B27-77777")
    failed = scene.judged()["failed"]
    assert {"notes.invisible_orders", "notes.unfinished", "calendar_age_ms.p99", "orders.lost"} <= set(failed)


def test_a_practice_that_found_everything_full_is_nobodys_fault(scene):
    scene.log.unfinished[2] = "full"
    assert scene.judged()["verdict"] == "pass"


def test_a_day_oversold_on_the_way_counts_though_it_healed(scene):
    report = scene.judged(oversold_on_the_way=frozenset({DAY}))
    assert (report["oversold_days"], report["verdict"]) == (1, "fail")


def test_a_generator_that_fell_behind_proves_nothing(scene):
    assert scene.judged(generator={"lag_p99_ms": 900.0})["failed"] == ["generator.lag_p99_ms"]


def test_a_night_without_orders_proves_nothing(scene):
    for table in ("orders", "order_lines", "mail"):
        scene.doctor(f"delete from judge.{table}")
    scene.doctor("update judge.days set doses_taken = 0, addresses_taken = 0")
    scene.log.numbers.clear()
    assert "orders.acknowledged" in scene.judged()["failed"]


DRAW_HARM = {
    "another seed than was sealed": {"seed_hash": "00" * 32},
    "a list that does not match its hash": {"list_hash": "00" * 32},
    "a ticket left out": {"tickets": [TICKETS[1]], "list_hash": hashlib.sha256(TICKETS[1].encode()).hexdigest()},
    "an unsorted list": {"tickets": sorted(TICKETS.values(), reverse=True)},
    "a round under another number": {"round": 2},
    "numbers that begin elsewhere": {"first": 2},
}


@pytest.mark.parametrize("harm", DRAW_HARM)
def test_a_wrong_draw_is_found(scene, harm):
    drawn = scene.draw.file["rounds"][0] | DRAW_HARM[harm]
    scene.draw = Draw(seals=scene.draw.seals, file=scene.draw.file | {"rounds": [drawn]})
    assert "draw_verified" in scene.judged()["failed"]


def test_a_draw_without_a_seal_before_it_is_not_verified(scene):
    scene.draw = Draw(seals={}, file=scene.draw.file)
    assert scene.judged()["draw_verified"] is False


def test_a_number_told_to_a_client_must_be_its_number(scene):
    scene.log.told[1] = 77
    assert scene.judged()["draw_verified"] is False


def test_a_practice_that_was_told_another_round_than_it_was_drawn_in_is_found(scene):
    scene.log.rounds[1] = 1
    assert scene.judged()["draw_verified"] is True
    scene.log.rounds[1] = 2
    assert scene.judged()["draw_verified"] is False


@pytest.fixture
def two_rounds(scene) -> Scene:
    """The third practice, that came after the first freeze, belonged in a second round: it has that draw for itself."""
    scene.doctor("update judge.tickets set round = 2 where practice = 3")
    ticket = LATE[3]
    second = scene.draw.file["rounds"][0] | {
        "round": 2,
        "first": 3,
        "frozen_at": (OPENING + timedelta(minutes=20)).isoformat(),
        "tickets": [ticket],
        "list_hash": hashlib.sha256(ticket.encode()).hexdigest(),
    }
    scene.draw = Draw(
        seals=scene.draw.seals | {2: second["seed_hash"]},
        file=scene.draw.file | {"rounds": [*scene.draw.file["rounds"], second]},
    )
    return scene


def test_every_round_is_verified(two_rounds):
    assert two_rounds.judged()["failed"] == []
    two_rounds.doctor("update judge.tickets set round = 1 where practice = 3")
    assert two_rounds.judged()["notes"]["draw"] == ["round 2: a ticket of another round is in the draw"]


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file["rounds"].pop(),
        lambda file: file.update(complete=False),
        lambda file: file["rounds"][1].update(first=2),
        lambda file: file["rounds"][1].update(tickets=[TICKETS[1]]),
        lambda file: file["rounds"][1].update(tickets=[]),
    ],
)
def test_a_wrong_round_is_found(two_rounds, change):
    change(two_rounds.draw.file)
    assert "draw_verified" in two_rounds.judged()["failed"]
