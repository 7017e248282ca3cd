"""Practices from a file beside those that are there: what would become of each, and what only the database can tell."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from balie.practices.importing.checking import Incoming, Place
from balie.practices.importing.columns import ANOTHER, CODE, PREVIOUS
from balie.practices.importing.problems import Problem
from balie.practices.models import Location, Membership, PastUse, Practice

M = TypeVar("M", bound=Model)


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

    def note(self, name: str, before: object, after: object) -> None:
        if before != after:
            self.changes[name] = (before, after)


def count(differences: Iterable[Difference], outcome: Outcome) -> int:
    return Counter(difference.outcome for difference in differences)[outcome]


def fingerprint(differences: Iterable[Difference]) -> str:
    """The same for the same changes to the same practices, and for nothing else."""
    digest = hashlib.sha256()
    for each in differences:
        was = each.before.agb_code if each.before else None
        digest.update(repr((each.incoming.agb_code, was, sorted(each.changes.items()))).encode())
    return digest.hexdigest()


def compare(practices: Sequence[Incoming], *, lock: bool) -> tuple[list[Difference], list[Problem]]:
    """With `lock`, what is there stays as it is until the end of the transaction: practices first, then what hangs on
    them, each in order of its key.
    """
    codes = {practice.agb_code for practice in practices} | {practice.previous for practice in practices}
    known = {each.agb_code: each for each in _read(Practice.objects.filter(agb_code__in=codes), lock=lock)}
    found, problems = _identify(practices, known)
    problems += _find_moved(found)
    by_practice = {difference.before.pk: difference for difference in found if difference.before}
    for difference in found:
        for name, value in difference.incoming.fields.items():
            difference.note(name, getattr(difference.before, name, None), value)
    _compare_locations(found, _read(Location.objects.filter(practice__in=by_practice), lock=lock))
    _compare_past(found, _read(PastUse.objects.filter(practice__in=by_practice), lock=lock))
    members = Membership.objects.filter(practice__in=by_practice).select_related("person")
    _compare_people(found, _read(members, lock=lock))
    return found, problems


def _read(rows: QuerySet[M], *, lock: bool) -> QuerySet[M]:
    return rows.select_for_update(of=("self",), no_key=True).order_by("pk") if lock else rows


def _identify(practices: Sequence[Incoming], known: dict[str, Practice]) -> tuple[list[Difference], list[Problem]]:
    """Which practice of ours each is, by its code or by the one it had."""
    found, problems = [], []
    claimed: dict[str, int] = {}
    own = {practice.agb_code for practice in practices}
    for incoming in practices:
        before, previous = known.get(incoming.agb_code), incoming.previous
        if previous not in {"", ANOTHER, incoming.agb_code}:
            wrong = _wrong_previous(incoming, known, own=own, claimed=claimed)
            if wrong:
                problems.append(Problem(incoming.line, PREVIOUS, *wrong, found=previous))
            claimed.setdefault(previous, incoming.line)
            before = before or known.get(previous)
        difference = Difference(incoming, before)
        if before:
            difference.note("agb_code", before.agb_code, incoming.agb_code)
        found.append(difference)
    return found, problems


def _wrong_previous(
    incoming: Incoming, known: dict[str, Practice], *, own: set[str], claimed: dict[str, int]
) -> tuple[str, str] | None:
    """Why this practice cannot have had that code: what is wrong, and what is expected."""
    previous = incoming.previous
    if previous in claimed:
        return (
            _("staat ook op regel %(line)s als oude code.") % {"line": claimed[previous]},
            _("Verwacht: één praktijk die deze code had."),
        )
    if previous in own:
        return (
            _("staat in dit bestand ook als AGB-code van een praktijk."),
            _("Verwacht: de oude code alleen in deze kolom."),
        )
    if incoming.agb_code in known:
        if previous not in known:
            return None  # it has its new code already
        return (
            _("en %(code)s zijn bij ons twee praktijken.") % {"code": incoming.agb_code},
            _("Verwacht: leeg. Een praktijk kan geen code krijgen die al van een andere is."),
        )
    if previous not in known:
        return (_("kennen wij niet."), _("Verwacht: de AGB-code die de praktijk bij ons nu heeft."))
    return None


def _find_moved(found: Sequence[Difference]) -> list[Problem]:
    """Practices that are new by their code, and by name and address are one that we know and the file does not name."""
    new = [each for each in found if each.before is None and _is_silent(each.incoming)]
    names = {str(each.incoming.said.get("name")).lower() for each in new}
    own = {each.incoming.agb_code for each in found}
    likely = Practice.objects.annotate(lower=Lower("name")).filter(lower__in=names).exclude(agb_code__in=own)
    there = {
        (location.practice.name.lower(), _address(location)): location.practice.agb_code
        for location in Location.objects.filter(practice__in=likely).select_related("practice")
    }
    problems = []
    for each in new:
        name = str(each.incoming.said.get("name")).lower()
        codes = {there.get((name, _address(place))) for place in each.incoming.locations.values()} - {None}
        if codes:
            code = min(str(code) for code in codes)
            problems.append(
                Problem(
                    each.incoming.line,
                    "agb_code",
                    _("is nieuw, maar de praktijk met deze naam en dit adres kennen wij met AGB-code %(code)s.")
                    % {"code": code},
                    _(
                        "Verwacht: herstel de code, of zet in de kolom %(column)s de oude code %(code)s; "
                        "is het echt een andere praktijk, zet daar dan “%(another)s”."
                    )
                    % {"column": PREVIOUS, "code": code, "another": ANOTHER},
                    found=each.incoming.agb_code,
                )
            )
    return problems


def _is_silent(incoming: Incoming) -> bool:
    """It has a code that may be one, and says nothing of another."""
    return incoming.said.get(PREVIOUS, "") == "" and CODE.fullmatch(incoming.agb_code) is not None


def _address(place: Location | Place) -> tuple[str, str]:
    return " ".join(place.street.lower().split()), place.postcode


def _compare_locations(found: Iterable[Difference], rows: Iterable[Location]) -> None:
    there = {(location.practice_id, location.name): location.address for location in rows}
    for difference in found:
        for name, place in difference.incoming.locations.items():
            difference.note(f"location {name}", there.get((_key(difference), name)), str(place))


def _compare_past(found: Iterable[Difference], rows: Iterable[PastUse]) -> None:
    there = {(past.practice_id, past.product_code, past.year): past for past in rows}
    for difference in found:
        for (product, year), doses_by_kind in difference.incoming.past.items():
            before = there.get((_key(difference), product, year))
            for kind, doses in doses_by_kind.items():
                difference.note(f"{kind}_{product}_{year}", getattr(before, kind, None), doses)


def _compare_people(found: Iterable[Difference], rows: Iterable[Membership]) -> None:
    there = {(membership.practice_id, membership.person.email): membership.role for membership in rows}
    for difference in found:
        for address, worker in difference.incoming.people.items():
            before = there.get((_key(difference), address))
            after = str(worker.role or before or Membership.Role.MANAGER)
            difference.note(f"person {address}", before, after)


def _key(difference: Difference) -> int:
    """No practice has the key 0."""
    return difference.before.pk if difference.before else 0
