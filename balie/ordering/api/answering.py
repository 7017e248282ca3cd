"""Django's side of the API: who asks, what it may, and whatever happens, an answer that the document knows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from balie.lib.asgi import Header, Reply, json_reply, language_in
from balie.lib.bodies import read
from balie.lib.errors import AWAY
from balie.lib.problems import Problem
from balie.ordering.api import contract
from balie.ordering.api.operations import OPERATIONS, Operation
from balie.ordering.rules import RulesError
from balie.practices.access import access_connection
from balie.practices.budgets import take_request
from balie.practices.models import Connection

log = structlog.get_logger()

BODY_MOST: Final = 64 * 1024
OWN_CODES: Final = frozenset({"closed", "already_ordered", "late", "delivered", "full", "outdated"})
Body = TypeVar("Body")


@dataclass(frozen=True)
class Asked:
    """One request, let in."""

    request: HttpRequest
    connection: Connection

    def body(self, decoder: msgspec.json.Decoder[Body]) -> Body:
        """Raises Problem."""
        if self.request.content_type != "application/json":
            raise Problem("other_kind")
        length = self.request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > BODY_MOST:
            raise Problem("too_large")
        return read(decoder, self.request.body)

    def page(self) -> contract.PageQuery:
        """Raises Problem."""
        given = self.request.GET
        twice = next((name for name in given if len(given.getlist(name)) > 1), None)
        if twice is not None:
            raise Problem("bad_request", errors=[{"at": twice, "code": "repeated"}])
        try:
            return msgspec.convert(given.dict(), contract.PageQuery, strict=False)
        except msgspec.ValidationError:
            raise Problem("bad_request", errors=[{"at": "", "code": "type"}]) from None


Answer = Callable[..., object]


def endpoint(**answers: Answer) -> Callable[..., HttpResponse]:
    """The view of one path: what answers each of its methods, called as its operation is."""
    by_id = {each.id: each for each in OPERATIONS}
    known = {by_id[name].method: (by_id[name], answer) for name, answer in answers.items()}

    @csrf_exempt  # nothing of a browser's counts here: who asks is who has the token
    @never_cache
    def view(request: HttpRequest, **path: str) -> HttpResponse:
        language, said = language_in(request.headers.get("Accept-Language", "")), list[Header]()
        with override(language):
            try:
                reply = _find(known, request, path, said)
            except Problem as problem:
                reply = problem.reply(language)
        return _respond(reply, said)

    return view


def refuse(request: HttpRequest, problem: Problem) -> HttpResponse:
    return _respond(problem.reply(language_in(request.headers.get("Accept-Language", ""))), [])


@contextmanager
def told_as_problem() -> Iterator[None]:
    """What breaks a rule becomes a problem, of its own code where it has one."""
    try:
        yield
    except RulesError as error:
        own = next((each.code for each in error.findings if each.code in OWN_CODES), None)
        if own:
            raise Problem(own) from None
        errors = [{"at": each.at, "code": each.code, "say": each.say} for each in error.findings]
        raise Problem("bad_lines", errors=errors) from None


def _find(
    known: dict[str, tuple[Operation, Answer]], request: HttpRequest, path: dict[str, str], said: list[Header]
) -> Reply:
    """Raises Problem."""
    if request.method not in known:
        raise Problem("not_allowed", headers=((b"allow", ", ".join(sorted(known)).encode()),))
    operation, answer = known[request.method]
    try:
        connection = _let_in(request, operation, said)
        return json_reply(200, answer(Asked(request, connection), **path))
    except Http404:
        raise Problem("not_found") from None
    except Problem:
        raise
    except AWAY:
        log.exception("api_failed", operation=operation.id)
        raise Problem("try_again") from None
    except Exception:
        log.exception("api_failed", operation=operation.id)
        raise Problem("fault") from None


def _let_in(request: HttpRequest, operation: Operation, said: list[Header]) -> Connection:
    """Raises Problem."""
    connection, token = access_connection(request)
    taken, headers = take_request(token)
    said += headers
    if not taken:
        raise Problem("too_many")
    token.require(operation.scope)
    return connection


def _respond(reply: Reply, said: list[Header]) -> HttpResponse:
    headers = {name.decode(): value.decode() for name, value in [*reply.start["headers"], *said]}
    return HttpResponse(reply.body["body"], status=reply.start["status"], headers=headers)
