"""What a connection of a practice asks by its code. For programs: JSON in and out."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from balie.lib.problems import Problem
from balie.practices.connections import pass_by_code
from balie.practices.language import language_of

LONGEST: Final = 200


class CodeBody(msgspec.Struct, frozen=True):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]


@csrf_exempt  # nothing of a browser's counts here: who asks is who has the code
@require_POST
@never_cache
def connection_pass(request: HttpRequest) -> HttpResponse:
    """``{"pass": …}`` for ``{"code": …}``; a code that opens nothing is 401, whether or not it ever did."""
    try:
        body = msgspec.json.decode(request.body, type=CodeBody)
    except msgspec.DecodeError:
        return refuse(request, Problem("bad_request"))
    value = pass_by_code(body.code)
    return refuse(request, Problem("no_pass")) if value is None else say({"pass": value})


def say(content: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type="application/json")


def refuse(request: HttpRequest, problem: Problem) -> HttpResponse:
    reply = problem.reply(language_of(request))
    headers = {name.decode(): value.decode() for name, value in reply.start["headers"]}
    return HttpResponse(reply.body["body"], status=reply.start["status"], headers=headers)
