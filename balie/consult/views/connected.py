"""What a connection of a practice asks about patients: as whom somebody it knows by BSN talks here."""

from typing import Annotated

import msgspec
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from balie.consult.models import Identity
from balie.lib.problems import Problem
from balie.patients.recognising import recognise
from balie.practices.connections import connection_by_code
from balie.practices.views.connections import CodeBody, refuse, say


class PatientBody(CodeBody, frozen=True, kw_only=True):
    bsn: Annotated[str, msgspec.Meta(max_length=20)]


@csrf_exempt  # nothing of a browser's counts here: who asks is who has the code
@require_POST
@never_cache
def connected_patient(request: HttpRequest) -> HttpResponse:
    """``{"person": …}`` for ``{"code": …, "bsn": …}``; null when no patient of the practice has it, or has keys."""
    try:
        body = msgspec.json.decode(request.body, type=PatientBody)
    except msgspec.DecodeError:
        return refuse(request, Problem("bad_request"))
    connection = connection_by_code(body.code)
    if connection is None:
        return refuse(request, Problem("no_pass"))
    try:
        person = recognise(practice=connection.practice, bsn=body.bsn, actor=connection.person)
    except ValidationError:
        return refuse(request, Problem("bad_request", errors=[{"at": "bsn", "code": "bsn"}]))
    identity = Identity.objects.exclude(known="").filter(person=person).first() if person else None
    return say({"person": identity.pk if identity else None})
