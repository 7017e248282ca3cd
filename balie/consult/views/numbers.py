"""What a client asks of its practice before a conversation is taken out with the BSN of its patients."""

from typing import Annotated

import msgspec
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from balie.consult.numbers import bsns_in
from balie.consult.protocol.payloads import Name
from balie.lib.bodies import NO_JSON
from balie.patients.access import access_patients

BODY_MOST = 4096
REASON_MOST = 500


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    group: Name
    reason: Annotated[str, msgspec.Meta(max_length=REASON_MOST)]


ASKED = msgspec.json.Decoder(Asked)


@login_required
@require_POST
@never_cache
def conversation_bsns(request: HttpRequest) -> HttpResponse:
    """``{"patients": [{"person": …, "bsn": …}]}``; 404 where one is not in that conversation, 422 without a reason."""
    practice, actor = access_patients(request)
    asked = _read(request)
    try:
        found = bsns_in(group=asked.group, practice=practice, actor=actor, reason=asked.reason)
    except ValidationError as error:
        return JsonResponse({"say": " ".join(error.messages)}, status=422)
    if found is None:
        raise Http404
    return JsonResponse({"patients": [{"person": person, "bsn": bsn} for person, bsn in sorted(found.items())]})


def _read(request: HttpRequest) -> Asked:
    if request.content_type != "application/json" or len(request.body) > BODY_MOST:
        raise BadRequest
    try:
        return ASKED.decode(request.body)
    except NO_JSON as wrong:
        raise BadRequest from wrong
