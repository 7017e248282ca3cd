"""Where anybody subscribes, says yes, and leaves. Opening a link changes nothing: programs that look into mail say yes
for nobody.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import override
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from balie.lib.limits import Limits, client_of
from balie.lib.plain import plain_headers
from balie.ops.access import who_asks
from balie.ops.board import said
from balie.ops.console import page
from balie.ops.graph import Graph
from balie.ops.public import Fields, act, first, language_of, public_page, show
from balie.ops.subscribers.figures import channels, tellings
from balie.ops.subscribers.joining import Channel, Wish, ask, confirm, leave
from balie.ops.subscribers.models import Subscriber
from balie.ops.subscribers.signatures import StrangeLinkError, find_subscriber, make_token
from balie.ops.subscribers.webhooks import InsideError, check_url

MAIL_MOST: Final = 254


class SubscriberPages:
    """Five tries at once and one every two minutes for a client; sixty times that for all together."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._limits = Limits(rate=1 / 120, most=5, of_all=60)

    def routes(self) -> list[Route]:
        """For the watch's application."""
        return [
            Route("/subscribe/", show(self.form), methods=["GET"]),
            Route("/subscribe/", act(self.ask), methods=["POST"]),
            Route("/subscribe/asked/{channel}/", show(self.asked), methods=["GET"]),
            Route("/subscribe/{token}/", show(self.own), methods=["GET"]),
            Route("/subscribe/{token}/confirm", act(self.confirm), methods=["POST"]),
            Route("/subscribe/{token}/leave", show(self.to_own), methods=["GET"]),
            Route("/subscribe/{token}/leave", act(self.leave), methods=["POST"]),
            Route("/watch/subscribers/", show(self.figures), methods=["GET"]),
        ]

    def form(self, request: Request, wrong: str = "", fields: Fields | None = None) -> Response:
        language = language_of(request, fields)
        with override(language):
            functions = {key: said(each.title) for key, each in self._graph.public.items()}
        shown = {
            "functions": functions,
            "mail": bool(settings.STATUS_SMTP_URL),
            "wrong": wrong,
            "channel": first(fields or {}, "channel"),
            "address": first(fields or {}, "address"),
            "chosen": (fields or {}).get("component", []),
        }
        status = {"": 200, "often": 429}.get(wrong, 422)
        return public_page(request, "ops/subscribe.html", shown, language=language, status=status)

    def ask(self, request: Request, fields: Fields) -> Response:
        """The same answer for an address that is known, one that is not, and one that was asked too often."""
        if not self._limits.take(client_of(dict(request.scope))):
            return self.form(request, "often", fields)
        language, channel, address = language_of(request, fields), first(fields, "channel"), first(fields, "address")
        try:
            known = CHECKS[channel](address)
        except (KeyError, ValidationError, InsideError):
            return self.form(request, channel if channel in CHECKS else "mail", fields)
        components = [each for each in fields.get("component", []) if each in self._graph.public]
        wish = Wish(channel=Channel(channel), address=known, language=language, components=components)
        ask(wish, datetime.now(UTC))
        return RedirectResponse(f"/subscribe/asked/{channel}/?language={language}", 303, plain_headers())

    def figures(self, request: Request) -> Response:
        """For whoever may see the console."""
        if who_asks(dict(request.scope)) is None:
            return page(request, "ops/closed.html", {}, 403)
        with override(language_of(request)):
            shown = {"channels": channels(), "tellings": list(tellings())}
        return page(request, "ops/subscribers.html", shown)

    def asked(self, request: Request) -> Response:
        shown = {"channel": request.path_params["channel"]}
        return public_page(request, "ops/subscribe_asked.html", shown, language=language_of(request))

    def own(self, request: Request) -> Response:
        return self._of_subscriber(request, lambda subscriber: self._own(request, subscriber))

    def to_own(self, request: Request) -> Response:
        """Where the link that mail programs use ends up for people."""
        return RedirectResponse(f"/subscribe/{request.path_params['token']}/", 302, plain_headers())

    def confirm(self, request: Request, _fields: Fields) -> Response:
        def confirmed(subscriber: Subscriber) -> Response:
            return _to_page_of(confirm(subscriber, datetime.now(UTC)))

        return self._of_subscriber(request, confirmed)

    def leave(self, request: Request, fields: Fields) -> Response:
        """A mail program asks without a cookie and follows no redirect (RFC 8058)."""

        def left(subscriber: Subscriber) -> Response:
            leave(subscriber, datetime.now(UTC))
            return Response("", 200, plain_headers()) if "List-Unsubscribe" in fields else _to_page_of(subscriber)

        return self._of_subscriber(request, left)

    def _own(self, request: Request, subscriber: Subscriber) -> Response:
        with override(subscriber.language):
            names = [said(self._graph.public[key].title) for key in subscriber.components if key in self._graph.public]
        shown = {"subscriber": subscriber, "components": names, "token": request.path_params["token"]}
        return public_page(request, "ops/subscriber.html", shown, language=subscriber.language)

    def _of_subscriber(self, request: Request, answer: Callable[[Subscriber], Response]) -> Response:
        try:
            subscriber = find_subscriber(request.path_params["token"])
        except StrangeLinkError:
            return public_page(request, "ops/subscriber_gone.html", {}, language=language_of(request), status=404)
        return answer(subscriber)


def _to_page_of(subscriber: Subscriber) -> Response:
    return RedirectResponse(f"/subscribe/{make_token(subscriber)}/", 303, plain_headers())


def _mail(address: str) -> str:
    """As it is compared; raises ValidationError."""
    if len(address) > MAIL_MOST or not settings.STATUS_SMTP_URL or not address.isascii():
        raise ValidationError("address")
    validate_email(address)
    return address.lower()


def _webhook(address: str) -> str:
    """Raises InsideError."""
    check_url(address)
    return address


CHECKS: Final[dict[str, Callable[[str], str]]] = {Channel.MAIL.value: _mail, Channel.WEBHOOK.value: _webhook}
