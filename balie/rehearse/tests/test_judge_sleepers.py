"""Harm to practices without a browser, planted in a night in which the installation ordered for two of three."""

import psycopg
import pytest

from balie.rehearse.judge.evidence import ClientLog
from balie.rehearse.tests.judged import DAY, OPENING, Scene, key_of, make_scene

NEXT_DAY = "2027-10-13"


@pytest.fixture
def night(installation) -> Scene:
    """1 and 2 sleep and both wished DAY, then the day after it. Whose number is smaller is for the draw to say."""
    scene = make_scene(installation)
    with psycopg.connect(scene.dsn, autocommit=True) as connection:
        for practice in (1, 2):
            connection.execute("insert into judge.prepared values (1, %s, 'one_day', %s, null)", [practice, OPENING])
            connection.execute("insert into judge.prepared_lines values (1, %s, 1, %s, 100)", [practice, practice])
            for rank, day in enumerate((DAY, NEXT_DAY), start=1):
                connection.execute("insert into judge.wishes values (1, %s, %s, %s)", [practice, rank, day])
        connection.execute("insert into judge.days values (1, %s, 100, 1, 0, 0)", [NEXT_DAY])
        connection.execute("update judge.orders set auto = true where practice in (1, 2)")
        connection.execute("update judge.prepared set auto_since = auto_since - interval '1 day'")
    return asleep(scene, 1, 2)


def asleep(scene: Scene, *practices: int) -> Scene:
    """Nobody of theirs saw or clicked anything."""
    log: ClientLog = scene.log
    log.asleep |= set(practices)
    log.practices -= set(practices)
    log.clicks = [click for click in log.clicks if click.practice not in practices]
    for seen in (log.numbers, log.tickets):
        for practice in practices:
            seen.pop(practice, None)
    for practice in practices:
        log.promised.pop(key_of(practice), None)
    return scene


def first_of_two(dsn: str) -> tuple[int, int]:
    """The sleepers in order of number."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select practice from judge.tickets where practice in (1, 2) order by number")
        first, second = (row[0] for row in rows)
    return first, second


def forget_order(scene: Scene, practice: int) -> None:
    for table, key in (("order_lines", "number"), ("mail", "reference"), ("orders", "number")):
        scene.doctor(f"delete from judge.{table} where {key} = 'B27-{practice:05}'")
    scene.doctor(f"update judge.days set doses_taken = 200, addresses_taken = 2 where day = '{DAY}'")
    scene.accepted = [mail for mail in scene.accepted if f"{practice:05}" not in mail.message_id]


def test_an_innocent_night_passes(night):
    report = night.judged()
    assert report["failed"] == []
    assert report["practices"] == 3
    assert (report["orders"]["acknowledged"], report["orders"]["stored"]) == (1, 3)
    assert report["notes"]["auto"] == {
        "asked": 2,
        "ordered": 2,
        "before_called": [],
        "out_of_order": [],
        "altered": [],
    }


def test_placed_before_its_number_was_called(night):
    first, _ = first_of_two(night.dsn)
    night.doctor(f"update judge.orders set placed_at = placed_at - interval '11 s' where practice = {first}")
    report = night.judged()
    assert (report["queue_inversions"], report["notes"]["auto"]["before_called"]) == (1, [f"B27-{first:05}"])


def test_placed_before_a_smaller_number_that_had_room_too(night):
    first, second = first_of_two(night.dsn)
    night.doctor(f"update judge.orders set placed_at = placed_at + interval '5 s' where practice = {first}")
    report = night.judged()
    assert (report["queue_inversions"], report["notes"]["auto"]["out_of_order"]) == (1, [f"B27-{second:05}"])


def test_placed_together_on_a_day_that_a_smaller_number_wished_more(night):
    first, _ = first_of_two(night.dsn)
    night.doctor(f"update judge.order_lines set day = '{NEXT_DAY}' where number = 'B27-{first:05}'")
    night.doctor(f"update judge.days set doses_taken = 200, addresses_taken = 2 where day = '{DAY}'")
    night.doctor(f"update judge.days set doses_taken = 100, addresses_taken = 1 where day = '{NEXT_DAY}'")
    night.doctor(
        f"update judge.orders set placed_at = '{OPENING.isoformat()}'::timestamptz + interval '15 s' where auto"
    )
    assert night.judged()["queue_inversions"] == 1


def test_who_needed_more_than_the_larger_number_took_was_not_passed(night):
    first, _ = first_of_two(night.dsn)
    night.doctor(f"update judge.prepared_lines set doses = 110 where practice = {first}")
    night.doctor(f"update judge.order_lines set doses = 110 where number = 'B27-{first:05}'")
    night.doctor(f"update judge.days set doses_limit = 310, doses_taken = 310 where day = '{DAY}'")
    night.doctor(f"update judge.orders set placed_at = placed_at + interval '5 s' where practice = {first}")
    assert night.judged()["failed"] == []


def test_one_that_found_no_room_and_was_told_is_nobodys_fault(night):
    _, second = first_of_two(night.dsn)
    forget_order(night, second)
    night.doctor(f"update judge.prepared set failed_at = now() where practice = {second}")
    night.doctor(f"update judge.days set doses_limit = 200 where day = '{DAY}'")
    night.doctor(f"update judge.days set doses_limit = 90 where day = '{NEXT_DAY}'")
    report = night.judged()
    assert (report["failed"], report["notes"]["unfinished"]) == ([], {str(second): "full"})


@pytest.mark.parametrize("told", [True, False])
def test_one_without_an_order_although_there_is_room_was_passed_over(night, told):
    _, second = first_of_two(night.dsn)
    forget_order(night, second)
    if told:
        night.doctor(f"update judge.prepared set failed_at = now() where practice = {second}")
    report = night.judged()
    assert report["notes"]["unfinished"] == {str(second): "passed over"}
    assert "notes.unfinished" in report["failed"]


def test_an_order_in_the_background_that_nobody_asked_for(night):
    night.doctor("update judge.prepared set auto = 'off' where practice = 1")
    assert night.judged()["notes"]["unasked_orders"] == ["B27-00001"]


def test_an_order_in_the_background_for_who_is_awake(night):
    night.doctor("update judge.orders set auto = true where practice = 3")
    assert night.judged()["notes"]["unasked_orders"] == ["B27-00003"]


@pytest.mark.parametrize(
    "harm",
    [
        "update judge.prepared_lines set doses = 90 where practice = 1",
        "insert into judge.prepared_lines values (1, 1, 2, 1, 10)",
        f"delete from judge.wishes where practice = 1 and day = '{DAY}'",
        f"insert into judge.order_lines values (1, 'B27-00001', '{NEXT_DAY}', 1, 100, 1, 'Plein')",
    ],
)
def test_an_order_in_the_background_that_is_not_what_was_put_ready(night, harm):
    night.doctor(harm)
    report = night.judged()
    assert report["notes"]["auto"]["altered"] == ["B27-00001"]
    assert "notes.auto.altered" in report["failed"]
