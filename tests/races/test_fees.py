"""Fees are never charged twice: who notes the same thing at the same moment notes it once."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from balie.ordering.models import Campaign, Consignment, LateRequest, MissedDelivery
from balie.ordering.queries.fees import read_total
from balie.ordering.services.fees import note_missed
from balie.ordering.services.requests import grant_request
from balie.practices.testing import Cast
from tests.races.test_late_requests import ask, at_once, cast  # noqa: F401 - a fixture


@pytest.fixture
def came(cast: Cast) -> Consignment:  # noqa: F811 - as above
    campaign = Campaign.objects.get()
    found = Consignment.objects.create(
        campaign=campaign,
        day=timezone.localdate() - timedelta(days=3),
        practice=cast.practice,
        number="B27-00001",
        address="Hoofdweg 1",
        line_product=[campaign.products.get().pk],
        line_doses=[650],
    )
    Campaign.objects.update(free_attempts=1)
    return found


def note(cast: Cast, came: Consignment) -> None:  # noqa: F811 - as above
    note_missed(campaign=came.campaign, delivery=came.pk, day=came.day, actor=cast.organiser)


def test_two_who_note_the_same_attempt_charge_it_once(cast, came):  # noqa: F811 - as above
    assert sorted(at_once(*[lambda: note(cast, came)] * 2)) == ["done", "repeated"]
    assert read_total(came.campaign, cast.practice) == 4000


def test_control_without_the_constraint_it_is_charged_twice(cast, came):  # noqa: F811 - as above
    with connection.cursor() as cursor:
        cursor.execute("alter table ordering_missed_delivery drop constraint ordering_missed_delivery_once_a_day")
    for _ in range(2):  # what both would write who looked before either wrote
        MissedDelivery.objects.create(consignment=came, day=came.day, noted_at=timezone.now(), noted_by=cast.organiser)
    assert read_total(came.campaign, cast.practice) == 8000


def test_two_who_grant_the_same_request_charge_it_once(cast):  # noqa: F811 - as above
    asked = ask(cast)

    def grant() -> None:
        grant_request(request=LateRequest.objects.get(pk=asked.pk), answer="", actor=cast.organiser, at=timezone.now())

    assert sorted(at_once(grant, grant)) == ["decided", "done"]
    assert read_total(asked.campaign, cast.practice) == 4000


def test_a_fee_that_is_rolled_back_is_no_fee(cast, came):  # noqa: F811 - as above
    with transaction.atomic():
        note(cast, came)
        transaction.set_rollback(True)
    assert read_total(came.campaign, cast.practice) == 0
