"""`/storing/`: what is known of outages, and telling of one. Who asks is known from their pass, so that this page is
there while the database is not; a pass that was revoked can tell us of an outage until it expires, and nothing else.
"""

import time
from typing import Any, Final, Literal
from urllib.parse import parse_qs
from uuid import uuid4

import msgspec
import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from balie.lib.asgi import App, DisconnectedError, Message, TooLargeError, find_cookie, find_header, read_body
from balie.lib.limits import Limits
from balie.lib.plain import plain_headers
from balie.practices.language import is_ours
from balie.practices.passes import Pass, read_pass
from balie.practices.symptoms.wire import Ask, AwayError, Heard, tell_watch

log = structlog.get_logger()

PATH: Final = "/storing/"
TEXT_MOST: Final = 500
BODY_MOST: Final = 10_000
MINUTES: Final = (5, 15, 60, 240)
SCHEMES: Final = {"light", "dark"}
DECIDES: Final = {"gp", "manager"}  # as staff.py has it, which comes with mail and its tables
Fields = dict[str, str]


class SymptomPages:
    """Three reports at once and one every two minutes for a person."""

    def __init__(self) -> None:
        self._limits = Limits(rate=1 / 120, most=3, of_all=100)

    def app(self) -> App:
        routes = [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.act, methods=["POST"])]
        return Starlette(routes=routes)  # type: ignore[return-value] # its messages are mappings

    async def show(self, request: Request) -> Response:
        held = _who(request)
        if held is None:
            return _page(request, {"outside": True})
        return await self._heard(request, _ask("look", request, held))

    async def act(self, request: Request) -> Response:
        """A POST of another site has no pass with it, and another origin."""
        held = _who(request)
        if held is None or (find_header(dict(request.scope), b"origin") or b"").decode() not in settings.ORIGINS:
            return _page(request, {"outside": True}, 403)
        fields = await _fields(request)
        match fields.get("do", ""):
            case "report":
                return await self._report(request, held, fields)
            case "subscribe" if _decides(held):
                return await self._heard(request, _ask("subscribe", request, held))
            case "leave" if _decides(held):
                return await self._heard(request, _ask("leave", request, held))
        return _page(request, {"outside": True}, 404)

    async def _report(self, request: Request, held: Pass, fields: Fields) -> Response:
        text, minutes = fields.get("text", "").strip(), fields.get("minutes", "")
        look = _ask("look", request, held)
        if not text or len(text) > TEXT_MOST or minutes not in map(str, MINUTES):
            return await self._heard(request, look, wrong="text", fields=fields)
        if not self._limits.take(str(held.person)):
            return await self._heard(request, look, wrong="often", fields=fields)
        told = msgspec.structs.replace(
            look, do="report", id=uuid4().hex, what=fields.get("what", ""), minutes=int(minutes), text=text
        )
        return await self._heard(request, told, fields=fields)

    async def _heard(self, request: Request, ask: Ask, *, wrong: str = "", fields: Fields | None = None) -> Response:
        held = _who(request)
        decides = held is not None and _decides(held)
        shown: dict[str, Any] = {"wrong": wrong, "fields": fields or {}, "decides": decides, "do": ask.do}
        try:
            heard: Heard | None = await tell_watch(ask)
        except AwayError as fault:
            log.warning("watch_not_told", fault=str(fault))
            heard = None
        status = (503 if heard is None and ask.do != "look" else 422) if wrong or heard is None else 200
        return _page(request, shown | {"heard": heard}, 200 if heard is None and ask.do == "look" else status)


def _ask(do: Literal["look", "subscribe", "leave"], request: Request, held: Pass) -> Ask:
    return Ask(do=do, person=held.person, practice=held.practice, language=_language(request))


def _decides(held: Pass) -> bool:
    """Whether they decide something for the practice that they work for now."""
    return held.practice is not None and held.role in DECIDES


def _who(request: Request) -> Pass | None:
    value = find_cookie(dict(request.scope), settings.PASS_COOKIE.encode())
    return read_pass(value.decode("latin-1"), time.time()) if value else None


def _language(request: Request) -> str:
    chosen = request.cookies.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if is_ours(chosen) else settings.LANGUAGE_CODE


async def _fields(request: Request) -> Fields:
    """None of them where they are too many, too long or too late."""

    async def receive() -> Message:
        return dict(await request.receive())

    try:
        body = await read_body(receive, limit=BODY_MOST, within_s=5)
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=20).items()}
    except (TooLargeError, DisconnectedError, TimeoutError, ValueError):
        return {}


def _page(request: Request, shown: dict[str, Any], status: int = 200) -> Response:
    scheme = request.cookies.get("balie_scheme", "")
    with override(_language(request)):
        since = dict(zip(MINUTES, (_("net"), _("een kwartier"), _("een uur"), _("langer")), strict=True))
        both: dict[str, Any] = {
            "help_phone": settings.HELP_PHONE,
            "watch": settings.WATCH_URL,
            "status_url": settings.STATUS_URL,
        }
        both |= {"scheme": scheme if scheme in SCHEMES else "", "since": since, "text_most": TEXT_MOST, **shown}
        return HTMLResponse(render_to_string("practices/symptom.html", both), status, plain_headers())
