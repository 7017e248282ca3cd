"""The judge of a Saturday: each harm is seen for what it is, and a Saturday that shows nothing proves nothing."""

import random

import pytest

from balie.consult.econsults.triage import read_questionnaire, triage
from balie.lib.sqlfiles import read_sql
from balie.rehearse.judge.econsults import Asked, Closed, Picked, Row, Saturday, broken_econsults, count_econsults
from balie.rehearse.saturday.people import URGENCIES, answers_for
from balie.rehearse.saturday.scenario import BACK_S, CLOSE_AT, HOME_AT, arrivals, dead_spans


def row(name, urgency, number, arrived_at, picked_up_at=None, **other) -> Row:
    found = {"team": "north", "practice": "01", "closed_at": None, "moved_at": None, "instead_of": None} | other
    return Row(name, found.pop("team"), found.pop("practice"), urgency, number, arrived_at, picked_up_at, **found)


def asked(patient, urgency, *ids, practice="01", **other) -> Asked:
    return Asked(patient, practice, urgency, 10.0, list(ids), acked_at=10.1, **other)


def saturday() -> Saturday:
    """North answers three, the one with haste before the one that came first. East closes at 100: there one goes on in
    the north, another phones, and somebody is turned away.
    """
    east = {"team": "east", "practice": "02"}
    return Saturday(
        asked=[
            asked(1, 4, "a", answered_at=60.0),
            asked(2, 3, "b", answered_at=50.0),
            asked(3, 5, "c", answered_at=70.0),
            asked(4, 4, "d", "d2", practice="02", shut_at=100.3, answered_at=130.0),
            asked(5, 4, "e", practice="02", shut_at=104.0, phoned=True),
            Asked(6, "02", 0, 110.0, turned_away=True),
        ],
        picked=[Picked(1, "b", 30.0), Picked(2, "a", 40.0), Picked(1, "c", 61.0), Picked(2, "d2", 120.0)],
        closed=[Closed("02", 100.0)],
        rows=[
            row("a", 4, 1, 10.0, 40.0, closed_at=59.0),
            row("b", 3, 2, 20.0, 30.0, closed_at=49.0),
            row("c", 5, 3, 25.0, 61.0, closed_at=69.0),
            row("d", 4, 1, 80.0, moved_at=100.9, **east),
            row("e", 4, 2, 90.0, **east),
            row("d2", 4, 4, 100.9, 120.0, closed_at=129.0, instead_of="d"),
        ],
    )


def test_all_is_well():
    counted = count_econsults(saturday())
    assert counted == {
        "started": 5,
        "answered": 4,
        "lost": 0,
        "out_of_order_urgency": 0,
        "doubled": 0,
        "moved": 1,
        "phoned": 1,
        "turned_away": 1,
        "indeterminate": 0,
        "told": 2,
        "told_late": 0,
        "told_most_s": 4.0,
    }
    assert not any(broken_econsults(counted).values())


def pick_the_first_that_came(found):
    """Although another has more haste."""
    found.rows[0].picked_up_at = 25.0


def pick_whoever_came_later(found):
    """As urgent as one that waits."""
    found.rows[1].urgency = found.asked[1].urgency = 4


def lose_a_row(found):
    del found.rows[0]


def answer_nobody(found):
    found.asked[0].answered_at = 0.0


def change_the_urgency(found):
    found.rows[2].urgency = 4


def give_to_two(found):
    found.picked.append(Picked(2, "b", 30.1))


def tell_late(found):
    found.asked[4].shut_at = 106.0


def tell_nobody(found):
    found.asked[3].shut_at = 0.0
    found.rows[3].moved_at = 112.0


def close_nothing(found):
    found.closed.clear()


def start_nothing(found):
    found.asked.clear()
    found.closed.clear()


@pytest.mark.parametrize(
    ("harm", "failed"),
    [
        (pick_the_first_that_came, ["out_of_order_urgency"]),
        (pick_whoever_came_later, ["out_of_order_urgency"]),
        (lose_a_row, ["lost"]),
        (answer_nobody, ["lost"]),
        (change_the_urgency, ["lost"]),
        (give_to_two, ["doubled"]),
        (tell_late, ["told_late"]),
        (tell_nobody, ["told_late"]),
        (close_nothing, ["told"]),
        (start_nothing, ["started", "told"]),
    ],
)
def test_each_harm_is_named(harm, failed):
    found = saturday()
    harm(found)
    broken = broken_econsults(count_econsults(found))
    assert [name for name, wrong in broken.items() if wrong] == [f"econsults.{name}" for name in failed]


def test_in_another_team_nobody_is_passed():
    found = saturday()
    pick_the_first_that_came(found)
    found.rows[1].team = "south"
    assert count_econsults(found)["out_of_order_urgency"] == 0


def test_seconds_in_which_nothing_could_be_told_do_not_count():
    found = saturday()
    tell_late(found)
    assert count_econsults(found, dead=[(101.0, 103.0), (102.0, 103.0)])["told_late"] == 0
    assert count_econsults(found, dead=[(101.0, 101.5), (110.0, 120.0)])["told_late"] == 1


def test_who_is_picked_up_at_the_last_moment_need_not_hear_it():
    found = saturday()
    tell_nobody(found)
    found.rows[3].moved_at = None
    found.rows[3].picked_up_at = 104.0
    assert count_econsults(found)["told_late"] == 0


@pytest.mark.parametrize(
    ("name", "spans"),
    [
        ("db-stop@10+5", [(110, 115 + BACK_S)]),
        ("web-kill=live-all@10+5", [(110, 115 + BACK_S)]),
        ("web-kill=live@10+5", []),
        ("smtp-silent", []),
    ],
)
def test_nothing_is_told_while_nothing_is_there(name, spans):
    assert dead_spans([{"name": name, "start_s": 10, "stop_s": 15}], 100) == spans


@pytest.mark.parametrize("patients", [8, 10, 40])
def test_somebody_waits_at_every_post_when_it_closes(patients):
    posts = [number % 4 for number in range(patients)]
    waiting = {post for post, at in zip(posts, arrivals(posts), strict=True) if HOME_AT < at < CLOSE_AT}
    assert waiting == {0, 1, 2, 3}


@pytest.mark.parametrize("urgency", sorted(set(URGENCIES)))
def test_patients_fill_in_what_they_mean(urgency):
    body = read_sql("consult", "questionnaire_1").split("$json$")[1]
    questionnaire = read_questionnaire(body.encode())
    assert questionnaire is not None
    assert triage(questionnaire, answers_for(questionnaire, urgency, random.Random(1))).urgency == urgency
