"""Whether a draw was fair: a fair one is called so, and each way of being unfair is seen."""

import random
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Campaign
from balie.ordering.queries.fairness import Correlation, Fairness, Part, read_fairness
from balie.ordering.services.report_fairness import judge
from balie.ordering.tests.past_night import by_lot, first_come_first_served, make_past_night
from balie.practices.models import Practice
from balie.practices.testing import make_cast
from balie.waitingroom.models import Round, Ticket


def fairness(**changes) -> Fairness:
    return Fairness(
        **{
            "position": 1,
            "name": "",
            "drawn_at": timezone.now(),
            "count": 100,
            "recomputed": True,
            "has_beacon": True,
            "with_arrival": Correlation(0.0, 100),
            "with_size": Correlation(0.0, 100),
            "by_arrival": [Part(50, 25), Part(50, 25)],
            "by_size": [],
        }
        | changes
    )


@pytest.mark.django_db
def test_a_draw_that_was_done_as_published_is_called_fair():
    (draw,) = read_fairness(make_past_night(200).campaign)
    assert draw.recomputed
    assert draw.as_expected
    assert judge(draw).good
    assert judge(draw).says.startswith("Eerlijk: ")
    assert [part.practices for part in draw.by_arrival] == [20] * 10
    assert [part.practices for part in draw.by_size] == [50] * 4
    assert sum(part.in_front for part in draw.by_arrival) == 100


@pytest.mark.django_db
def test_first_come_first_served_is_seen_twice():
    """It does not recompute; and who looks from outside sees that early practices have low numbers."""
    (draw,) = read_fairness(make_past_night(200, draw=first_come_first_served).campaign)
    assert not draw.recomputed
    assert judge(draw).says.startswith("De nummers kloppen niet met het zegel en de lijst.")
    assert draw.with_arrival == Correlation(pytest.approx(1.0), 200)
    assert not draw.with_arrival.expected
    assert [part.in_front for part in draw.by_arrival] == [20] * 5 + [0] * 5


@pytest.mark.django_db
def test_numbers_that_go_with_size_are_seen():
    night = make_past_night(200)
    numbers = dict(Ticket.objects.values_list("holder", "number"))
    for practice in night.practices[:200]:
        Practice.objects.filter(pk=practice.pk).update(registered_count=1000 + numbers[practice.pk])
    (draw,) = read_fairness(night.campaign)
    assert draw.with_size == Correlation(pytest.approx(1.0), 200)
    assert not judge(draw).good
    assert judge(draw).says.startswith("Wie klein is, kreeg vaker een laag nummer")
    assert "nagerekend en kloppen" in judge(draw).says


@pytest.mark.django_db
def test_practices_of_one_size_say_nothing_about_size():
    night = make_past_night(60)
    Practice.objects.update(registered_count=2000)
    (draw,) = read_fairness(night.campaign)
    assert draw.with_size is None
    assert judge(draw).good


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["seed", "seed_hash", "list_hash"])
def test_a_draw_that_differs_from_what_was_published_is_seen(field):
    night = make_past_night(60)
    Round.objects.update(**{field: b"\x01" * 32})
    (draw,) = read_fairness(night.campaign)
    assert not draw.recomputed
    assert not judge(draw).good


@pytest.mark.django_db
def test_two_numbers_that_changed_places_are_seen():
    night = make_past_night(60)
    one, two = Ticket.objects.filter(number__in=(1, 2)).order_by("number")
    Ticket.objects.filter(pk=one.pk).update(number=10_000)
    Ticket.objects.filter(pk=two.pk).update(number=1)
    Ticket.objects.filter(pk=one.pk).update(number=2)
    (draw,) = read_fairness(night.campaign)
    assert not draw.recomputed


@pytest.mark.django_db
def test_every_group_is_judged_by_itself():
    draws = read_fairness(make_past_night(120, groups=("Noord", "Zuid", "Rest")).campaign)
    assert [(draw.name, draw.count, draw.recomputed) for draw in draws] == [
        ("Noord", 40, True),
        ("Zuid", 40, True),
        ("Rest", 40, True),
    ]


@pytest.mark.django_db
def test_who_came_after_the_draw_is_no_part_of_it():
    night = make_past_night(60)
    last = Ticket.objects.order_by("-number")[0]
    Ticket.objects.create(
        id=UUID(int=1),
        room=night.campaign.room,
        holder=night.practices[-1].pk,
        arrival=61,
        arrived_at=last.called_at,
        number=last.number + 1,
    )
    (draw,) = read_fairness(night.campaign)
    assert (draw.count, draw.recomputed) == (60, True)


@pytest.mark.django_db
def test_of_a_few_practices_nothing_is_said_but_that_it_recomputes():
    (draw,) = read_fairness(make_past_night(12).campaign)
    assert (draw.with_arrival, draw.with_size) == (None, None)
    assert judge(draw).good
    assert "te weinig praktijken" in judge(draw).says


def test_a_draw_of_nobody_claims_nothing():
    assert judge(fairness(count=0)).says.startswith("Niemand was op tijd")


@pytest.mark.django_db
def test_a_round_that_is_not_drawn_has_no_verdict():
    night = make_past_night(30)
    Round.objects.update(drawn_at=None)
    assert read_fairness(night.campaign) == []


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({}, "Eerlijk: "),
        ({"with_arrival": Correlation(0.3, 100)}, "Wie vroeg kwam, kreeg vaker een laag nummer"),
        ({"with_arrival": Correlation(-0.3, 100)}, "Wie laat kwam, kreeg vaker een laag nummer"),
        ({"with_size": Correlation(-0.3, 100)}, "Wie groot is, kreeg vaker een laag nummer"),
        ({"with_arrival": Correlation(0.25, 100)}, "Eerlijk: "),
    ],
)
def test_the_verdict_is_plain(changes, begins):
    assert judge(fairness(**changes)).says.startswith(begins)


def test_the_expected_range_holds_99_of_100_fair_draws():
    """By drawing: 400 orders of 100 practices, of which some four should be outside."""
    chance, outside = random.Random(27), 0
    for _ in range(400):
        places = chance.sample(range(100), 100)
        squares = sum((place - came) ** 2 for came, place in enumerate(places))
        outside += not Correlation(1 - 6 * squares / (100 * (100**2 - 1)), 100).expected
    assert 0 < outside <= 12


def test_the_band_of_a_part_holds_99_of_100_fair_draws():
    chance, outside, draw = random.Random(28), 0, fairness(count=200)
    for _ in range(400):
        part = Part(20, sum(place < 100 for place in chance.sample(range(200), 20)))
        low, high = draw.band(part)
        outside += not low <= part.share <= high
    assert outside <= 12


@pytest.mark.django_db
def test_the_control_room_shows_each_draw_as_it_comes():
    cast = make_cast()
    night = make_past_night(120, groups=("Noord", "Zuid"))
    client = Client()
    client.force_login(cast.organiser)
    Round.objects.filter(position=2).update(drawn_at=None)
    for path in ("/regiekamer/2027/", "/regiekamer/2027/eerlijkheid/"):
        page = client.get(path).content.decode()
        assert "Eerlijk: " in page
        assert "<strong>Noord</strong>" in page
        assert "<strong>Zuid</strong>" not in page
    Round.objects.update(drawn_at=None)
    assert "Er is nog niet geloot." in client.get("/regiekamer/2027/eerlijkheid/").content.decode()
    assert Campaign.objects.get() == night.campaign


def test_the_drawing_of_these_tests_is_a_draw():
    tickets = [UUID(int=n) for n in range(50)]
    assert by_lot(tickets) != first_come_first_served(tickets)
    assert sorted(by_lot(tickets)) == tickets
