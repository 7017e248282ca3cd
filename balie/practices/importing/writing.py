"""Compares practices from a file with those that are there, and writes the difference in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from balie.practices.importing.checking import Incoming, check_table
from balie.practices.importing.problems import Problem
from balie.practices.importing.reading import read_table
from balie.practices.models import AuditEvent, Location, Membership, PastUse, Person, Practice

_BATCH = 2000
_PRACTICE_FIELDS = ["name", "registered_count", "email", "second_email", "phone"]


class Outcome(StrEnum):
    """What happens to a practice of the file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass
class Difference:
    """What the file changes in one practice: field by field what was and what will be."""

    incoming: Incoming
    before: Practice | None
    changes: dict[str, tuple[object, object]] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        if self.before is None:
            return Outcome.CREATED
        return Outcome.CHANGED if self.changes else Outcome.UNCHANGED


@dataclass(frozen=True)
class Report:
    """What is wrong with the file; or, when nothing is, what it changes. `written` when it has been done."""

    rows: int
    problems: list[Problem]
    differences: list[Difference]
    written: bool

    def count(self, outcome: Outcome) -> int:
        return Counter(difference.outcome for difference in self.differences)[outcome]


@transaction.atomic
def import_file(content: bytes, *, name: str, write: bool) -> Report:
    """Report what the file would change, and with `write` change it: all of it, or nothing when anything is wrong.

    `name` goes into the log. Raises FileError when the file is no table with our columns.
    """
    table = read_table(content)
    practices, problems = check_table(table)
    if problems:
        return Report(len(table.rows), problems, [], written=False)
    differences = _compare(practices)
    if write:
        _write([each for each in differences if each.outcome is not Outcome.UNCHANGED], name)
    return Report(len(table.rows), [], differences, written=write)


def _compare(practices: Sequence[Incoming]) -> list[Difference]:
    codes = [practice.agb_code for practice in practices]
    known = {practice.agb_code: practice for practice in Practice.objects.filter(agb_code__in=codes)}
    found = {code: Difference(incoming, known.get(code)) for code, incoming in zip(codes, practices, strict=True)}
    for difference in found.values():
        for name, value in difference.incoming.fields.items():
            _note(difference, name, getattr(difference.before, name, None), value)
    _compare_locations(found)
    _compare_past(found)
    _compare_people(found)
    return list(found.values())


def _compare_locations(found: dict[str, Difference]) -> None:
    there = {
        (location.practice.agb_code, location.name): location.address
        for location in Location.objects.filter(practice__agb_code__in=found).select_related("practice")
    }
    for code, difference in found.items():
        for name, place in difference.incoming.locations.items():
            _note(difference, f"location {name}", there.get((code, name)), str(place))


def _compare_past(found: dict[str, Difference]) -> None:
    there = {
        (past.practice.agb_code, past.product_code, past.year): past
        for past in PastUse.objects.filter(practice__agb_code__in=found).select_related("practice")
    }
    for code, difference in found.items():
        for (product, year), doses_by_kind in difference.incoming.past.items():
            before = there.get((code, product, year))
            for kind, doses in doses_by_kind.items():
                _note(difference, f"{kind}_{product}_{year}", getattr(before, kind, None), doses)


def _compare_people(found: dict[str, Difference]) -> None:
    there = {
        (membership.practice.agb_code, membership.person.email): membership.role
        for membership in Membership.objects.filter(practice__agb_code__in=found).select_related("practice", "person")
    }
    for code, difference in found.items():
        for address, worker in difference.incoming.people.items():
            before = there.get((code, address))
            _note(difference, f"person {address}", before, worker.role or before or Membership.Role.MANAGER)


def _note(difference: Difference, name: str, before: object, after: object) -> None:
    if before != after:
        difference.changes[name] = (before, after)


def _write(differences: Sequence[Difference], name: str) -> None:
    _write_practices(differences)
    codes = [difference.incoming.agb_code for difference in differences]
    practices = Practice.objects.in_bulk(codes, field_name="agb_code")
    _write_locations(differences, practices)
    _write_past(differences, practices)
    _write_people(differences, practices)
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(
                at=now,
                practice=practices[difference.incoming.agb_code],
                action=f"practice.{difference.outcome}",
                subject=f"practice:{difference.incoming.agb_code}",
                reason=name,
                detail=difference.changes,
            )
            for difference in differences
        ),
        batch_size=_BATCH,
    )


def _write_practices(differences: Sequence[Difference]) -> None:
    rows = []
    for difference in differences:
        row = difference.before or Practice(agb_code=difference.incoming.agb_code)
        for name, value in difference.incoming.fields.items():
            setattr(row, name, value)
        row.pk = None
        rows.append(row)
    Practice.objects.bulk_create(
        rows, batch_size=_BATCH, update_conflicts=True, unique_fields=["agb_code"], update_fields=_PRACTICE_FIELDS
    )


def _write_locations(differences: Sequence[Difference], practices: dict[str, Practice]) -> None:
    Location.objects.bulk_create(
        (
            Location(practice=practices[difference.incoming.agb_code], name=name, **place._asdict())
            for difference in differences
            for name, place in difference.incoming.locations.items()
            if f"location {name}" in difference.changes
        ),
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["practice", "name"],
        update_fields=["street", "postcode", "city"],
    )


def _write_past(differences: Sequence[Difference], practices: dict[str, Practice]) -> None:
    """Where the file is silent about what was given, what is there stays: such rows are written apart."""
    for kinds in ({"ordered"}, {"ordered", "administered"}):
        PastUse.objects.bulk_create(
            (
                PastUse(practice=practices[difference.incoming.agb_code], product_code=product, year=year, **doses)
                for difference in differences
                for (product, year), doses in difference.incoming.past.items()
                if doses.keys() == kinds
            ),
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=["practice", "year", "product_code"],
            update_fields=sorted(kinds),
        )


def _write_people(differences: Sequence[Difference], practices: dict[str, Practice]) -> None:
    """New people have no password yet: they set one through the mail of "wachtwoord vergeten"."""
    wanted = {address: worker.name for each in differences for address, worker in each.incoming.people.items()}
    there = set(Person.objects.filter(email__in=wanted).values_list("email", flat=True))
    Person.objects.bulk_create(
        (
            Person(email=address, name=name, password=make_password(None))
            for address, name in wanted.items()
            if address not in there
        ),
        batch_size=_BATCH,
    )
    people = Person.objects.in_bulk(list(wanted), field_name="email")
    Membership.objects.bulk_create(
        (
            Membership(
                person=people[address],
                practice=practices[difference.incoming.agb_code],
                role=str(difference.changes[f"person {address}"][1]),
            )
            for difference in differences
            for address in difference.incoming.people
            if f"person {address}" in difference.changes
        ),
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["person", "practice"],
        update_fields=["role"],
    )
