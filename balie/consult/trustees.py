"""Who named somebody as a colleague who may admit them again (`docs/spec/consult/release.md`, "Trustees")."""

import msgspec

from balie.consult.intake.post import read_known
from balie.consult.models import Identity, Statement
from balie.consult.protocol.approvals import TRUSTEES_TYP, accept_trustees
from balie.consult.protocol.reasons import Rejected
from balie.practices.models import Person


def named_by(*, person: Person) -> list[str]:
    """The names of colleagues of this person's practices for whom it counts now."""
    own = Identity.objects.filter(person=person).exclude(known="").first()
    if own is None:
        return []
    colleagues = Person.objects.filter(practices__in=person.practices.all()).exclude(pk=person.pk)
    stated = Statement.objects.filter(typ=TRUSTEES_TYP, identity__person__in=colleagues)
    latest = stated.order_by("identity", "-feed").distinct("identity").select_related("identity__person")
    return sorted(each.identity.person.name for each in latest if own.pk in _named(each))


def _named(statement: Statement) -> set[str]:
    known = read_known(statement.identity.known)
    if known is None:
        return set()
    try:
        return {each.person for each in accept_trustees(msgspec.json.decode(statement.signed), known)}
    except Rejected:  # by a key that was lost since
        return set()
