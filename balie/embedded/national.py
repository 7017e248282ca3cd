"""An imaginary country of practices: sizes as in the Netherlands, names and places that do not exist.

No database here: what practices are like, and what they would like to order. `balie/embedded/seed.py` writes them.
The figures come from public ones: some 5,000 practices, 18 million registered patients, a flu vaccine for 20 % of them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

PRACTICES = 5000
HELP_PHONE = "088 000 00 00"
STEP = 10
CAP_PERCENT = 120

# Doses per registered patient.
_SHARES = {"flu": 0.203, "pneumo": 0.009}
# Share of practices, registered patients on average, their spread, and the smallest.
_SIZES = ((0.45, 2095, 350, 900), (0.40, 3900, 700, 2200), (0.15, 7500, 1900, 4500))
_PLACES = ((0.86, 1), (0.11, 2), (0.03, 3))
_EAGERNESS_DAYS = 5.0
_WISHES = 12
# Every so many practices gave a mobile number; nobody has one that begins with 06 00.
_MOBILE = 3
# Every so many practices have a full mailbox, or a second address that is gone (see returns.py), practice 3 among them.
_FULL, _GONE = 61, 23

_KINDS = ("Huisartsenpraktijk", "Huisartsen", "Gezondheidscentrum", "Medisch Centrum")
_THINGS = {
    "De": "Linde Eik Beuk Wilg Berk Kastanje Iep Populier Hazelaar Vlier Meidoorn Brug Molen Sluis Haven Toren Poort "
    "Kade Dijk Terp Wierde Vaart Ree Bron Zwaan Reiger Kievit Grutto Ooievaar Zwaluw Merel Lepelaar Specht Wulp Fuut",
    "Het": "Anker Kompas Baken Veer Rad Zonnewiel Hof Erf Plein Spinnewiel",
    "": "Zonzijde Weidezicht Parkzicht Waterkant Achterom Buitenlust Welgelegen Nieuwland Morgenster",
}
_BEGINNINGS = "Klaver Ratel Zilver Hazen Wilgen Kraan Otter Boter Lisse Varen Gagel Roer Spaar Tijm Winde"
_ENDINGS = "maden hoven rade waarde mare gaarde lo moer linge stroom"
_STREETS = "Lijsterbesstraat Kerkpad Molenweg Schoolplein Dorpsstraat Wilgenlaan Stationsplein Parklaan Havenkade"


@dataclass(frozen=True)
class Use:
    """Doses of one product last year."""

    ordered: int
    administered: int


@dataclass(frozen=True)
class Place:
    """Where a practice has its vaccines delivered."""

    name: str
    street: str
    postcode: str
    city: str


@dataclass(frozen=True)
class ImaginaryPractice:
    """`wanted` is what it means to order this year, in doses by product code."""

    number: int
    agb_code: str
    name: str
    email: str
    second_email: str
    phone: str
    mobile: str
    registered: int
    places: tuple[Place, ...]
    last_year: dict[str, Use]
    wanted: dict[str, int]


def imagine_country(practices: int = PRACTICES, *, seed: int = 2027) -> list[ImaginaryPractice]:
    """The same practices for the same arguments; the first ones are the same whatever their count."""
    names = _names()
    return [_imagine(number, names, random.Random(seed * 100_000 + number)) for number in range(1, practices + 1)]


def imagine_wishes(days: Sequence[date], chance: random.Random) -> list[date]:
    """Days that a practice would like, best first: most want to be early, and take a later one rather than none."""
    index = min(int(chance.expovariate(1 / _EAGERNESS_DAYS)), len(days) - 1)
    wishes: list[date] = []
    while index < len(days) and len(wishes) < _WISHES:
        wishes.append(days[index])
        index += chance.choice((1, 1, 2, 3))
    return wishes


def split_over_places(doses: int, places: int, chance: random.Random) -> list[int]:
    """`doses` in steps over at most `places` places, the first gets most; never a place with nothing."""
    steps = doses // STEP
    places = min(places, steps)
    shares = [1 + int((steps - places) * chance.uniform(0.2, 0.8) / places) for _ in range(places - 1)]
    return [STEP * share for share in (steps - sum(shares), *shares)]


def _imagine(number: int, names: Sequence[tuple[str, str]], chance: random.Random) -> ImaginaryPractice:
    kind = chance.choices(_SIZES, [share for share, *_ in _SIZES])[0]
    registered = max(kind[3], round(chance.gauss(kind[1], kind[2])))
    name, city = names[number - 1]
    count = chance.choices([count for _, count in _PLACES], [share for share, _ in _PLACES])[0]
    postcode = f"{1000 + number * 7 % 8999} {chance.choice('BCDFGHJKLMNPRTVWXZ')}{chance.choice('BCDFGHJKLMNPRTVWXZ')}"
    places = tuple(
        Place(
            name="Hoofdlocatie" if index == 0 else f"Locatie {street.lower()}",
            street=f"{street} {chance.randint(1, 180)}",
            postcode=postcode,
            city=city,
        )
        for index, street in enumerate(chance.sample(_STREETS.split(), count))
    )
    last_year = {code: _use(registered * share, chance) for code, share in _SHARES.items()}
    return ImaginaryPractice(
        number=number,
        agb_code=f"01{990_000 - number:06}",
        name=f"{name}, {city}",
        email=f"praktijk{number}@voorbeeld.example" if number % _FULL else f"bounce-vol{number}@voorbeeld.example",
        second_email=_second_email(number, chance),
        phone=f"088 {number // 10_000:03} {number // 100 % 100:02} {number % 100:02}",
        mobile=f"+3160{number:07}" if number % _MOBILE == 1 else "",
        registered=registered,
        places=places,
        last_year=last_year,
        wanted={code: _tens(use.ordered * chance.uniform(0.92, 1.12)) for code, use in last_year.items()},
    )


def _second_email(number: int, chance: random.Random) -> str:
    second = f"apotheek{number}@voorbeeld.example" if chance.random() < 0.3 else ""
    return f"bounce{number}@voorbeeld.example" if number % _GONE == 3 else second


def _use(about: float, chance: random.Random) -> Use:
    ordered = _tens(about * chance.uniform(0.85, 1.15))
    return Use(ordered=ordered, administered=round(ordered * chance.uniform(0.90, 1.0)))


def _tens(doses: float) -> int:
    return max(STEP, int(doses // STEP) * STEP)


def _names() -> list[tuple[str, str]]:
    """Every name with every town, in an order that looks like chance and is always the same."""
    things = [f"{article} {word}".strip() for article, words in _THINGS.items() for word in words.split()]
    towns = [f"{beginning}{ending}" for beginning, ending in product(_BEGINNINGS.split(), _ENDINGS.split())]
    names = [(f"{kind} {thing}", town) for kind, thing, town in product(_KINDS, things, towns)]
    random.Random(1).shuffle(names)
    return names
