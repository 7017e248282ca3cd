"""The way between somebody who lost their keys and the colleagues who admit new ones."""

from typing import Annotated

import msgspec
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.consult.access import access_own_keys
from balie.consult.admissions import ask_admission, end_admission, read_admissions, sign_admission
from balie.consult.protocol.payloads import Id
from balie.consult.protocol.statements import Statement
from balie.lib.bodies import NO_JSON

BODY_MOST = 16 * 1024
Part = Annotated[str, msgspec.Meta(max_length=1024)]


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    protected: Part
    signature: Part


class Posted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new key that its owner asks to be admitted, or null to ask no more; with `person`, a colleague's signature to
    what that person asks.
    """

    signed: Statement | None = None
    person: Id | None = None
    payload: Annotated[str, msgspec.Meta(max_length=8192)] = ""
    signature: Signature | None = None


POSTED = msgspec.json.Decoder(Posted)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def admissions(request: HttpRequest) -> HttpResponse:
    """What is asked, of oneself and of colleagues; posting asks, ends the asking, or vouches for a colleague."""
    person = access_own_keys(request)
    if request.method == "POST":
        posted = _read(request)
        if posted.person and posted.signature:
            signature = msgspec.structs.asdict(posted.signature)
            done = sign_admission(person=person, asker=posted.person, payload=posted.payload, signature=signature)
        elif posted.signed:
            done = ask_admission(person=person, signed=posted.signed)
        else:
            done = True
            end_admission(person=person)
        if not done:
            raise Http404
    return JsonResponse(read_admissions(person=person))


def _read(request: HttpRequest) -> Posted:
    if request.content_type != "application/json" or len(request.body) > BODY_MOST:
        raise BadRequest
    try:
        return POSTED.decode(request.body)
    except NO_JSON as wrong:
        raise BadRequest from wrong
