"""The WebSocket to the agent: the signed handshake, what comes in, what goes out, and limits."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.frames import CloseCode

from inkbatch.sandbox.call import LedgerCall
from inkbatch.sandbox.clock import RealClock
from inkbatch.sandbox.media import events
from inkbatch.sandbox.media.talk import Pipelines
from inkbatch.sandbox.signing import signed_headers

MESSAGE_BYTES_MAX = 256 * 1024
"""A larger message closes the agent's socket; half a minute of audio fits."""
EVENTS_QUEUED_MAX = 256
"""What an agent sends beyond that waits in its own socket."""
MESSAGES_BURST_MAX = 10_000
MESSAGES_PER_SECOND_MAX = 200
"""An agent that sends more than both together allow has its socket closed."""
CLOSE_SECONDS_MAX = 1

TTS_HEADER = "X-Use-Inkbox-Text-To-Speech"
STT_HEADER = "X-Use-Inkbox-Speech-To-Text"


class Unreachable(Exception):
    """There is no stream to the agent; the message says why."""


class AgentLine:
    """An open socket to the agent; `inbox` holds what it sent, and Dropped when it is gone."""

    def __init__(self, socket: ClientConnection) -> None:
        """Take an accepted handshake; whoever reads the inbox runs `listen` beside it."""
        self.inbox: asyncio.Queue[events.AgentEvent] = asyncio.Queue(EVENTS_QUEUED_MAX)
        self._socket = socket
        self._messages = 0

    @property
    def pipelines(self) -> Pipelines:
        """Who does what, by the agent's answer to the handshake; what it leaves out it does."""
        return Pipelines(tts=self._is_asked(TTS_HEADER), stt=self._is_asked(STT_HEADER))

    async def send(self, message: bytes) -> None:
        """Send a message of JSON; an agent that is gone hears nothing."""
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(message, text=True)

    async def listen(self) -> None:
        """Fill the inbox until the socket is gone, or sends more than anybody could say."""
        started = asyncio.get_running_loop().time()
        try:
            async for message in self._socket:
                for event in events.parse(message):
                    await self.inbox.put(event)
                self._messages += 1
                elapsed = asyncio.get_running_loop().time() - started
                if self._messages > MESSAGES_BURST_MAX + elapsed * MESSAGES_PER_SECOND_MAX:
                    await self._socket.close(CloseCode.POLICY_VIOLATION, "too many messages")
                    break
        except ConnectionClosed:
            pass
        await self.inbox.put(events.Dropped())

    async def has_more(self) -> bool:
        """Tell whether more has come once the agent's socket has answered a ping.

        What the agent sent before the ping reached it is in the inbox then.
        """
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS_MAX):
                await (await self._socket.ping())
                await asyncio.sleep(0)
        return not self.inbox.empty()

    async def hang_up(self, reason: str | None) -> None:
        """Tell the agent that the call is over; an agent that does not read gets a second."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS_MAX):
                await self.send(events.stop(reason))

    def _is_asked(self, header: str) -> bool:
        response = self._socket.response
        value = response.headers.get(header, "") if response is not None else ""
        return value.strip().lower() == "true"


@asynccontextmanager
async def agent_line(
    call: LedgerCall, url: str, *, signing_key: str, seconds_max: float
) -> AsyncIterator[AgentLine]:
    """Connect to the agent of a call that was answered; raises Unreachable.

    No proxy is asked and no redirect to another host followed. Nothing is compressed: frames of
    voice do not get smaller, only late.
    """
    headers = _handshake_headers(call, signing_key)
    try:
        socket = await _connect(url, headers=headers, seconds_max=seconds_max)
    except (OSError, InvalidHandshake, InvalidURI, TimeoutError, EOFError, ValueError) as error:
        raise Unreachable(f"no WebSocket at the agent's URL: {error}") from error
    line = AgentLine(socket)
    listening = asyncio.create_task(line.listen())
    try:
        yield line
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        await socket.close()


async def _connect(url: str, *, headers: dict[str, str], seconds_max: float) -> ClientConnection:
    parts = urlsplit(url)
    return await connect(
        url,
        host=parts.hostname,  # named here, so that the library follows no redirect elsewhere
        port=parts.port or (443 if parts.scheme == "wss" else 80),
        additional_headers=headers,
        compression=None,
        proxy=None,
        open_timeout=seconds_max,
        ping_interval=None,
        close_timeout=CLOSE_SECONDS_MAX,
        max_size=MESSAGE_BYTES_MAX,
    )


def _handshake_headers(call: LedgerCall, signing_key: str) -> dict[str, str]:
    """Return the call's context and its signature, over the very bytes of the context."""
    context = json.dumps(
        {
            "call_id": str(call.call_id),
            "phone_number": call.from_number,
            "local_phone_number": call.from_number,
            "remote_phone_number": call.to_number,
            "direction": "outbound",
        }
    )
    # An agent checks the time by its own clock, wherever that of the sandbox stands.
    signature = signed_headers(
        signing_key, context.encode(), now=RealClock().now(), request_id=str(uuid4())
    )
    return {"X-Call-Context": context, **signature}
