"""Harm to orders that change after they were placed is planted in an innocent year, and must be found."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from balie.rehearse.judge.evidence import Act, Line
from balie.rehearse.judge.year import read_changes
from balie.rehearse.tests.judged import DAY, OPENING, Scene, make_scene, number_of

NEXT_DAY = "2027-10-13"
SERVED = OPENING + timedelta(minutes=10)
ASKED = OPENING + timedelta(minutes=5)


def lines(practice: int, day: str, doses: int) -> frozenset[Line]:
    return frozenset({Line(day, 1, practice, doses)})


def act(kind: str, practice: int, heard: str = "done", **more) -> Act:
    known = {"heard_at": ASKED.timestamp()} | more
    return Act(practice=practice, number=number_of(practice), kind=kind, heard=heard, **known)


class Year:
    """1 made its order smaller, 2 let Balie wait and moved to the next day, 3 wants more and stands behind it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        scene.doctor("update judge.tickets set number = practice")
        scene.doctor(
            f"update judge.days set doses_limit = 300, doses_taken = 180, addresses_taken = 2 where day = '{DAY}'"
        )
        with psycopg.connect(scene.dsn, autocommit=True) as connection:
            connection.execute("insert into judge.days values (1, %s, 100, 1, 100, 1)", [NEXT_DAY])
        self.changed(1, DAY, 100, DAY, 80)
        scene.log.acts.append(act("change", 1, lines=lines(1, DAY, 80)))
        self.wished(2, 11, "served", NEXT_DAY, 100)
        self.changed(2, DAY, 100, NEXT_DAY, 100, auto=True)
        self.wished(3, 12, "open", NEXT_DAY, 100)

    def changed(self, practice: int, was: str, had: int, day: str, doses: int, *, auto: bool = False) -> None:
        number = number_of(practice)
        with psycopg.connect(self.scene.dsn, autocommit=True) as connection:
            for side, where, amount in (("before", was, had), ("after", day, doses)):
                connection.execute(
                    "insert into judge.changes values (1, %s, %s, 1, %s, %s, %s, %s, 1, %s, 'Plein')",
                    [practice, number, SERVED, auto, side, where, amount],
                )
            connection.execute(
                "update judge.order_lines set day = %s, doses = %s where number = %s", [day, doses, number]
            )

    def wished(self, practice: int, key: int, state: str, day: str, doses: int, *, heard_at=ASKED) -> None:
        settled = SERVED if state == "served" else None
        values = [practice, number_of(practice), practice, key, state, ASKED, settled, day, doses, practice]
        with psycopg.connect(self.scene.dsn, autocommit=True) as connection:
            connection.execute(
                "insert into judge.swaps values (1, %s, %s, %s, %s, %s, %s, %s, %s, 1, %s, %s, 0, null, '')", values
            )
        wish = act("wish", practice, lines=lines(practice, day, doses), heard_at=heard_at.timestamp())
        self.scene.log.acts.append(wish)

    def judged(self) -> dict:
        self.scene.log.days_edited = 1
        return self.scene.judged(year=read_changes(self.scene.dsn, 1))


@pytest.fixture
def year(installation) -> Year:
    return Year(make_scene(installation))


def numbers_swapped(year: Year) -> None:
    """3 has the smaller number."""
    year.scene.doctor("update judge.swaps set place = 5 - place")


def test_an_innocent_year_passes(year):
    report = year.judged()
    assert [key for key in report["failed"] if not key.startswith("draw")] == []
    assert report["swaps"] == {"wanted": 2, "served": 1, "out_of_order": 0, "passed_over": 0}
    assert report["changes"] == {"made": 1, "refused": 0, "lost_date": 0, "cancelled": 0, "indeterminate": 0}
    assert report["orders"]["lost"] == 0


def test_a_swap_served_before_one_with_a_smaller_number_that_would_have_fitted(year):
    numbers_swapped(year)
    report = year.judged()
    assert (report["swaps"]["out_of_order"], report["notes"]["year"]["out_of_order"]) == (1, [11])
    assert "swaps.out_of_order" in report["failed"]


def test_one_that_wanted_more_than_was_taken_was_not_passed(year):
    numbers_swapped(year)
    year.scene.doctor("update judge.swaps set doses = 110 where swap = 12")
    year.scene.log.acts[-1] = replace(year.scene.log.acts[-1], lines=lines(3, NEXT_DAY, 110))
    assert year.judged()["swaps"]["out_of_order"] == 0


@pytest.mark.parametrize("moment", [SERVED, SERVED + timedelta(minutes=1)])
def test_one_that_was_asked_for_at_that_moment_or_later_was_not_passed(year, moment):
    numbers_swapped(year)
    year.scene.log.acts[-1] = replace(year.scene.log.acts[-1], heard_at=moment.timestamp())
    assert year.judged()["swaps"]["out_of_order"] == 0


def test_a_swap_that_waits_at_the_end_although_there_is_room(year):
    year.scene.doctor(f"update judge.days set doses_limit = 200, addresses_limit = 2 where day = '{NEXT_DAY}'")
    report = year.judged()
    assert (report["swaps"]["passed_over"], "swaps.passed_over" in report["failed"]) == (1, True)


def test_a_date_that_a_change_took_without_having_said_so(year):
    year.changed(3, DAY, 100, NEXT_DAY, 100)
    year.scene.log.acts.append(act("change", 3, lines=lines(3, NEXT_DAY, 100)))
    report = year.judged()
    assert report["notes"]["year"]["lost_date"] == [number_of(3)]
    assert "changes.lost_date" in report["failed"]


def test_a_date_that_a_change_said_it_would_take(year):
    year.changed(3, DAY, 100, NEXT_DAY, 100)
    said = act("change", 3, lines=lines(3, NEXT_DAY, 100), said_lost=frozenset({DAY}))
    year.scene.log.acts.append(said)
    assert year.judged()["changes"]["lost_date"] == 0


def test_a_date_that_was_lost_by_a_swap_that_nobody_asked_for(year):
    year.scene.log.acts = [each for each in year.scene.log.acts if each.practice != 2]
    report = year.judged()
    assert report["notes"]["year"]["lost_date"] == [number_of(2)]
    assert report["orders"]["lost"] == 1


def test_a_date_that_went_without_any_change(year):
    year.scene.doctor(f"update judge.order_lines set day = '{NEXT_DAY}' where number = '{number_of(3)}'")
    report = year.judged()
    assert report["notes"]["year"]["lost_date"] == [number_of(3)]
    assert report["orders"]["lost"] == 1


def test_a_change_that_was_confirmed_and_is_not_there(year):
    year.scene.doctor("update judge.order_lines set doses = 100 where number = 'B27-00001'")
    assert "orders.lost" in year.judged()["failed"]


@pytest.mark.parametrize(("heard", "lost"), [("error", 0), ("refused", 1)])
def test_a_change_that_was_refused_and_is_there_is_harm_and_one_without_an_answer_is_not(year, heard, lost):
    year.scene.log.acts[0] = replace(year.scene.log.acts[0], heard=heard)
    assert year.judged()["orders"]["lost"] == lost


CANCELLED = (
    "insert into judge.cancelled select 1, 3, number, hold_key, placed_at, now(), false from judge.orders"
    " where practice = 3"
)


@pytest.mark.parametrize(("heard", "lost"), [("done", 0), ("error", 0), (None, 1)])
def test_an_order_is_gone_only_where_its_practice_cancelled_it(year, heard, lost):
    year.scene.doctor(CANCELLED)
    for table, key in (("orders", "number"), ("order_lines", "number")):
        year.scene.doctor(f"delete from judge.{table} where {key} = '{number_of(3)}'")
    if heard:
        year.scene.log.acts.append(act("cancel", 3, heard))
    assert year.judged()["orders"]["lost"] == lost


def test_an_order_that_stands_although_its_cancelling_was_confirmed(year):
    year.scene.log.acts.append(act("cancel", 3))
    assert year.judged()["orders"]["lost"] == 1


def offered(year: Year, practice: int, place: int) -> None:
    """Somebody without an order stands at this place, and got an offer for the next day when 2 was moved there."""
    wish = lines(practice, NEXT_DAY, 100)
    year.scene.log.acts.append(replace(act("wish", practice, lines=wish), number=""))
    with psycopg.connect(year.scene.dsn, autocommit=True) as connection:
        connection.execute(
            "insert into judge.swaps values (1, %s, '', %s, 13, 'offered', %s, null, %s, 1, 100, %s, 0, %s, '')",
            [practice, place, ASKED, NEXT_DAY, practice, SERVED + timedelta(seconds=1)],
        )


def test_an_offer_stands_in_the_same_line_as_swaps(year):
    offered(year, 9, place=9)
    report = year.judged()
    # 3 has the smaller number and waited for as much of that day; 2 stood before both.
    assert report["notes"]["year"]["out_of_order"] == [13]
    assert report["offers"] == {"wanted": 1, "made": 1, "accepted": 0, "refused": 0, "unheard": 0}


def test_a_swap_that_was_served_before_who_has_no_order_and_a_smaller_number(year):
    offered(year, 9, place=1)
    assert year.judged()["notes"]["year"]["out_of_order"] == [11]


@pytest.mark.parametrize(("told", "unheard", "unasked"), [(True, [], []), (False, [13], ["B27-00009"])])
def test_an_offer_becomes_an_order_only_where_somebody_took_it(year, told, unheard, unasked):
    offered(year, 9, place=1)
    year.scene.log.practices.add(9)
    year.scene.doctor("update judge.swaps set state = 'served', placed = 'B27-00009' where swap = 13")
    year.scene.doctor("insert into judge.orders values (1, 9, 'B27-00009', gen_random_uuid(), now(), false)")
    year.scene.doctor(f"insert into judge.order_lines values (1, 'B27-00009', '{NEXT_DAY}', 1, 100, 9, 'Plein')")
    if told:
        year.scene.log.numbers[9].add("B27-00009")
        year.scene.log.acts.append(act("accept", 9, lines=lines(9, NEXT_DAY, 100)))
    notes = year.judged()["notes"]
    assert (notes["year"]["unheard"], notes["unasked_orders"], notes["lost"]) == (unheard, unasked, [])


@pytest.mark.parametrize("nothing", ["swaps.served", "changes.made"])
def test_a_year_in_which_nothing_happened_proves_nothing(year, nothing):
    year.scene.log.acts.clear()
    assert nothing in year.judged()["failed"]
