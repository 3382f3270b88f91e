"""Inkbox as an agent meets it: signs a handshake and speaks plain JSON over a plain WebSocket.

Written from the facts of the wire and with nothing of inkbatch, so that a misreading shows.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from contextlib import asynccontextmanager

import uvicorn
import websockets

KEY = "whsec_c2FuZGJveA"
NOW_SECONDS = 1_793_631_600
CONTEXT = json.dumps(
    {"call_id": "5d0b6a0e-1", "phone_number": "+14155550100", "direction": "outbound"}
)
START = {"event": "start", "stream_id": "s1", "start": {"call_control_id": "c1"}}


def signature(context=CONTEXT, *, key=KEY, request_id="req-1", timestamp=NOW_SECONDS):
    """Return what Inkbox signs of a handshake."""
    signed = f"{request_id}.{timestamp}.{context}".encode()
    secret = key.removeprefix("whsec_").encode()
    return "sha256=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()


def handshake(context=CONTEXT, *, key=KEY, request_id="req-1", timestamp=NOW_SECONDS):
    """Return the headers of a handshake."""
    return {
        "X-Call-Context": context,
        "X-Inkbox-Request-ID": request_id,
        "X-Inkbox-Timestamp": str(timestamp),
        "X-Inkbox-Signature": signature(
            context, key=key, request_id=request_id, timestamp=timestamp
        ),
    }


@asynccontextmanager
async def served(app, **options):
    """Run uvicorn on a free port of loopback; gives the port."""
    config = uvicorn.Config(app, port=0, log_level="critical", **options)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running


def connect(port, path="/?inkbatch_attempt=a1", *, headers=None):
    """Connect as Inkbox does once a call is answered."""
    return websockets.connect(
        f"ws://127.0.0.1:{port}{path}",
        additional_headers=handshake() if headers is None else headers,
        proxy=None,
    )


async def refusal(port, headers):
    """Return the status and text with which a handshake is refused, None if it is admitted."""
    try:
        async with connect(port, headers=headers):
            return None
    except websockets.InvalidStatus as refused:
        return refused.response.status_code, refused.response.body.decode()


async def send(socket, **frame):
    """Send one frame."""
    await socket.send(json.dumps(frame))


async def hear(socket, text, *, is_final=True):
    """Let the callee say something."""
    await send(socket, event="transcript", text=text, is_final=is_final, turn_id="t1")


async def sound(socket, pcmu):
    """Let the callee make a sound."""
    await send(socket, event="media", media={"payload": base64.b64encode(pcmu).decode()})


async def receive(socket):
    """Return the next frame."""
    return json.loads(await socket.recv())


async def spoken(socket):
    """Return the text of the next utterance, once its `done` has come."""
    text = ""
    while True:
        frame = await receive(socket)
        assert frame["event"] == "text", frame
        if frame.get("done"):
            return text
        text += frame["delta"]


async def rest(socket):
    """Return all frames until the agent closes the socket."""
    return [json.loads(frame) async for frame in socket]
