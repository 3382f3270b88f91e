"""How an agent is reached: the signed handshake, what it may answer, and who never is."""

import asyncio
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.asyncio.server import serve

from tests.as_inkbox import served

CALLEE = "+442079460123"
TTS, STT = "X-Use-Inkbox-Text-To-Speech", "X-Use-Inkbox-Speech-To-Text"


async def hang_up_at_once(agent, message):
    """End the call as soon as it begins."""
    if message["event"] == "start":
        await agent.send(event="stop")


async def test_the_handshake_tells_the_call_and_is_signed(start_agent, open_still_line):
    """X-Call-Context names the call, and its very bytes are signed with the customer's key."""
    agent, url = await start_agent(hang_up_at_once)
    line = await open_still_line()
    call_id = await line.place(url)
    await line.pass_time(minutes=1)
    headers = agent.handshakes[0]
    context = json.loads(headers["X-Call-Context"])
    assert context == {
        "call_id": call_id,
        "phone_number": "+14155550100",
        "local_phone_number": "+14155550100",
        "remote_phone_number": CALLEE,
        "direction": "outbound",
    }
    signed = f"{headers['X-Inkbox-Request-ID']}.{headers['X-Inkbox-Timestamp']}."
    body = signed.encode() + headers["X-Call-Context"].encode()
    digest = hmac.new(b"sandbox", body, hashlib.sha256).hexdigest()
    assert headers["X-Inkbox-Signature"] == f"sha256={digest}"


async def test_a_handshake_is_signed_at_the_agents_own_time(start_agent, open_still_line):
    """The sandbox's clock may stand in another year; an agent checks by the machine's clock."""
    agent, url = await start_agent(hang_up_at_once)
    line = await open_still_line()
    before = int(datetime.now(UTC).timestamp())
    await line.place(url)
    await line.pass_time(minutes=1)
    after = datetime.now(UTC).timestamp()
    assert before <= int(agent.handshakes[0]["X-Inkbox-Timestamp"]) <= after


async def test_the_agents_url_is_used_as_it_was_given(start_agent, open_still_line):
    """A query of one's own in client_websocket_url reaches the agent."""
    agent, url = await start_agent(hang_up_at_once)
    line = await open_still_line()
    await line.place(url)
    await line.pass_time(minutes=1)
    assert agent.socket.request.path == "/call?inkbatch_attempt=7"


async def test_the_stream_starts_with_start(start_agent, open_still_line):
    """The first message has a stream_id, and the call's id as call_control_id."""
    agent, url = await start_agent(hang_up_at_once)
    line = await open_still_line()
    call_id = await line.place(url)
    await line.pass_time(minutes=1)
    start = agent.heard[0]
    assert start["event"] == "start"
    assert start["stream_id"]
    assert start["start"] == {"call_control_id": call_id}


@pytest.mark.parametrize(
    ("headers", "negotiated"),
    [
        ({TTS: "true", STT: "true"}, (True, True)),
        ({TTS: "TRUE", STT: "false"}, (True, False)),
        ({TTS: "false", STT: "true"}, (False, True)),
        ({TTS: "yes"}, (False, False)),
        ({}, (False, False)),
    ],
)
async def test_the_agents_answer_chooses_the_pipelines(
    start_agent, open_still_line, headers, negotiated
):
    """The call shows null before the stream, then what the agent's handshake asked for."""
    _, url = await start_agent(hang_up_at_once, headers=headers)
    line = await open_still_line(ring=timedelta(seconds=3))
    call_id = await line.place(url)
    before = await line.call(call_id)
    await line.pass_time(minutes=1)
    after = await line.call(call_id)
    assert (before["use_inkbox_tts"], before["use_inkbox_stt"]) == (None, None)
    assert (after["use_inkbox_tts"], after["use_inkbox_stt"]) == negotiated


@pytest.mark.parametrize(
    "url",
    ["wss://agent.example.com/call", "ws://192.0.2.1/", "ws://localhost.example.com", "ws://127.1"],
)
async def test_nobody_beyond_loopback_is_connected_to(open_still_line, url):
    """An agent that is not on this machine counts as unreachable, and why is shown."""
    line = await open_still_line()
    call_id = await line.place(url)
    await line.pass_time(minutes=11)
    stream = await line.transcript(call_id)
    assert stream["stream"] == "unreachable"
    assert "loopback" in stream["why"]
    assert line.sandbox.transcript(UUID(call_id)) is None
    call = await line.call(call_id)
    assert (call["status"], call["use_inkbox_tts"]) == ("completed", True)  # one is pretended


async def test_a_call_without_a_url_has_no_stream(open_still_line):
    """A call that names no WebSocket is answered and ends; no transcript is kept of it."""
    line = await open_still_line()
    call_id = await line.place(None)
    await line.pass_time(minutes=11)
    url = f"http://sandbox.test/sandbox/calls/{call_id}/transcript"
    assert (await line.client.get(url)).status_code == HTTPStatus.NOT_FOUND
    assert (await line.call(call_id))["status"] == "completed"


async def test_an_agent_that_is_not_there_leaves_the_call_as_long_as_drawn(
    open_still_line, unused_tcp_port
):
    """Nobody talks on for ten minutes with nobody: the callee hangs up as without any stream."""
    line = await open_still_line(talk_sigma=0.0, talk_median=timedelta(seconds=45))
    call_id = await line.place(f"ws://127.0.0.1:{unused_tcp_port}/")
    await line.pass_time(minutes=11)
    assert (await line.transcript(call_id))["stream"] == "unreachable"
    ended = await line.ends.next()
    assert ended.talk == timedelta(seconds=45)
    assert ended.hangup_reason == "remote"


@pytest.mark.parametrize("url", ["ws://127.0.0.1:99999/", "ws://127.0.0.1/#part"])
async def test_a_url_that_cannot_be_is_unreachable(open_still_line, url):
    """A port beyond all ports, or a fragment, ends no talk in an error."""
    line = await open_still_line()
    call_id = await line.place(url)
    await line.pass_time(minutes=11)
    assert (await line.transcript(call_id))["stream"] == "unreachable"
    assert (await line.call(call_id))["status"] == "completed"


async def test_an_agent_that_refuses_the_handshake_is_unreachable(open_still_line):
    """A 401 to the handshake is no stream; its status is shown."""

    def refuse(socket, _):
        return socket.respond(HTTPStatus.UNAUTHORIZED, "no\n")

    line = await open_still_line()
    async with serve(None, "127.0.0.1", 0, process_request=refuse) as server:
        call_id = await line.place(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        await line.pass_time(minutes=11)
    assert "401" in (await line.transcript(call_id))["why"]


async def test_a_redirect_to_another_host_is_not_followed(open_still_line):
    """An agent on loopback cannot send the sandbox into the network."""

    def redirect(socket, _):
        response = socket.respond(HTTPStatus.FOUND, "")
        response.headers["Location"] = "ws://192.0.2.1/"
        return response

    line = await open_still_line()
    async with serve(None, "127.0.0.1", 0, process_request=redirect) as server:
        call_id = await line.place(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        await line.pass_time(minutes=11)
    stream = await line.transcript(call_id)
    assert stream["stream"] == "unreachable"
    assert "cross-origin redirect" in stream["why"]


async def test_an_agent_that_never_answers_the_handshake_is_unreachable(open_still_line):
    """A port that accepts and says nothing is given up after the time set for it."""
    gone = asyncio.Event()

    async def accept(reader, writer):
        await reader.read()
        writer.close()
        gone.set()

    line = await open_still_line(media={"connect_timeout": timedelta(milliseconds=50)})
    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        call_id = await line.place(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        await line.pass_time(minutes=11)
        await gone.wait()
    assert (await line.transcript(call_id))["stream"] == "unreachable"


async def test_an_agent_of_starlette_talks(open_still_line):
    """An ASGI agent that sets its headers when it accepts holds a whole conversation."""

    async def talk(websocket):
        await websocket.accept(
            headers=[(TTS.lower().encode(), b"true"), (STT.lower().encode(), b"true")]
        )
        async for message in websocket.iter_json():
            if message["event"] == "transcript" and message["is_final"]:
                await websocket.send_json({"event": "text", "delta": "Good"})
                await websocket.send_json({"event": "text", "delta": "bye.", "done": True})
                await websocket.send_json({"event": "stop"})
            if message["event"] == "stop":
                break
        await websocket.close()

    app = Starlette(routes=[WebSocketRoute("/agent", talk)])
    line = await open_still_line()
    async with served(app, ws="websockets-sansio") as port:
        call_id = await line.place(f"ws://localhost:{port}/agent")
        await line.pass_time(minutes=9)
    assert (await line.said(call_id))[-1] == "local: Goodbye."
    assert (await line.call(call_id))["hangup_reason"] == "local"
