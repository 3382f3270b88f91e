"""From a handler to an ASGI app that Inkbox can connect to."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import SecretStr
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from inkbatch.adapters.clock import RealClock
from inkbatch.agent.call import AgentCall
from inkbatch.agent.conversation import Conversation
from inkbatch.agent.handshake import CallContext, Gate
from inkbatch.agent.limits import Limits
from inkbatch.agent.line import Line
from inkbatch.agent.pipeline import Pipeline
from inkbatch.agent.results import Attempts, Results
from inkbatch.agent.results_client import ResultsClient
from inkbatch.domain.errors import HandshakeRefused
from inkbatch.ports import Clock
from inkbatch.settings import load_settings

Handler = Callable[[AgentCall], Awaitable[None]]

CALL_TOO_LONG, SHUT_DOWN = "too_long", "agent_shut_down"
CANCEL_SECONDS_MAX = 5
UPGRADE_REQUIRED, UNAVAILABLE = 426, 503

log = logging.getLogger("inkbatch.agent")


def agent_app(  # noqa: PLR0913 (each is named by who calls it, and most are left out)
    handler: Handler,
    *,
    pipeline: Pipeline = Pipeline.TEXT,
    signing_keys: Sequence[SecretStr | str] | None = None,
    verify: bool = True,
    results: Results | None = None,
    contacts: Attempts | None = None,
    limits: Limits | None = None,
    characters_per_second: float = 15.0,
    clock: Clock | None = None,
) -> "AgentApp":
    """Return an ASGI app: serve it with uvicorn, or mount it in FastAPI or Starlette.

    `handler` is run for each call, many at once. When it returns, the call is hung up once all
    was spoken, at `characters_per_second`; when it raises, at once. `contacts` tells who is
    called; without it `results` is asked, if that is a ResultsClient. Inkbox is known by
    `signing_keys`, by default those of INKBATCH_WEBHOOK_SIGNING_KEYS. Raises SettingsError
    without a key, unless `verify` is False, which is for development alone.
    """
    if signing_keys is None:
        signing_keys = load_settings().signing_keys
    if contacts is None and isinstance(results, ResultsClient):
        contacts = results
    return AgentApp(
        handler,
        pipeline=pipeline,
        gate=Gate(signing_keys, verify=verify, clock=clock or RealClock()),
        make_call=lambda conversation, context, websocket: AgentCall(
            conversation,
            context=context,
            query=dict(websocket.query_params),
            attempts=contacts,
            results=results,
        ),
        limits=limits or Limits(),
        characters_per_second=characters_per_second,
    )


class AgentApp:
    """Answers handshakes and runs the handler of each call; see `agent_app`."""

    def __init__(
        self,
        handler: Handler,
        *,
        pipeline: Pipeline,
        gate: Gate,
        make_call: Callable[[Conversation, CallContext, WebSocket], AgentCall],
        limits: Limits,
        characters_per_second: float,
    ) -> None:
        self._handler = handler
        self._pipeline = pipeline
        self._gate = gate
        self._make_call = make_call
        self._limits = limits
        self._characters_per_second = characters_per_second
        self._conversations: dict[Conversation, asyncio.Task[Any] | None] = {}
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._is_closing = False

    @property
    def calls_now(self) -> int:
        """How many calls there are, with those whose handler is still at work after the end."""
        return len(self._conversations)

    async def wait_until_quiet(self) -> None:
        """Return once there are no calls, and every handler has posted what it posts."""
        await self._quiet.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI says."""
        match scope["type"]:
            case "websocket":
                await self._answer(WebSocket(scope, receive, send))
            case "http":
                told = PlainTextResponse(
                    "An agent listens here for Inkbox's WebSocket.\n",
                    UPGRADE_REQUIRED,
                    {"Upgrade": "websocket"},
                )
                await told(scope, receive, send)
            case "lifespan":
                await self._live(receive, send)

    async def hang_up_all(self) -> None:
        """Take no more calls, hang up those there are, and wait for their handlers to end.

        To be called before the server closes its sockets: a closed socket ends no phone call.
        """
        self._is_closing = True
        running = dict(self._conversations)
        await asyncio.gather(*(each.hang_up(reason=SHUT_DOWN) for each in running))
        tasks = {task for task in running.values() if task and task is not asyncio.current_task()}
        if tasks:
            await asyncio.wait(tasks, timeout=self._limits.aftermath_seconds_max)

    async def _answer(self, websocket: WebSocket) -> None:
        try:
            context = self._admit(websocket)
        except HandshakeRefused as refused:
            log.warning("agent_handshake_refused status=%d why=%r", refused.status, str(refused))
            return await _deny(websocket, refused)
        line = Line(websocket, self._limits)
        conversation = Conversation(
            line,
            pipeline=self._pipeline,
            limits=self._limits,
            characters_per_second=self._characters_per_second,
        )
        self._conversations[conversation] = asyncio.current_task()
        self._quiet.clear()
        try:
            await websocket.accept(headers=self._pipeline.response_headers)
            await self._converse(conversation, self._make_call(conversation, context, websocket))
        finally:
            await line.close()
            self._conversations.pop(conversation)
            if not self._conversations:
                self._quiet.set()
        return None

    def _admit(self, websocket: WebSocket) -> CallContext:
        if self._is_closing or len(self._conversations) >= self._limits.calls_max:
            raise HandshakeRefused("the agent takes no more calls now", status=UNAVAILABLE)
        return self._gate.admit(websocket.scope["headers"])

    async def _converse(self, conversation: Conversation, call: AgentCall) -> None:
        listening = conversation.listen()
        handling = asyncio.ensure_future(self._handler(call))
        try:
            await asyncio.wait(
                {listening, handling},
                timeout=self._limits.call_seconds_max,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not handling.done():
                await conversation.hang_up(reason=CALL_TOO_LONG)  # nothing, if it has ended
                await asyncio.wait({handling}, timeout=self._limits.aftermath_seconds_max)
            if handling.done() and not _failed(handling, call):
                await call.hang_up()
        finally:
            if not handling.done():
                log.warning("agent_handler_cut_off call_id=%s", call.id)
            handling.cancel()
            await conversation.hang_up()
            listening.cancel()
            await asyncio.wait({handling, listening}, timeout=CANCEL_SECONDS_MAX)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.hang_up_all()
                return await send({"type": "lifespan.shutdown.complete"})
            await send({"type": "lifespan.startup.complete"})


async def _deny(websocket: WebSocket, refused: HandshakeRefused) -> None:
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        told = PlainTextResponse(f"{refused}\n", refused.status)
        await websocket.send_denial_response(told)
    else:
        await websocket.close()  # before it is accepted: the server answers 403


def _failed(handling: "asyncio.Future[None]", call: AgentCall) -> bool:
    """Log what a handler raised: its kind and place, never its message, which may name people."""
    error = None if handling.cancelled() else handling.exception()
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        log.error(
            "agent_handler_failed error=%s handler_line=%s raised_at=%s call_id=%s",
            type(error).__name__,
            _place(frames[0]),
            _place(frames[-1]),
            call.id,
        )
    return error is not None or handling.cancelled()


def _place(frame: traceback.FrameSummary) -> str:
    return f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
