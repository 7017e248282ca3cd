"""What probes saw, in Dutch. The ledger keeps it in English, as mail servers and databases speak; the console says our
own words in the reader's language, and leaves those of others as they came.
"""

import re
from collections.abc import Mapping
from functools import cache
from re import Pattern
from typing import Final

from django.utils.translation import get_language

# `{}` is whatever stands there, and comes back in the same order. A phrase ends at `; `, `: ` or a bracket.
DUTCH: Final[Mapping[str, str]] = {
    # any look
    "no answer after {} s": "na {} s nog geen antwoord",
    "no answer within {} s": "binnen {} s geen antwoord",
    "no answer": "geen antwoord",
    "{} earlier looks still wait for one": "{} eerdere pogingen wachten er nog op",
    "took {} ms, more than {}": "duurde {} ms, meer dan {}",
    "past it": "erlangs",
    "the probe itself failed": "de proef zelf ging mis",
    "{} is not set": "{} is niet ingesteld",
    # web, hot paths, certificate, disk
    "{} answered {} in {} ms": "{} antwoordde {} in {} ms",
    "answers {} instead of {}": "antwoordt {} in plaats van {}",
    "answers, but without “{}”": "antwoordt, maar zonder “{}”",
    "answers {}, and not what hot paths say": "antwoordt {}, en niet wat de snelle paden zeggen",
    "the database is up, a commit takes {} ms": "de database werkt, vastleggen duurt {} ms",
    "the database is away, a commit takes {} ms": "de database is weg, vastleggen duurt {} ms",
    "the database is {}, a commit takes {} ms": "de database is {}, vastleggen duurt {} ms",
    "the certificate of {} is good until {}, {} days": "het certificaat van {} geldt tot {}, nog {} dagen",
    "renew it {} days before": "vernieuw het {} dagen eerder",
    "shaking hands with {}": "verbinden met {}",
    "{} has no certificate": "{} heeft geen certificaat",
    "asking the disk of {}": "kijken naar de schijf van {}",
    "{} % of {} free": "{} % van {} vrij",
    "{} % are wanted": "{} % is nodig",
    # database
    "connecting to the database": "verbinden met de database",
    "connecting to the replica": "verbinden met de replica",
    "a row was written and read in {} ms": "een regel geschreven en gelezen in {} ms",
    "row {} was written, and {} came back": "regel {} werd geschreven, en {} kwam terug",
    "writing a row": "een regel schrijven",
    "reading it at the replica": "hem lezen in de replica",
    "the replica had a new row within {} ms": "de replica had een nieuwe regel binnen {} ms",
    "the replica is more than {} s behind": "de replica loopt meer dan {} s achter",
    "reading the clock": "de klok lezen",
    "the service clock shows {} UTC, and was advanced {} s ago": "de dienstklok staat op {} UTC, en liep {} s geleden",
    "it stands still": "hij staat stil",
    "reading signs of life": "levenstekens lezen",
    "{} of at least {} “{}” live": "{} van minstens {} “{}” leven",
    "{} “{}” live": "{} “{}” in leven",
    "the latest sign is {} s old": "het laatste teken is {} s oud",
    "none ever gave a sign of life": "geen ervan gaf ooit een teken",
    "reading the outbox": "de uitgaande post lezen",
    "{} mails wait to be taken, the oldest for {} s": "{} mails wachten op een werker, de oudste {} s",
    "{} s are allowed": "{} s mag",
    # mail
    "connecting to {} and its greeting": "verbinden met {} en zijn begroeting",
    "{} took a mail in {} ms": "{} nam een mail aan in {} ms",
    "looking into the mailbox": "in het postvak kijken",
    "the latest mail that arrived left {} s ago": "de laatste mail die aankwam, vertrok {} s geleden",
    "no mail has arrived": "er kwam geen mail aan",
    # logging in
    "the login page": "de inlogpagina",
    "the password": "het wachtwoord",
    "the page for the code": "de pagina voor de code",
    "the code": "de code",
    "accepted, but nothing says that one is logged in": "aangenomen, maar niets zegt dat men binnen is",
    "the page behind the login": "de pagina achter het inloggen",
    "logging out": "uitloggen",
    "somebody got in, with a code, in {} ms": "iemand kwam binnen, met een code, in {} ms",
    "the form came in {} ms": "het formulier kwam in {} ms",
    "somebody got in {} s ago": "iemand kwam {} s geleden binnen",
    "codes are used up for this half minute": "de codes van deze halve minuut zijn op",
    "its page has no form": "de pagina heeft geen formulier",
    "answers {} and stays instead of leading to {}": "antwoordt {} en blijft staan in plaats van door te gaan naar {}",
    "answers {} {} instead of leading to {}": "antwoordt {} {} in plaats van door te gaan naar {}",
    "answers {}": "antwoordt {}",
    # ordering
    "joined, held and released in {} ms": "aangesloten, vastgehouden en vrijgegeven in {} ms",
    "number {} waits, and nobody calls it": "nummer {} wacht, en niemand roept het",
    "joining": "aansluiten",
    "holding": "vasthouden",
    "{}, releasing": "{}, vrijgeven",
    "the calendar is {} ms old, with {} days, but its clock stands still": (
        "de kalender is {} ms oud, met {} dagen, maar de klok staat stil"
    ),
    "{}, but its clock stands still": "{}, maar de klok staat stil",
    "the calendar is {} ms old, with {} days": "de kalender is {} ms oud, met {} dagen",
    "the calendar": "de kalender",
    # conversations and their key servers
    "{} has its share, and signed that in {} ms": "{} heeft zijn deel, en tekende daarvoor in {} ms",
    "key server {} by {}": "sleutelserver {} langs {}",
    "asking the application for tokens": "bewijzen vragen aan de toepassing",
    "unlocking": "ontgrendelen",
    "unlocked by {} and {}": "ontgrendeld door {} en {}",
    "unlocked by {}": "ontgrendeld door {}",
    "on the way": "onderweg",
    "{} by {}": "{} langs {}",
    "asking what is there": "vragen wat er is",
    "beginning a conversation": "een gesprek beginnen",
    "wrote a message and read it": "schreef een bericht en las het",
    "read what is new": "las wat nieuw is",
    "reading what is new": "lezen wat nieuw is",
    "writing a message": "een bericht schrijven",
    "the message was taken, and cannot be read": "het bericht werd aangenomen, en is niet te lezen",
    "reading it": "het lezen",
    # the log of keys
    "key servers cosign no key log here": "sleutelservers tekenen hier geen lijst van sleutels mee",
    "reading what was seen before": "lezen wat eerder gezien is",
    "reading the key log": "de lijst van alle sleutels lezen",
    "comparing the log of who did what with its roots": "het logboek van wie wat deed vergelijken met zijn wortels",
    "comparing it with the canary's keys": "haar vergelijken met de sleutels van de kanarie",
    "in the canary's name, and not made by it": "op naam van de kanarie, en niet door haar gemaakt",
    "all of the key log was read, and it says nothing strange": "de hele lijst van sleutels gelezen, niets vreemds",
    "a part of the key log was read, and it says nothing strange": (
        "een deel van de lijst van sleutels gelezen, niets vreemds"
    ),
    "{} of the key log was read, and it says nothing strange": "{} van de lijst van sleutels gelezen, niets vreemds",
}

# In the words of the library by which probes ask over HTTP: what a dead process looks like.
_NO_CONNECTION: Final = re.compile(r"Cannot connect to host (\S+) ssl:\S+ \[(?:[^\[\]]|\[[^\[\]]*\])*\]")


def evidence(seen: str) -> str:
    """What was seen, in the language of the page."""
    if not seen or (get_language() or "").startswith("en"):
        return seen
    seen = _NO_CONNECTION.sub(r"geen verbinding met \1", seen)
    for english, dutch in _patterns().items():
        seen = english.sub(dutch, seen)
    return seen


@cache
def _patterns() -> dict[Pattern[str], str]:
    """Longer phrases first: a shorter one may be part of them."""
    return {_whole(english): _filled(DUTCH[english]) for english in sorted(DUTCH, key=len, reverse=True)}


def _whole(english: str) -> Pattern[str]:
    """A phrase from one mark to the next."""
    words = r"([^;()]+?)".join(re.escape(part) for part in english.split("{}"))
    return re.compile(rf"(?:^|(?<=; )|(?<=: )|(?<=\()){words}(?=$|[;:)]| \()")


def _filled(dutch: str) -> str:
    """The same values, by their numbers."""
    first, *others = dutch.split("{}")
    return first + "".join(rf"\g<{number}>{part}" for number, part in enumerate(others, start=1))
