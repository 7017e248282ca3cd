"""What a room says about itself: its phases, when to ask again, and how old the answer is."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from msgspec.structs import replace

from balie.lib.problems import Problem
from balie.waitingroom import gate as module
from balie.waitingroom.draw import draw_numbers, hash_list, verify_draw
from balie.waitingroom.gate import Gate, phase_of, poll_after_ms
from balie.waitingroom.hot import JoinAnswer, RoomRow, RoundRow, TicketRow
from balie.waitingroom.picture import RoomPicture, lowest_and_highest

DOORS = datetime(2027, 5, 31, 21, tzinfo=UTC)
OPENING = DOORS + timedelta(hours=1)
CLOSING = DOORS + timedelta(days=30)
SEED = bytes(range(32))

ROUND = RoundRow(
    position=1,
    name="",
    draw_at=OPENING,
    seed=SEED,
    sealed_at=DOORS - timedelta(days=1),
    seed_hash=b"\x01" * 32,
    frozen_at=None,
    first_number=None,
    drawn_count=None,
    list_hash=None,
    beacon=None,
    drawn_at=None,
)
ROOM = RoomRow(
    id=3,
    doors_at=DOORS,
    closes_at=CLOSING,
    arrivals=0,
    last=0,
    called=0,
    pace=45,
    paused=False,
    message="",
    message_at=None,
    wall_now=OPENING,
    service_now=OPENING,
    still=False,
    rounds=(ROUND,),
)


def with_round(room, **changes):
    """The room with a first round that changed so."""
    return replace(room, rounds=(replace(room.rounds[0], **changes), *room.rounds[1:]))


FROZEN = with_round(
    replace(ROOM, arrivals=2, last=2), frozen_at=OPENING, first_number=1, drawn_count=2, list_hash=b"\x02" * 32
)
DRAWN = with_round(FROZEN, drawn_at=OPENING)


def seen(row, *, at=1000.0, tickets=()):
    """A picture that was read at monotonic time `at`."""
    picture = RoomPicture(row.id)
    picture.row, picture.read_at = row, at
    picture.tickets = {ticket.holder: ticket for ticket in tickets}
    return picture


def ticket(holder, number=None, *, of=1):
    return TicketRow(UUID(int=holder), holder, of, holder, DOORS, number, None)


@pytest.fixture
def now(monkeypatch):
    """The monotonic clock, in the hands of the test."""
    clock = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.at))
    return clock


@pytest.mark.parametrize(
    ("row", "at", "phase"),
    [
        (ROOM, DOORS - timedelta(seconds=1), "before"),
        (ROOM, DOORS, "waiting"),
        (ROOM, OPENING - timedelta(seconds=1), "waiting"),
        (ROOM, OPENING, "drawing"),
        (FROZEN, OPENING, "drawing"),
        (DRAWN, OPENING, "open"),
        (replace(DRAWN, paused=True), OPENING, "paused"),
        (replace(ROOM, paused=True), DOORS, "waiting"),
        (DRAWN, CLOSING, "closed"),
        (ROOM, CLOSING, "closed"),
    ],
)
def test_the_phase_of_a_night(row, at, phase):
    assert phase_of(row, at) == phase


@pytest.mark.parametrize(
    ("phase", "waiting", "seconds", "expected"),
    [
        ("before", 0, 3600, 15_000),
        ("waiting", 100, 3600, 15_000),
        ("waiting", 100, 60, 6_000),
        ("waiting", 100, 3, 1_000),
        ("waiting", 100, -5, 1_000),
        ("waiting", 5_000, 3, 2_000),
        ("drawing", 5_000, 0, 2_000),
        ("open", 4_956, 0, 1_982),
        ("open", 3, 0, 1_000),
        ("open", 100_000, 0, 40_000),
        ("closed", 4_956, 0, 15_000),
    ],
)
def test_who_waits_asks_less_often_when_many_wait_or_nothing_is_near(phase, waiting, seconds, expected):
    assert poll_after_ms(phase, waiting, timedelta(seconds=seconds)) == expected


def test_the_state_is_the_same_bytes_for_everybody_who_asks_within_a_hundredth_of_a_second(now):
    gate = Gate(1, seen(ROOM))
    first = gate.state()
    now.at += 0.009
    assert gate.state() is first
    now.at += 0.002
    assert gate.state() is not first


def test_the_state_says_how_old_it_is_and_what_time_it_is_meanwhile(now):
    gate = Gate(1, seen(replace(ROOM, service_now=OPENING - timedelta(seconds=7))))
    now.at += 0.4
    state = json.loads(gate.state().body["body"])
    assert (state["age_ms"], state["still"]) == (400, False)
    assert state["now"] == "2027-05-31T21:59:53.400Z"
    assert state["wall"] == "2027-05-31T22:00:00.400Z"


def test_a_clock_of_which_nothing_is_heard_stands_still_after_two_seconds(now):
    gate = Gate(1, seen(ROOM))
    now.at += 60
    state = json.loads(gate.state().body["body"])
    assert (state["age_ms"], state["still"], state["now"]) == (60_000, True, "2027-05-31T22:00:02.000Z")


def test_a_clock_that_stands_still_does_not_move_by_our_own_counting(now):
    gate = Gate(1, seen(replace(ROOM, still=True)))
    now.at += 1
    state = json.loads(gate.state().body["body"])
    assert (state["still"], state["now"]) == (True, "2027-05-31T22:00:00.000Z")


def test_the_state_may_be_kept_for_a_second_by_whoever_passes_it_on():
    assert dict(Gate(1, seen(ROOM)).state().start["headers"])[b"cache-control"] == b"public, max-age=1"


def test_the_numbers_of_the_state(now):
    row = replace(DRAWN, arrivals=5, last=5, called=1, message="Even geduld.", message_at=OPENING)
    state = json.loads(Gate(7, seen(row)).state().body["body"])
    assert (state["campaign"], state["waiting"], state["last"], state["called"]) == (7, 5, 5, 1)
    assert state["rounds"] == [
        {"name": "", "opens_at": "2027-05-31T22:00:00.000Z", "phase": "drawn", "first": 1, "drawn": 2}
    ]
    assert (state["pace"], state["measured"]) == (45, None)
    assert state["message"] == {"text": "Even geduld.", "at": "2027-05-31T22:00:00.000Z"}
    before = json.loads(Gate(7, seen(FROZEN)).state().body["body"])
    assert (before["last"], before["message"]) == (0, None)


def test_the_seed_is_nowhere_before_the_draw(now):
    for row in (ROOM, FROZEN):
        gate = Gate(1, seen(row, tickets=[ticket(1), ticket(2)]))
        with pytest.raises(Problem, match="no_draw"):
            gate.draw()
        for shown in (gate.state(), gate.seal()):
            assert SEED.hex().encode() not in shown.body["body"]


def test_the_seal_is_shown_when_the_doors_open():
    gate = Gate(1, seen(replace(ROOM, wall_now=DOORS - timedelta(hours=1)), at=module.time.monotonic()))
    with pytest.raises(Problem, match="no_seal"):
        gate.seal()
    seal = json.loads(Gate(1, seen(ROOM)).seal().body["body"])
    assert seal == {
        "rounds": [{"round": 1, "seed_hash": "01" * 32, "published_at": "2027-05-30T21:00:00.000Z"}],
    }


def test_the_published_draw_can_be_verified_and_kept_for_ever(now):
    drawn = draw_numbers(seed=SEED, beacon=b"\x09", tickets=[str(UUID(int=1)), str(UUID(int=2))])
    numbers = {UUID(each).int: place for place, each in enumerate(drawn, 1)}
    row = with_round(
        replace(DRAWN, arrivals=3, last=3),
        seed_hash=hashlib.sha256(SEED).digest(),
        list_hash=hash_list(drawn),
        beacon={"source": "drand", "round": 1, "value": "09"},
    )
    late = ticket(3, number=3)
    gate = Gate(1, seen(row, tickets=[ticket(2, numbers[2]), late, ticket(1, numbers[1])]))
    published = gate.draw()
    report = verify_draw(json.loads(published.body["body"]))
    assert report.faults == []
    assert {UUID(each).int: number for each, number in report.numbers.items()} == numbers
    assert b"immutable" in dict(published.start["headers"])[b"cache-control"]
    assert gate.draw() is published


def test_a_draw_of_which_not_all_numbers_are_known_here_is_not_published_yet():
    gate = Gate(1, seen(DRAWN, tickets=[ticket(1, 1), ticket(2)]))
    with pytest.raises(Problem, match="no_draw"):
        gate.draw()


def test_a_room_with_rounds_publishes_each_as_it_is_drawn(now):
    """The first round is drawn and one came late to it; the second is frozen, then drawn."""
    later = OPENING + timedelta(minutes=20)
    second = replace(
        ROUND,
        position=2,
        name="Zuid",
        draw_at=later,
        frozen_at=later,
        first_number=4,
        drawn_count=2,
        list_hash=b"\x03" * 32,
    )
    row = replace(with_round(DRAWN, name="Noord"), arrivals=5, last=5, wall_now=later)
    row = replace(row, rounds=(*row.rounds, second))
    of_first = [ticket(1, 1), ticket(2, 2), ticket(3, 3)]
    gate = Gate(1, seen(row, tickets=[*of_first, ticket(4, of=2), ticket(5, of=2)]))
    published = gate.draw()
    content = json.loads(published.body["body"])
    assert (content["complete"], [len(each["tickets"]) for each in content["rounds"]]) == (False, [2])
    assert b"immutable" not in dict(published.start["headers"])[b"cache-control"]
    state = gate.state_content(1000.0)
    assert (state["phase"], [each["phase"] for each in state["rounds"]]) == ("open", ["drawn", "drawing"])

    drawn = replace(row, rounds=(row.rounds[0], replace(second, drawn_at=later)))
    gate.picture = seen(drawn, tickets=[*of_first, ticket(4, 5, of=2), ticket(5, 4, of=2)])
    published = gate.draw()
    content = json.loads(published.body["body"])
    assert [(each["name"], each["first"], len(each["tickets"])) for each in content["rounds"]] == [
        ("Noord", 1, 2),
        ("Zuid", 4, 2),
    ]
    assert (content["complete"], gate.draw()) == (True, published)
    assert b"immutable" in dict(published.start["headers"])[b"cache-control"]


def test_who_joined_is_known_at_once():
    gate = Gate(1, seen(ROOM))
    answer = gate.joined(17, JoinAnswer("joined", UUID(int=17), 1, DOORS, None, called=False, round=1))
    assert json.loads(answer.body["body"]) == {
        "ticket": str(UUID(int=17)),
        "round": 1,
        "arrived_at": "2027-05-31T21:00:00.000Z",
        "number": None,
        "called": False,
    }
    assert gate.find_ticket(17).id == UUID(int=17)


def test_a_join_that_was_refused_says_why():
    gate = Gate(1, seen(ROOM))
    with pytest.raises(Problem) as refused:
        gate.joined(17, JoinAnswer("not_open", None, None, None, None, called=False, round=None))
    assert (refused.value.code, refused.value.extra) == ("not_open", {"doors_at": "2027-05-31T21:00:00.000Z"})
    with pytest.raises(Problem, match="closed"):
        gate.joined(17, JoinAnswer("closed", None, None, None, None, called=False, round=None))


def test_a_number_is_called_as_soon_as_the_room_has_come_to_it():
    gate = Gate(1, seen(replace(DRAWN, called=1), tickets=[ticket(1, 1), ticket(2, 2)]))
    assert [gate.ticket_content(gate.find_ticket(holder))["called"] for holder in (1, 2)] == [True, False]


@pytest.mark.parametrize(
    ("samples", "paces"),
    [
        ([], None),
        ([(0, 10), (15, 20)], None),
        ([(0, 0), (20, 20)], (60.0, 60.0)),
        ([(0, 0), (20, 10), (40, 40)], (30.0, 90.0)),
        ([(0, 0), (5, 5), (10, 10), (15, 15), (20, 20), (25, 20)], (45.0, 60.0)),
    ],
)
def test_the_pace_that_was_measured(samples, paces):
    assert lowest_and_highest(samples) == paces
