"""What a connection of a practice asks about patients: as whom somebody it knows by BSN talks here."""

from typing import Annotated

import msgspec
from django.core.exceptions import ValidationError

from balie.consult.models import Identity
from balie.lib.problems import Problem
from balie.patients.recognising import recognise
from balie.practices.models import Connection
from balie.practices.views.connections import CodeBody, by_code


class PatientBody(CodeBody, frozen=True, kw_only=True):
    bsn: Annotated[str, msgspec.Meta(max_length=20)]


@by_code(PatientBody)
def connected_patient(connection: Connection, body: PatientBody) -> dict[str, str | None]:
    """``{"person": …}`` for ``{"code": …, "bsn": …}``; null when no patient of the practice has it, or has keys."""
    try:
        person = recognise(practice=connection.practice, bsn=body.bsn, actor=connection.person)
    except ValidationError:
        raise Problem("bad_request", errors=[{"at": "bsn", "code": "bsn"}]) from None
    identity = Identity.objects.exclude(known="").filter(person=person).first() if person else None
    return {"person": identity.pk if identity else None}
