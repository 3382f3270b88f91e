"""No request fills the sandbox's memory: bodies end at a mebibyte."""

from http import HTTPStatus

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX = 1024 * 1024


class BodyLimit:
    """ASGI middleware that stops reading a body that is too long; its request becomes a 413."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and count what is read of it."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > BODY_BYTES_MAX:
                raise HTTPException(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"The body is longer than {BODY_BYTES_MAX} bytes",
                )
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)
