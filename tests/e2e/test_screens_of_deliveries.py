"""What people see once a delivery day was handed over, in every state of docs/pages.md that comes after it."""

import pytest
from django.utils import timezone

from balie.ordering.models import Consignment, PreAlert
from balie.ordering.services.consignments import hand_over_day
from balie.ordering.tests.desk import MONDAY
from balie.practices.models import Person
from tests.e2e.album import Walk
from tests.e2e.house import House
from tests.e2e.night import by_database

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(300)]

DOSES = 320
HOURS = (("08:00", "11:00"), ("09:30", "12:30"), ("13:00", "16:00"))


async def test_what_comes_after_a_day_was_handed_over(open_house, visit, album):
    house = open_house(doors_in=-3000, opens_in=-1500)
    house.leave_out_namesakes()
    house.make_room(MONDAY)
    for practice in (1, 5, 6, 7, 8):
        house.place(practice, doses=DOSES, day=MONDAY)
    dina, anna = await visit(house, "dina"), await visit(house, "anna")
    walk = Walk(house, album, {"organiser": dina, "owner": anna})
    await dina.log_in()
    await anna.log_in()
    house.end_free_changes()
    hand_over(house)
    await walk.see("handed over")


@by_database
def hand_over(house: House) -> None:
    """With a time for most."""
    dina = Person.objects.get(email=house.people["dina"].email)
    hand_over_day(campaign=house.campaign, day=MONDAY, actor=dina)
    for consignment, (starts, ends) in zip(Consignment.objects.order_by("pk"), HOURS, strict=False):
        PreAlert.objects.create(
            consignment=consignment, starts=starts, ends=ends, given_at=timezone.now(), given_by=dina
        )
