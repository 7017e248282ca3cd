"""What people see once a delivery day was handed over, in every state of docs/pages.md that comes after it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from balie.ordering.models import Campaign, Consignment, Intake, IntakeLine, PreAlert, Product
from balie.ordering.services.consignments import hand_over_day
from balie.ordering.services.wastage import Spent, account_for_wastage
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
    let_some_come(house, hand_over(house))
    await walk.see("handed over")
    let_them_account(house)
    await walk.see("accounting")


@by_database
def let_them_account(house: House) -> None:
    """Until a month from now: the practice that looks, and another one that did so."""
    Consignment.objects.update(day=timezone.localdate())
    due = timezone.localdate() + timedelta(days=31)
    Campaign.objects.filter(pk=house.campaign.pk).update(wastage_due=due)
    Product.objects.filter(code="flu").update(price_cents=690, allowance_permille=[50])
    other, flu = Consignment.objects.order_by("pk")[3], Product.objects.get(campaign=house.campaign, code="flu")
    account_for_wastage(
        campaign=house.campaign,
        practice=other.practice,
        spent={flu.pk: Spent(administered=DOSES - 40, left=40)},
        revision=None,
        actor=Person.objects.get(email=house.people["dina"].email),
        at=timezone.now(),
    )


@by_database
def let_some_come(house: House, dina: Person) -> None:
    """To the practice that looks it comes today; of the others one misses something, and one got it warm."""
    today, at = timezone.localdate(), timezone.now()
    mine, short, warm, whole, _unsaid = Consignment.objects.order_by("pk")
    Consignment.objects.filter(pk=mine.pk).update(day=today)
    common = {
        "rules_version": 1,
        "said_at": at,
        "due_at": at + timedelta(hours=24),
        "said_by": dina,
        "fridge_minutes": 20,
    }
    for consignment, came, broken in ((short, DOSES - 20, False), (warm, DOSES, True), (whole, DOSES, False)):
        intake = Intake.objects.create(
            consignment=consignment,
            outcome="whole" if came == DOSES else "differs",
            cold="broken" if broken else "kept",
            indicator="tripped" if broken else "good",
            story="De deur van de bus stond open" if broken else "",
            reach="Mevrouw Bos, 06 12345678" if broken else "",
            set_apart=broken,
            **common,
        )
        IntakeLine.objects.create(intake=intake, product_id=consignment.line_product[0], expected=DOSES, received=came)


@by_database
def hand_over(house: House) -> Person:
    """With a time for most."""
    dina = Person.objects.get(email=house.people["dina"].email)
    hand_over_day(campaign=house.campaign, day=MONDAY, actor=dina)
    for consignment, (starts, ends) in zip(Consignment.objects.order_by("pk"), HOURS, strict=False):
        PreAlert.objects.create(
            consignment=consignment, starts=starts, ends=ends, given_at=timezone.now(), given_by=dina
        )
    return dina
