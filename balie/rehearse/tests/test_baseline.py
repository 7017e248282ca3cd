"""The bench compares like with like: the hand-written functions decide as the product's, case by case."""

from datetime import timedelta
from importlib.resources import files
from uuid import UUID, uuid4

import psycopg
import pytest
from django.utils import timezone

from balie.ordering import testing as ordering
from balie.practices import testing as practices

DAY = "2027-10-12"


class Two:
    """One practice in two campaigns that are alike: the product settles in one, the baseline in the other."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.practice = practices.make_practice()
        self.location = practices.make_location(self.practice)
        self.actor = practices.make_person().pk
        self.campaigns = [ordering.make_campaign(called=9, cap_percent=120) for _ in range(2)]
        self.products = [ordering.make_product(campaign) for campaign in self.campaigns]
        for campaign in self.campaigns:
            ordering.make_day(campaign, DAY, doses=500, addresses=1)
            ordering.make_ticket(campaign, self.practice, number=3)

    def hold(self, doses: int, *, key: UUID, day: str = DAY, location: int | None = None) -> tuple[str, str]:
        place = location or self.location.pk
        ours, theirs = self.campaigns
        products = (
            "select outcome from ordering_hold_batch_v1(%s, %s, %s, %s, '{0}', '{1}', %s, %s, %s, %s, '{0}', '{}')"
        )
        lines = ([self.products[0].pk], [place], [doses], [day])
        first = self.one(products, ours.pk, [self.practice.pk], [key], [self.actor], *lines)
        baseline = "select bench.hold(%s, %s, %s, %s, %s, %s, %s, %s)"
        lines = ([self.products[1].pk], [place], [doses], [day])
        try:
            return first, self.one(baseline, theirs.pk, self.practice.pk, key, self.actor, *lines)
        except psycopg.errors.RaiseException:
            return first, "full"

    def confirm(self, key: UUID) -> tuple[str, str]:
        ours, theirs = self.campaigns
        product = "select outcome from ordering_confirm_batch_v1(%s, %s, %s, %s, '{0}', 'bench.example')"
        first = self.one(product, ours.pk, [self.practice.pk], [key], [self.actor])
        second = self.one("select bench.confirm(%s, %s, %s, %s)", theirs.pk, self.practice.pk, key, self.actor)
        return first, "ordered" if second.startswith("B27-") else second

    def one(self, query: str, *values: object) -> str:
        row = self.connection.execute(query, values).fetchone()
        assert row is not None
        return row[0]

    def rows(self, query: str) -> tuple[list, list]:
        ours, theirs = (
            self.connection.execute(query, {"campaign": campaign.pk}).fetchall() for campaign in self.campaigns
        )
        return ours, theirs


@pytest.fixture
def two(installation) -> Two:
    with installation.connect() as connection:
        connection.execute((files("balie.rehearse.bench") / "baseline.sql").read_bytes())
        yield Two(connection)


def test_an_order_leaves_the_same_rows(two):
    key = uuid4()
    assert two.hold(100, key=uuid4()) == ("held", "held")
    assert two.hold(250, key=key) == ("held", "held")  # replaces the first
    assert two.hold(250, key=key) == ("held", "held")
    assert two.confirm(key) == ("ordered", "ordered")
    assert two.confirm(key) == ("ordered", "ordered")
    assert two.hold(100, key=uuid4()) == ("already_ordered", "already_ordered")
    for query in (
        "select day, doses_taken, addresses_taken from judge.days where campaign = %(campaign)s",
        "select state, day, doses, location from judge.holds where campaign = %(campaign)s",
        "select practice, hold_key from judge.orders where campaign = %(campaign)s",
        "select day, doses, location, address from judge.order_lines where campaign = %(campaign)s",
        "select recipient, state from judge.mail join judge.orders on number = reference where campaign = %(campaign)s",
        "select uses from ordering_stop where campaign_id = %(campaign)s",
        "select action from practices_audit_event join judge.orders on number = subject where campaign = %(campaign)s",
    ):
        ours, theirs = two.rows(query)
        assert ours == theirs
        assert ours


@pytest.mark.parametrize(
    ("doses", "more", "outcome"),
    [
        (105, {}, "bad_lines"),
        (0, {}, "bad_lines"),
        (100, {"day": "2027-10-13"}, "bad_lines"),
        (100, {"location": 1_000_000}, "bad_lines"),
        (510, {}, "full"),
    ],
)
def test_both_refuse_alike(two, doses, more, outcome):
    assert two.hold(doses, key=uuid4(), **more) == (outcome, outcome)


def test_both_refuse_who_was_not_called_and_who_comes_too_late(two):
    key = uuid4()
    assert two.confirm(key) == ("no_hold", "no_hold")
    assert two.hold(100, key=key) == ("held", "held")
    assert two.confirm(uuid4()) == ("replaced", "replaced")
    for campaign in two.campaigns:
        late = timezone.now() - timedelta(days=365)  # the clock stands where the template was made
        two.connection.execute("update ordering_hold set expires_at = %s where campaign_id = %s", [late, campaign.pk])
        two.connection.execute("update waitingroom_ticket set number = 99 where room_id = %s", [campaign.room_id])
    assert two.confirm(key) == ("lapsed", "lapsed")
    assert two.hold(100, key=uuid4()) == ("not_called", "not_called")
