"""What every answer passes on its way out: the sandbox's `Date`, and a count by status."""

from collections import Counter
from collections.abc import Awaitable, Callable
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkbatch.sandbox.exchange import Exchange


class FrontDesk:
    """ASGI middleware that dates answers by the exchange's clock and counts the API's own.

    Before an answer everything that is due is told to whom it may concern (`catch_up`).
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        exchange: Exchange,
        catch_up: Callable[[], Awaitable[None]],
        answers: Counter[int],
        prefix: str,
    ) -> None:
        """Wrap an app; `answers` under the path prefix are counted up by status code."""
        self._app = app
        self._exchange = exchange
        self._catch_up = catch_up
        self._answers = answers
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and stamp its answer."""
        is_counted = scope["type"] == "http" and scope["path"].startswith(self._prefix)

        async def stamp(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._exchange.now(), usegmt=True)
                message["headers"] = [*message["headers"], (b"date", date.encode("ascii"))]
                self._answers[message["status"]] += is_counted
            await send(message)

        if scope["type"] == "http":
            await self._catch_up()
        await self._app(scope, receive, stamp)
