"""The way between two devices of one person: one asks to be let in, another that is open says yes.

What passes here opens nothing by itself: key servers check the signature, and people compare a code on both screens.
"""

from typing import Any

import msgspec
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.consult.access import access_own_keys
from balie.consult.protocol.payloads import Id, Secret
from balie.lib.bodies import NO_JSON

# As long as the nonces are good from which the question was made.
GOOD_S = 120
BODY_MOST = 8 * 1024


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one device asks another (docs/spec/consult/release.md, "Without a passkey"), and the answer to it: a
    statement, or null as long as there is none.
    """

    set: Id
    challenge: Secret
    approval: dict[str, Any] | None


ASKED = msgspec.json.Decoder(Asked)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def approval_request(request: HttpRequest) -> HttpResponse:
    """The newest question of this person, with its answer; posting one without answer replaces the one before."""
    person = access_own_keys(request)
    key = f"consult-approval-{person.pk}"
    asked: dict[str, Any] | None = cache.get(key)
    if request.method == "POST":
        posted = _read(request)
        # An answer to a question that was replaced meanwhile is nobody's.
        if posted["approval"] is None or (asked and asked["challenge"] == posted["challenge"]):
            asked = posted
            cache.set(key, asked, GOOD_S)
    return JsonResponse({"asked": asked})


def _read(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json" or len(request.body) > BODY_MOST:
        raise BadRequest
    try:
        return msgspec.structs.asdict(ASKED.decode(request.body))
    except NO_JSON as wrong:
        raise BadRequest from wrong
