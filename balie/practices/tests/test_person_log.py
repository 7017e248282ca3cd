import re
from pathlib import Path

import pytest

from balie import patients, practices
from balie.practices.login import CHANGES
from balie.practices.person_log import WORDS, read_person_log
from balie.practices.services import record
from balie.practices.testing import make_cast

pytestmark = pytest.mark.django_db

ABOUT_A_PERSON = re.compile(r'record\([^()]*?action="([a-z_.]+)"[^()]*?subject=f"person:')


def acts_in_the_sources() -> set[str]:
    folders = [Path(each.__file__).parent for each in (patients, practices)]
    sources = [path for folder in folders for path in folder.rglob("*.py")]
    found = {act for path in sources for act in ABOUT_A_PERSON.findall(path.read_text(encoding="utf-8"))}
    return found | {f"account.{change}" for change in CHANGES}


def test_every_act_has_words():
    assert {"person.deactivated", "membership.added", "waiver.used"} <= acts_in_the_sources()
    assert acts_in_the_sources() == set(WORDS)


def test_it_says_what_for_which_practice_and_by_whom():
    cast = make_cast()
    subject = f"person:{cast.owner.pk}"
    record(actor=cast.organiser, practice=cast.practice, action="membership.added", subject=subject, reason="gebeld")
    record(actor=cast.organiser, practice=None, action="person.deactivated", subject=f"person:{cast.colleague.pk}")
    (entry,) = read_person_log(cast.owner, most=20)
    assert (entry.say, entry.practice, entry.by, entry.reason) == (
        "Toegang gegeven",
        "Huisartsenpraktijk De Linde",
        "Dina Smit",
        "gebeld",
    )
