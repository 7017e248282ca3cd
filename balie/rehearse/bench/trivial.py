"""The least an ASGI app can do: the same bytes for everybody."""

BODY = b'{"hello": "world"}'
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"18")],
}


async def app(scope, _receive, send):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - ten lines, no more
    if scope["type"] == "http":
        await send(START)
        await send({"type": "http.response.body", "body": BODY})
