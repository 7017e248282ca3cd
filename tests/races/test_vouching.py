"""Two colleagues vouch for the same new key in the same moment: both signatures are kept."""

import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from django.db import connection, connections, transaction

from balie.consult import admissions
from balie.consult.admissions import ask_admission, sign_admission
from balie.consult.models import Admission, Group, Identity
from balie.consult.testing import make_group, make_identity
from balie.practices.models import Person
from balie.practices.testing import make_person


@pytest.fixture
def people(installation) -> list[Person]:
    """Femke, who asks, and two colleagues of her team."""
    found = [make_person(name) for name in ("Femke", "Anna", "Bilal")]
    identities = [make_identity(each) for each in found]
    Identity.objects.update(known="{}")
    make_group(Group.Kind.TEAM, *identities)
    ask_admission(person=found[0], signed={"payload": "cGF5bG9hZA", "signatures": []})
    return found


WAITS = "select exists (select from pg_locks where not granted)"


def vouch(asker: Person, colleague: Person) -> None:
    signature = {"protected": colleague.name, "signature": colleague.name}
    assert sign_admission(person=colleague, asker=asker.identity.pk, payload="cGF5bG9hZA", signature=signature)


def vouch_at_once(people: list[Person]) -> int:
    """The second vouches while the first is not committed; how many signatures are there when both are done."""
    femke, anna, bilal = people

    def second() -> None:
        try:
            vouch(femke, bilal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            vouch(femke, anna)
            going = pool.submit(second)
            until = time.monotonic() + 20
            waits = False
            while not waits:
                assert time.monotonic() < until
                cursor.execute(WAITS)
                [waits] = cursor.fetchone()
        going.result(20)
    return len(msgspec.json.decode(Admission.objects.get().signed)["signatures"])


def test_both_signatures_are_kept(people):
    assert vouch_at_once(people) == 2


def test_control_without_the_lock_one_is_lost(people, monkeypatch):
    locked = admissions._of_colleagues

    def unlocked(person):
        found = locked(person)
        found.select_for_update = lambda **_options: found
        return found

    monkeypatch.setattr(admissions, "_of_colleagues", unlocked)
    assert vouch_at_once(people) == 1
