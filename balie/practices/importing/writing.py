"""Writes what a file changes, in the caller's transaction. Codes that change come last: from then on whoever orders for
that practice waits.
"""

from collections.abc import Iterable, Sequence

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from balie.practices.importing.comparing import Difference, Outcome
from balie.practices.importing.progress import Step, Tell
from balie.practices.models import AuditEvent, Location, Membership, PastUse, Person, Practice

_BATCH = 2000
_PRACTICE_FIELDS = ["name", "registered_count", "email", "second_email", "phone"]


def write_differences(differences: Sequence[Difference], *, actor: Person | None, reason: str, tell: Tell) -> None:
    """`reason` goes into the log of each practice."""
    changing = [each for each in differences if each.outcome is not Outcome.UNCHANGED]
    for begin in range(0, len(changing), _BATCH):
        tell(Step.WRITTEN, begin, len(changing))
        _write_batch(changing[begin : begin + _BATCH], actor, reason)
    for difference in changing:
        if difference.before and "agb_code" in difference.changes:
            Practice.objects.filter(pk=difference.before.pk).update(agb_code=difference.incoming.agb_code)
    tell(Step.WRITTEN, len(changing), len(changing))


def _write_batch(batch: Sequence[Difference], actor: Person | None, reason: str) -> None:
    practices = _write_practices(batch)
    _write_locations(batch, practices)
    _write_past(batch, practices)
    _write_people(batch, practices)
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=now,
            actor=actor,
            practice=practices[difference.incoming.agb_code],
            action=f"practice.{difference.outcome}",
            subject=f"practice:{difference.incoming.agb_code}",
            reason=reason,
            detail=difference.changes,
        )
        for difference in batch
    )


def _write_practices(batch: Iterable[Difference]) -> dict[str, Practice]:
    """By their code in the file; in the database they may still have the one before."""
    stored = {}
    for difference in batch:
        row = Practice(agb_code=difference.incoming.agb_code)
        for name in ["agb_code", *_PRACTICE_FIELDS] if difference.before else []:
            setattr(row, name, getattr(difference.before, name))
        for name, value in difference.incoming.fields.items():
            setattr(row, name, value)
        stored[difference.incoming.agb_code] = row
    Practice.objects.bulk_create(
        stored.values(), update_conflicts=True, unique_fields=["agb_code"], update_fields=_PRACTICE_FIELDS
    )
    known = Practice.objects.in_bulk([row.agb_code for row in stored.values()], field_name="agb_code")
    return {code: known[row.agb_code] for code, row in stored.items()}


def _write_locations(batch: Iterable[Difference], practices: dict[str, Practice]) -> None:
    Location.objects.bulk_create(
        (
            Location(practice=practices[difference.incoming.agb_code], name=name, **place._asdict())
            for difference in batch
            for name, place in difference.incoming.locations.items()
            if f"location {name}" in difference.changes
        ),
        update_conflicts=True,
        unique_fields=["practice", "name"],
        update_fields=["street", "postcode", "city"],
    )


def _write_past(batch: Iterable[Difference], practices: dict[str, Practice]) -> None:
    """Where the file is silent about what was given, what is there stays: such rows are written apart."""
    for kinds in ({"ordered"}, {"ordered", "administered"}):
        PastUse.objects.bulk_create(
            (
                PastUse(practice=practices[difference.incoming.agb_code], product_code=product, year=year, **doses)
                for difference in batch
                for (product, year), doses in difference.incoming.past.items()
                if doses.keys() == kinds
            ),
            update_conflicts=True,
            unique_fields=["practice", "year", "product_code"],
            update_fields=sorted(kinds),
        )


def _write_people(batch: Iterable[Difference], practices: dict[str, Practice]) -> None:
    """New people have no password yet: they set one through the mail of "wachtwoord vergeten"."""
    wanted = {address: worker.name for each in batch for address, worker in each.incoming.people.items()}
    there = set(Person.objects.filter(email__in=wanted).values_list("email", flat=True))
    Person.objects.bulk_create(
        (
            Person(email=address, name=name, password=make_password(None))
            for address, name in wanted.items()
            if address not in there
        ),
        ignore_conflicts=True,  # somebody made them a moment ago
    )
    people = Person.objects.in_bulk(list(wanted), field_name="email")
    Membership.objects.bulk_create(
        (
            Membership(
                person=people[address],
                practice=practices[difference.incoming.agb_code],
                role=str(difference.changes[f"person {address}"][1]),
            )
            for difference in batch
            for address in difference.incoming.people
            if f"person {address}" in difference.changes
        ),
        update_conflicts=True,
        unique_fields=["person", "practice"],
        update_fields=["role"],
    )
