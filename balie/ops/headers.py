"""What every answer of the watch says to browsers, whoever made it: pages, redirects, refusals and files."""

from typing import Final

from django.conf import settings

from balie.lib.asgi import App, Header, Message, Receive, Scope, Send
from balie.lib.plain import plain_headers

NOT_KEPT: Final[Header] = (b"cache-control", b"no-store")
STRICT: Final[Header] = (b"strict-transport-security", b"max-age=31536000")


class WithHeaders:
    """Adds what an answer lacks. Files may be kept by browsers, so long as they ask whether there are newer ones."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._all = [(name.encode(), value.encode()) for name, value in plain_headers().items()]
        if settings.WATCH_URL.startswith("https://"):
            self._all.append(STRICT)
        self._files = [*(each for each in self._all if each != NOT_KEPT), (b"cache-control", b"no-cache")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = self._files if scope["path"].startswith(("/status", "/static/")) else self._all

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                lacking = [each for each in wanted if each[0] not in given]
                message = {**message, "headers": [*message["headers"], *lacking]}
            await send(message)

        await self._app(scope, receive, sending)
