"""Builders for tests: plain functions that write rows, and the fixed cast. Not for production code."""

import time
from dataclasses import dataclass
from itertools import count

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.test import Client

from balie.practices.models import Location, Membership, OrganiserRole, PastUse, Person, Practice

PASSWORD = "een lang wachtwoord 27"
_numbers = count(1)


def make_person(
    name: str = "Sam Jansen",
    *,
    email: str | None = None,
    password: str | None = None,
    is_organiser: bool = False,
    is_distributor: bool = False,
    organiser_role: OrganiserRole = OrganiserRole.ADMIN,
) -> Person:
    """Somebody who can log in, by session; give a password only where the login page is used: hashing is slow."""
    person = Person(
        email=email or f"persoon{next(_numbers)}@voorbeeld.example",
        name=name,
        is_organiser=is_organiser,
        organiser_role=organiser_role if is_organiser else "",
        is_distributor=is_distributor,
        password=make_password(password),
    )
    person.save()
    return person


def make_practice(
    name: str = "Huisartsenpraktijk De Linde",
    *,
    agb_code: str | None = None,
    registered_count: int = 2095,
    email: str = "praktijk@voorbeeld.example",
    second_email: str = "",
) -> Practice:
    return Practice.objects.create(
        agb_code=agb_code or f"01{next(_numbers):06}",
        name=name,
        registered_count=registered_count,
        email=email,
        second_email=second_email,
    )


def make_location(
    practice: Practice,
    name: str = "Hoofdlocatie",
    *,
    street: str = "Lindelaan 1",
    postcode: str = "1234 AB",
    city: str = "Ons Dorp",
) -> Location:
    return Location.objects.create(practice=practice, name=name, street=street, postcode=postcode, city=city)


def make_membership(
    person: Person, practice: Practice, role: Membership.Role = Membership.Role.ASSISTANT
) -> Membership:
    return Membership.objects.create(person=person, practice=practice, role=role)


def make_past_use(
    practice: Practice,
    product_code: str = "flu",
    *,
    year: int = 2026,
    ordered: int = 650,
    administered: int | None = 610,
) -> PastUse:
    return PastUse.objects.create(
        practice=practice, year=year, product_code=product_code, ordered=ordered, administered=administered
    )


@dataclass(frozen=True)
class Cast:
    """Who appears in access tests: an owner, a colleague, and an outsider who must see nothing of theirs."""

    practice: Practice
    owner: Person
    colleague: Person
    other_practice: Practice
    outsider: Person
    organiser: Person


def make_cast() -> Cast:
    practice = make_practice()
    make_location(practice)
    other = make_practice("Huisartsenpraktijk De Eik", email="eik@voorbeeld.example")
    make_location(other, street="Eikenweg 2")
    cast = Cast(
        practice=practice,
        owner=make_person("Anna de Vries"),
        colleague=make_person("Bilal Aydin"),
        other_practice=other,
        outsider=make_person("Chris Bakker"),
        organiser=make_person("Dina Smit", is_organiser=True),
    )
    make_membership(cast.owner, practice, Membership.Role.GP)
    make_membership(cast.colleague, practice)
    make_membership(cast.outsider, other, Membership.Role.MANAGER)
    return cast


def make_totp(person: Person) -> str:
    """Turn on the second step of logging in; returns the secret that their app would know."""
    secret: str = generate_totp_secret()
    TOTP.activate(person, secret)
    return secret


def confirm_second_factor(client: Client, person: Person) -> None:
    """Let the browser that is logged in as this person have shown a second factor."""
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if found is None:
        make_totp(person)
        found = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    session = client.session
    request = HttpRequest()
    request.session = session
    record_authentication(request, person, "mfa", id=found.pk, type=found.type)
    session.save()


def totp_code(secret: str, *, periods_from_now: int = 0) -> str:
    """What the app shows now, or so many half minutes from now."""
    counter = int(time.time()) // mfa_settings.TOTP_PERIOD + periods_from_now
    code: str = format_hotp_value(hotp_value(secret, counter))
    return code


def logged_in(person: Person) -> Client:
    """Their browser, by session."""
    client = Client()
    client.force_login(person)
    return client
