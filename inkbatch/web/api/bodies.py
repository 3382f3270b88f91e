"""A limit on every body that is no file, before anything of it is read as JSON."""

from http import HTTPStatus

from fastapi import HTTPException, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkbatch.web.body import read_body
from inkbatch.web.problems import problem

FILES = ("/uploads", "/suppressions/import")
"""How the paths end that take a file as their body; they count it as it comes."""


class SmallBodies:
    """An ASGI app that reads the body whole, within its limit, and then hands it on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 and 408 for a body that is too long or comes too slowly."""
        if scope["type"] != "http" or scope["path"].endswith(FILES):
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(Request(scope, receive))
        except HTTPException as error:
            refused = problem(HTTPStatus(error.status_code), error.detail, headers=error.headers)
            await refused(scope, receive, send)
            return
        whole: Message = {"type": "http.request", "body": body, "more_body": False}
        unread = [whole]

        async def receive_again() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, receive_again, send)
