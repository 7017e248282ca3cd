"""What a connection of a practice asks by its code. For programs: JSON in and out."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, Final, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from balie.lib.bodies import read
from balie.lib.problems import Problem
from balie.practices.connections import connection_by_code, give_pass
from balie.practices.language import language_of
from balie.practices.models import Connection

LONGEST: Final = 200
BodyT = TypeVar("BodyT", bound="CodeBody")


class CodeBody(msgspec.Struct, frozen=True):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]


def by_code(
    form: type[BodyT],
) -> Callable[[Callable[[Connection, BodyT], Mapping[str, Any]]], Callable[[HttpRequest], HttpResponse]]:
    """A view that answers the connection whose code is in the body with an object, or raises Problem. A code that opens
    nothing is 401, whether or not it ever did.
    """

    def decorate(answer: Callable[[Connection, BodyT], Mapping[str, Any]]) -> Callable[[HttpRequest], HttpResponse]:
        @csrf_exempt  # nothing of a browser's counts here: who asks is who has the code
        @require_POST
        @never_cache
        @wraps(answer)
        def view(request: HttpRequest) -> HttpResponse:
            try:
                return _say(answer(*_opened(request, form)))
            except Problem as problem:
                return _refuse(request, problem)

        return view

    return decorate


@by_code(CodeBody)
def connection_pass(connection: Connection, _body: CodeBody) -> dict[str, str]:
    """``{"pass": …}`` for ``{"code": …}``."""
    return {"pass": give_pass(connection)}


def _opened(request: HttpRequest, form: type[BodyT]) -> tuple[Connection, BodyT]:
    body = read(msgspec.json.Decoder(form), request.body)
    connection = connection_by_code(body.code)
    if connection is None or Connection.Scope.CONSULT not in connection.scopes:
        raise Problem("no_pass")
    return connection, body


def _say(content: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type="application/json")


def _refuse(request: HttpRequest, problem: Problem) -> HttpResponse:
    reply = problem.reply(language_of(request))
    headers = {name.decode(): value.decode() for name, value in reply.start["headers"]}
    return HttpResponse(reply.body["body"], status=reply.start["status"], headers=headers)
