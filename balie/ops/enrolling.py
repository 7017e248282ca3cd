"""Makes who the probes are. Whatever is there already stays, so this may run as often as one likes.

It runs in a process of its own: the watch itself never opens the product's database through Django.
"""

import asyncio
import secrets
import time
from datetime import timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from balie.consult.client.application import Application, ProblemError
from balie.consult.client.enrolment import deposit, state_keys
from balie.consult.client.trail import Tried
from balie.consult.client.transport import http_transport
from balie.consult.client.vault import Vault
from balie.consult.keyservers import KeyServerAt
from balie.ops.card import Card, Login, folder, read_card, read_keys, write_card
from balie.ops.keys import keyring_and_device, save_public
from balie.ops.lacking import NotSetUpError
from balie.ordering.models import Campaign, DeliveryDay
from balie.ordering.services.campaigns import CampaignRules, ProductRules, create_campaign
from balie.practices.models import Location, Membership, Person, Practice

NAME: Final = "Balie, bewaking"
AGB_CODE: Final = "00000000"  # of nobody
SLUG: Final = "watch"
STEP: Final = 10
CAMPAIGN_LASTS: Final = timedelta(days=3650)
NO_KEYS: Final = "no_keys"


@transaction.atomic
def enrol_people() -> Card:
    """Rows for the probes, in the database that the settings name, and the card that names them."""
    try:
        card = read_card()
        if _stands(card):
            return card
    except NotSetUpError:
        pass
    practice, _ = Practice.objects.get_or_create(
        agb_code=AGB_CODE, defaults={"name": NAME, "registered_count": 0, "email": _address(1)}
    )
    location, _ = Location.objects.get_or_create(
        practice=practice, defaults={"name": NAME, "street": "-", "postcode": "9999 ZZ", "city": "-"}
    )
    campaign = Campaign.objects.filter(is_probe=True).first() or _open_campaign()
    card = Card(
        practice=practice.pk,
        location=location.pk,
        campaign=campaign.pk,
        product=campaign.products.get().pk,
        day=campaign.days.get().day,
        people=(_let_log_in(practice, 1), _let_log_in(practice, 2)),
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
    """Open from now on, with one day that has room for one order."""
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
    DeliveryDay.objects.create(campaign=campaign, day=day, doses_limit=STEP, addresses_limit=1)
    return campaign


def _let_log_in(practice: Practice, number: int) -> Login:
    """With a new password and a new secret: the old ones are not known any more."""
    password, secret = secrets.token_urlsafe(32), generate_totp_secret()
    person, _ = Person.objects.get_or_create(email=_address(number), defaults={"name": NAME})
    person.is_active = True
    person.set_password(password)
    person.save()
    Authenticator.objects.filter(user=person).delete()
    TOTP.activate(person, secret)
    Membership.objects.get_or_create(person=person, practice=practice, defaults={"role": Membership.Role.ASSISTANT})
    return Login(person.pk, person.pass_generation, person.email, password, secret)


def _address(number: int) -> str:
    return f"watch{number}@{settings.MAIL_DOMAIN}".lower()


async def enrol_keys(card: Card) -> list[Tried]:
    """Make these keys known to the application and the key servers. Returns who of them has no share yet, and why."""
    keyring, device = keyring_and_device(folder())
    async with http_transport(origin=settings.ORIGINS[0]) as http:
        application = Application(settings.ORIGINS[0], card.make_pass(), http, asyncio.sleep)
        try:
            await application.tokens()
        except ProblemError as problem:
            if problem.code != NO_KEYS:
                raise
            await state_keys(application, keyring, device, at=int(time.time()))
        tokens = (await application.tokens()).tokens

        async def token(server: KeyServerAt) -> str:
            return tokens[server.server]

        vault = Vault(settings.KEY_SERVERS, http, token)
        try:
            if not await vault.held(read_keys().public):
                return []
        except NotSetUpError:
            pass
        version = await _version(application)
        enrolled = await deposit(application, vault, keyring, device, at=int(time.time()), version=version + 1)
    save_public(folder(), enrolled.public)
    return list(enrolled.missing)


async def _version(application: Application) -> int:
    """Of the keyset that the application keeps already; 0 for none."""
    try:
        return (await application.keyset()).version
    except ProblemError as problem:
        if problem.status != 404:
            raise
        return 0
