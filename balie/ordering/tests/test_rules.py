"""The rules as advice: what is said, and that it agrees with the SQL that judges on the night."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from balie.ordering.models import Campaign, Product
from balie.ordering.queries.prepared import read_asked
from balie.ordering.rules import DoseRule, Finding, allowed_near, cap_in_doses, check_doses, check_total, fit
from balie.ordering.services.prepared import advise
from balie.ordering.testing import make_campaign, make_day, make_product
from balie.practices.models import PastUse
from balie.practices.testing import make_location, make_past_use, make_practice

FLU = DoseRule(product=1, name="Griep", step=10, minimum=10)


@pytest.mark.parametrize(
    ("doses", "finding"),
    [
        (0, None),
        (10, None),
        (650, None),
        (655, Finding("at", "step", "655 kan niet: kies 650 of 660.", (650, 660))),
        (1655, Finding("at", "step", "1.655 kan niet: kies 1.650 of 1.660.", (1650, 1660))),
        (5, Finding("at", "minimum", "5 is te weinig: het minimum is 10.", (10,))),
    ],
)
def test_an_amount_is_right_or_comes_with_its_repair(doses: int, finding: Finding | None):
    assert check_doses(FLU, doses, at="at") == finding


def test_a_minimum_counts_in_whole_steps():
    rule = DoseRule(product=1, name="Griep", step=20, minimum=30)
    assert rule.lowest == 40
    assert check_doses(rule, 30, at="at") == Finding("at", "minimum", "30 is te weinig: het minimum is 40.", (40,))


@pytest.mark.parametrize(
    ("ordered", "percent", "step", "cap"),
    [
        (90, 114, 10, 110),
        (640, 114, 10, 730),
        (100, 110, 10, 110),
        (None, 114, 10, None),
        (0, 114, 10, None),
        (90, None, 10, None),
    ],
)
def test_the_cap_is_a_share_of_last_year_in_whole_steps(
    ordered: int | None, percent: int | None, step: int, cap: int | None
):
    assert cap_in_doses(ordered_last_year=ordered, percent=percent, step=step) == cap


def test_the_cap_is_said_where_most_is_ordered():
    rule = DoseRule(product=1, name="Griep", step=10, minimum=10, cap=700)
    say = "750 is te veel: het maximum is dit jaar 700."
    assert check_total(rule, [("here", 150), ("there", 600)]) == Finding("there", "cap", say, (550,))
    assert check_total(rule, [("here", 100), ("there", 600)]) is None
    assert check_total(rule, [("a", 350), ("b", 350), ("c", 50)]).suggest == (300,)


def test_whether_an_amount_fits_the_practice():
    rule = DoseRule(product=1, name="Griep", step=10, minimum=10, cap=730)
    known = {"ordered_last_year": 640, "registered": 2640}
    assert fit(rule, 0, **known) == ""
    assert fit(rule, 650, **known) == "Past bij uw praktijk. Het maximum is 730."
    assert fit(rule, 740, **known) == ""
    assert fit(FLU, 1300, **known) == "Dat scheelt veel met vorig jaar. Klopt dat?"
    assert fit(rule, 300, **known) == "Dat scheelt veel met vorig jaar. Klopt dat?"
    assert fit(FLU, 2650, **known) == "Dat is meer dan uw 2.640 ingeschreven patiënten. Klopt dat?"
    assert fit(FLU, 650, ordered_last_year=None, registered=2640) == "Past bij uw praktijk."


@given(st.integers(1, 50), st.integers(0, 200), st.none() | st.integers(1, 2000), st.integers(1, 3000))
def test_what_is_suggested_would_do(step: int, minimum: int, cap: int | None, doses: int):
    cap = None if cap is None else -(-cap // step) * step
    rule = DoseRule(product=1, name="Griep", step=step, minimum=minimum, cap=cap)
    for amount in allowed_near(rule, doses):
        assert check_doses(rule, amount, at="at") is None
        assert check_total(rule, [("at", amount)]) is None


def refused_by_sql(campaign: Campaign, practice: int, product: Product, amounts: list[tuple[int, int]]) -> bool:
    """Whether the function that judges on the night finds fault; amounts are (location, doses)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select ordering_check_lines_v1(%s, %s::bigint[], array[1], array[%s], %s::bigint[], %s::bigint[],"
            " %s::bigint[], %s::date[], array[1], array[0], '{}'::date[])",
            [
                campaign.pk,
                [practice],
                len(amounts),
                [product.pk] * len(amounts),
                [location for location, _doses in amounts],
                [doses for _location, doses in amounts],
                ["2027-10-12"] * len(amounts),
            ],
        )
        return cursor.fetchone()[0] != [None]


@pytest.mark.slow
@pytest.mark.django_db
def test_the_advice_agrees_with_the_sql():
    practice, campaign = make_practice(), make_campaign()
    make_day(campaign, "2027-10-12")
    product = make_product(campaign)
    here, there = make_location(practice), make_location(practice, "Dependance")
    make_past_use(practice, ordered=0)

    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.sampled_from([(10, 10), (10, 0), (10, 30), (20, 30), (7, 5), (1, 1)]),
        st.none() | st.integers(50, 200),
        st.integers(0, 700),
        st.integers(1, 900) | st.integers(1, 90).map(lambda tens: tens * 10),
        st.none() | st.integers(1, 90).map(lambda tens: tens * 10),
    )
    @example((10, 10), 114, 90, 110, None)
    @example((10, 10), 114, 90, 60, 60)
    def agree(rule: tuple[int, int], percent: int | None, ordered: int, doses: int, more: int | None) -> None:
        Product.objects.update(step=rule[0], minimum=rule[1])
        Campaign.objects.update(cap_percent=percent)
        PastUse.objects.update(ordered=ordered)
        campaign.refresh_from_db()
        amounts = [(here.pk, doses)] + ([(there.pk, more)] if more else [])
        advice = advise(read_asked(campaign, practice), {(product.pk, place): amount for place, amount in amounts})
        assert bool(advice) == refused_by_sql(campaign, practice.pk, product, amounts)

    agree()
