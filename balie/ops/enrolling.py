"""Makes who the probes are. Whatever is there already stays, so this may run as often as one likes.

It runs in a process of its own: the watch itself never opens the product's database through Django.
"""

import asyncio
import secrets
from datetime import timedelta
from typing import Final

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from balie.consult.client.application import Application
from balie.consult.client.machine import enrol
from balie.consult.client.trail import Tried
from balie.consult.client.transport import http_transport
from balie.ops.card import Card, Login, folder, read_card, write_card
from balie.ops.lacking import NotSetUpError
from balie.ops.probes.looking import Unwell
from balie.ops.probes.order import Order
from balie.ordering.models import Campaign, DeliveryDay
from balie.ordering.services.campaigns import CampaignRules, ProductRules, create_campaign
from balie.practices.models import Location, Membership, Person, Practice

NAME: Final = "Balie, bewaking"
AGB_CODES: Final = [f"000000{number:02}" for number in range(100)]  # of nobody
WATCHES_MOST: Final = 10  # that hold their date at the same moment
SLUG: Final = "watch"
STEP: Final = 10
CAMPAIGN_LASTS: Final = timedelta(days=3650)
CALLED_WITHIN_S: Final = 30.0
AGAIN_S: Final = 0.5


@transaction.atomic
def enrol_people() -> Card:
    """Rows for the probes, in the database that the settings name, and the card that names them."""
    try:
        card = read_card()
        if _stands(card):
            return card
    except NotSetUpError:
        pass
    practice = _add_practice()
    location = Location.objects.create(practice=practice, name=NAME, street="-", postcode="9999 ZZ", city="-")
    campaign = Campaign.objects.filter(is_probe=True).first() or _open_campaign()
    card = Card(
        practice=practice.pk,
        location=location.pk,
        campaign=campaign.pk,
        product=campaign.products.get().pk,
        day=campaign.days.get().day,
        people=(_add_person(practice, 1), _add_person(practice, 2)),
    )
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    write_card(card)
    return card


def _stands(card: Card) -> bool:
    people = Person.objects.filter(is_active=True, practices=card.practice)
    generations = {(each.person, each.generation) for each in card.people}
    return (
        Campaign.objects.filter(pk=card.campaign, is_probe=True).exists()
        and set(people.values_list("pk", "pass_generation")) >= generations
    )


def _open_campaign() -> Campaign:
    """Open from now on, with one day."""
    now = timezone.now()
    rules = CampaignRules(
        doors_at=now,
        opens_at=now,
        closes_at=now + CAMPAIGN_LASTS,
        pace=60,
        window_s=60,
        products=(ProductRules("flu", NAME, step=STEP, minimum=STEP),),
    )
    campaign = create_campaign(slug=SLUG, name=NAME, year=now.year, rules=rules)
    campaign.is_probe = True
    campaign.save(update_fields=["is_probe"])
    day = timezone.localdate(rules.closes_at)
    DeliveryDay.objects.create(
        campaign=campaign, day=day, doses_limit=WATCHES_MOST * STEP, addresses_limit=WATCHES_MOST
    )
    return campaign


def _add_practice() -> Practice:
    """Of its own for each watch: two would use each other's codes, and take each other's hold away."""
    taken = set(Practice.objects.filter(agb_code__in=AGB_CODES).values_list("agb_code", flat=True))
    agb_code = next(each for each in AGB_CODES if each not in taken)
    return Practice.objects.create(agb_code=agb_code, name=NAME, registered_count=0, email=_address(agb_code))


def _add_person(practice: Practice, number: int) -> Login:
    """Who can log in, with an app that has codes."""
    password, secret = secrets.token_urlsafe(32), generate_totp_secret()
    person = Person(email=_address(f"{practice.agb_code}-{number}"), name=NAME)
    person.set_password(password)
    person.save()
    TOTP.activate(person, secret)
    Membership.objects.create(person=person, practice=practice, role=Membership.Role.ASSISTANT)
    return Login(person.pk, person.pass_generation, person.email, password, secret)


def _address(name: str) -> str:
    return f"watch-{name}@{settings.MAIL_DOMAIN}".lower()


async def take_place() -> None:
    """Join, and wait until the number is called: from then on it stays so, and holding can be looked at. Raises Unwell
    with what is in the way.
    """
    ends = asyncio.get_running_loop().time() + CALLED_WITHIN_S
    while True:
        try:
            await Order().look()
        except Unwell:
            if asyncio.get_running_loop().time() > ends:
                raise
            await asyncio.sleep(AGAIN_S)
        else:
            return


async def enrol_keys(card: Card) -> list[Tried]:
    """Make these keys known to the application and the key servers. Returns who of them has no share yet, and why."""
    async with http_transport(origin=settings.ORIGINS[0]) as http:
        application = Application(settings.ORIGINS[0], card.make_pass(), http, asyncio.sleep)
        return await enrol(folder(), application, http, settings.KEY_SERVERS)
