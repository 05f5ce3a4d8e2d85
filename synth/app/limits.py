"""Limit on the size of request bodies other than uploads, which Gradio itself does not limit."""

from typing import Any

MAX_BODY = 8 * 2**20
UPLOADS = "/upload"


class BodyLimit:
    """ASGI middleware: answer 413 to a body above ``MAX_BODY`` bytes; uploads have their own limit in ``launch``."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].endswith(UPLOADS):
            return await self.app(scope, receive, send)
        if int(dict(scope["headers"]).get(b"content-length", b"0")) > MAX_BODY:
            return await _refuse(send)
        size, started = 0, False

        async def counted() -> Any:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY:
                raise TooLarge
            return message

        async def watched(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            return await self.app(scope, counted, watched)
        except TooLarge:
            if not started:
                await _refuse(send)


async def _refuse(send: Any) -> None:
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


class TooLarge(Exception):
    """A request body is larger than any request of this app needs."""
