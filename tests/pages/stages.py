"""The states of a campaign in which pages are looked at, and who looks at them."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import connection
from django.utils import timezone

from balie.ordering.hot import Line
from balie.ordering.models import Campaign, Consignment, Hold, Swap
from balie.ordering.services.consignments import hand_over_day
from balie.ordering.services.orders import cancel_order
from balie.ordering.services.trial import open_trial
from balie.ordering.services.wishes import ask_for_room
from balie.ordering.swapping import SERVE
from balie.ordering.testing import (
    make_campaign,
    make_day,
    make_hold,
    make_order,
    make_product,
    make_ticket,
    place_order,
)
from balie.ordering.tests.desk import MONDAY
from balie.patients.relations import state_relation
from balie.patients.testing import make_patient
from balie.practices.importing.jobs import upload_import
from balie.practices.models import Membership, OrganiserRole, Person
from balie.practices.testing import Cast, make_membership, make_person

NUMBER = "B27-00001"
NEWCOMER = "Wim Nieuw"


def people(cast: Cast) -> dict[str, Person | None]:
    """By the names of the table's columns."""
    return {
        "nobody": None,
        "newcomer": make_person(NEWCOMER),
        "owner": cast.owner,
        "manager": _manager(cast),
        "colleague": cast.colleague,
        "outsider": cast.outsider,
        "organiser": cast.organiser,
        "staff": make_person("Eva Smit", is_organiser=True, organiser_role=OrganiserRole.STAFF),
        "auditor": make_person("Fred Smit", is_organiser=True, organiser_role=OrganiserRole.AUDITOR),
        "distributor": make_person("Dirk Rijder", is_distributor=True),
    }


def _manager(cast: Cast) -> Person:
    person = make_person("Marja Linde")
    make_membership(person, cast.practice, Membership.Role.MANAGER)
    return person


def _campaign(**times: timedelta) -> Campaign:
    now = timezone.now()
    campaign = make_campaign(slug="2027", **{name: now + later for name, later in times.items()})
    make_product(campaign)
    make_day(campaign, MONDAY)
    return campaign


def _before(_cast: Cast) -> Campaign:
    return _campaign(doors_at=timedelta(hours=1), opens_at=timedelta(hours=2))


def _doors(cast: Cast) -> Campaign:
    campaign = _campaign(doors_at=timedelta(hours=-1), opens_at=timedelta(hours=1))
    make_ticket(campaign, cast.practice)
    return campaign


def _called(cast: Cast) -> Campaign:
    campaign = _campaign()
    make_ticket(campaign, cast.practice, number=1)
    make_ticket(campaign, cast.other_practice, number=2, called=False)
    return campaign


def _holding(cast: Cast) -> Campaign:
    campaign = _called(cast)
    make_hold(campaign, cast.practice, [(campaign.products.get(), cast.practice.locations.get(), 650, MONDAY)])
    return campaign


def _waiting(cast: Cast) -> Campaign:
    campaign = _called(cast)
    wish_for(campaign, cast, MONDAY)
    return campaign


def _offered(cast: Cast) -> Campaign:
    campaign = _waiting(cast)
    with connection.cursor() as cursor:
        cursor.execute(SERVE, [Swap.objects.get().pk, "balie.example"])
    return campaign


def wish_for(campaign: Campaign, cast: Cast, day: date) -> None:
    """Its owner waits for room on the day."""
    line = Line(campaign.products.get().pk, cast.practice.locations.get().pk, 650, day)
    called = Campaign.objects.get(pk=campaign.pk)  # with its room as it is by now
    ask_for_room(campaign=called, practice=cast.practice, lines=[line], actor=cast.owner)


def _ordered(cast: Cast) -> Campaign:
    campaign = _called(cast)
    line = (campaign.products.get(), cast.practice.locations.get(), 650, MONDAY)
    make_order(campaign, cast.practice, [line], number=NUMBER, placed_by=cast.owner)
    return campaign


def _handed_over(cast: Cast) -> Campaign:
    """Nothing of it can be changed for nothing any more."""
    campaign = _ordered(cast)
    Campaign.objects.filter(pk=campaign.pk).update(change_limit=366, change_unit="days")
    hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser)
    return campaign


def _reordering(cast: Cast) -> Campaign:
    campaign = _ordered(cast)
    order = campaign.orders.get()
    line = (campaign.products.get(), cast.practice.locations.get(), 650, MONDAY)
    make_hold(campaign, cast.practice, [line], key=order.hold_key, state=Hold.State.ORDERED)
    campaign.reorders_open_at = campaign.opens_at
    campaign.reorders_close_at = campaign.opens_at + timedelta(days=300)
    campaign.save()
    return campaign


def _accounting(cast: Cast) -> Campaign:
    """What was handed over came, and practices say what became of it."""
    campaign, today = _handed_over(cast), timezone.localdate()
    Consignment.objects.update(day=today)
    Campaign.objects.filter(pk=campaign.pk).update(wastage_due=today)
    return campaign


def _cancelled(cast: Cast) -> Campaign:
    campaign = _called(cast)
    line = (campaign.products.get(), cast.practice.locations.get(), 650, MONDAY)
    order = place_order(campaign, cast.practice, [line], placed_by=cast.owner)
    in_time = timezone.now() - timedelta(days=5 * 365)
    cancel_order(campaign=campaign, practice=cast.practice, number=order.number, actor=cast.owner, at=in_time)
    return campaign


def _closed(_cast: Cast) -> Campaign:
    return _campaign(opens_at=timedelta(days=-2), closes_at=timedelta(days=-1))


def _trial(cast: Cast) -> Campaign:
    return open_trial(campaign=_before(cast), until=timezone.now() + timedelta(minutes=30), actor=None)


def _import(cast: Cast) -> None:
    upload_import(content=b"iets", file_name="praktijken.csv", actor=cast.organiser)


def _patient(cast: Cast) -> None:
    parent = make_patient(cast.practice, Person.objects.get(name=NEWCOMER))
    born = timezone.localdate().replace(day=1) - timedelta(days=8 * 365)
    child = make_patient(cast.practice, name="Noor Nieuw", birth_date=born)
    state_relation(patient=child, email=parent.email, kind="father", child_agrees=False, actor=cast.owner)


# Each makes the state, and gives the campaign that the pages are about.
STAGES: dict[str, Callable[[Cast], Campaign | None]] = {
    "any": lambda _cast: None,
    "an import": _import,
    "a patient": _patient,
    "nothing to order": lambda _cast: None,
    "before the doors": _before,
    "doors open": _doors,
    "called": _called,
    "holding": _holding,
    "waiting for a day": _waiting,
    "offered a day": _offered,
    "ordered": _ordered,
    "handed over": _handed_over,
    "re-ordering": _reordering,
    "accounting": _accounting,
    "cancelled": _cancelled,
    "closed": _closed,
    "trial": _trial,
}
