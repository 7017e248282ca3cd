"""What pages with forms on the console share: who asks, the proof that it is they, and saying what is wrong."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.db import connections
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from balie.lib.asgi import DisconnectedError, Message, TooLargeError, read_body
from balie.lib.plain import plain_headers
from balie.ops.access import who_asks
from balie.ops.console import page
from balie.ops.graph import Graph
from balie.ops.incidents.forms import Form, FormError, make_token, read_form, token_counts
from balie.ops.oncall.duty import OnCall
from balie.ops.refusing import RefusedError
from balie.ops.router import DATABASE

BODY_MOST: Final = 20_000
Show = Callable[[Request, str], Response]
Again = Callable[[Request, str, str, Form], Response]
Act = Callable[[Request, Form, str, datetime], str]
Endpoint = Callable[[Request], Awaitable[Response]]


class Desk:
    """`oncall` has the people who can be named."""

    def __init__(self, graph: Graph, oncall: OnCall | None) -> None:
        self.graph, self.oncall = graph, oncall

    def people(self) -> dict[str, str]:
        """Names by key."""
        people = self.oncall.team.people if self.oncall else {}
        return {key: person.name for key, person in people.items()}

    def page(self, request: Request, template: str, who: str, shown: Mapping[str, Any]) -> Response:
        """With what its forms need; `wrong` says why what was sent was not done."""
        both = {"token": make_token(who), "people": self.people(), **shown}
        return page(request, template, both, 422 if shown.get("wrong") else 200)

    def show(self, answer: Show) -> Endpoint:
        """For whoever may see the console."""

        async def shown(request: Request) -> Response:
            return await self._answered(request, lambda who: answer(request, who))

        return shown

    def do(self, act: Act, again: Again, *, most: int = BODY_MOST) -> Endpoint:
        """`act` returns where to go on; where it cannot be done `again` shows what was sent, and why. `most` bytes."""

        async def done(request: Request) -> Response:
            async def receive() -> Message:
                return dict(await request.receive())

            try:
                body = await read_body(receive, limit=most, within_s=5)
            except (TooLargeError, DisconnectedError, TimeoutError):
                return Response(status_code=413, headers=plain_headers())

            def answer(who: str) -> Response:
                form = read_form(body)
                if not token_counts(form.fields.get("token", ""), who):
                    return page(request, "ops/closed.html", {}, 403)
                try:
                    address = act(request, form, who, datetime.now(UTC))
                except RefusedError as fault:
                    return again(request, who, str(fault), form)
                return RedirectResponse(address, 303, plain_headers())

            return await self._answered(request, answer, to_act=True)

        return done

    async def _answered(self, request: Request, answer: Callable[[str], Response], *, to_act: bool = False) -> Response:
        who = who_asks(dict(request.scope), to_act=to_act)
        if who is None:
            return page(request, "ops/closed.html", {}, 403)

        def closing() -> Response:
            try:
                return answer(who)
            except (ObjectDoesNotExist, FormError):
                return page(request, "ops/closed.html", {}, 404)
            finally:
                connections[DATABASE].close()

        return await run_in_threadpool(closing)
