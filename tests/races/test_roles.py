"""Two admins who take each other's role at once: one of them remains."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from balie.practices import office
from balie.practices.models import OrganiserRole, Person
from balie.practices.office import give_role
from balie.practices.people import deactivate_person
from balie.practices.testing import make_person

ADMINS = {"is_organiser": True, "organiser_role": OrganiserRole.ADMIN, "is_active": True}


@pytest.fixture
def admins(installation) -> tuple[Person, Person]:
    return make_person("Dina Smit", is_organiser=True), make_person("Eva Smit", is_organiser=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        begin.wait(10)
        try:
            act()
        except ValidationError as error:
            return str(error.code)
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def each_takes_the_others(admins: tuple[Person, Person]) -> list[str]:
    dina, eva = admins
    return at_once(
        lambda: give_role(person=eva, role="staff", actor=dina, reason="x"),
        lambda: deactivate_person(person=dina, actor=eva, reason="x"),
    )


def test_one_admin_remains(admins):
    assert sorted(each_takes_the_others(admins)) == ["admin", "done"]
    assert Person.objects.filter(**ADMINS).count() == 1


def test_control_without_the_lock_none_may_remain(admins, monkeypatch):
    """Both look before either writes."""
    looked = threading.Barrier(2)

    def look(*, actor: Person, person: Person) -> None:
        assert Person.objects.get(pk=actor.pk).is_admin
        looked.wait(10)

    monkeypatch.setattr(office, "lock_for_admin", look)
    monkeypatch.setattr("balie.practices.people.lock_for_admin", look)
    assert each_takes_the_others(admins) == ["done", "done"]
    assert Person.objects.filter(**ADMINS).count() == 0
