"""Knocking at agents, webhooks and Prefect servers: real sockets of this machine."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
import websockets
from pydantic import SecretStr

from inkbatch.agent import agent_app
from inkbatch.agent.serving import agent_on_loopback
from inkbatch.doctor.finding import Verdict
from inkbatch.doctor.prefect_server import prefect
from inkbatch.doctor.reach import agents, webhooks
from inkbatch.settings import Settings
from inkbatch.wiring import load_campaign
from tests.served_sandbox import unused_port
from tests.trial_campaigns import numbers, write_campaign

HERE = Settings(base_url="http://127.0.0.1:1/api/v1/phone", webhook_signing_keys=SecretStr("k"))


@pytest.fixture
def campaign(tmp_path):
    """Write a campaign whose file says this."""

    def write(**keys):
        return load_campaign(write_campaign(tmp_path / "trial", numbers(1), **keys))

    return write


@asynccontextmanager
async def answering(status, body=b"", *, asked=None):
    """Serve one HTTP answer to whoever asks, and keep what was asked."""

    async def serve(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        if asked is not None:
            asked.append(request.decode())
        head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_an_agent_that_checks_signatures_is_fine(campaign):
    """The kit's agent refuses the knock, which shows that it is there and that it checks."""

    async def talk(call):
        raise AssertionError(call)

    app = agent_app(talk, signing_keys=("whsec_sandbox",))
    async with agent_on_loopback(app) as port:
        url = f"ws://127.0.0.1:{port}/talk?name={{contact.first_name}}"
        [found] = await agents([campaign(client_websocket_url=url)], HERE)
    assert found.verdict is Verdict.FINE, found


async def test_an_agent_that_takes_anybody_is_told(campaign):
    """Whoever finds its address could talk with it, and make it say things."""

    async def take(socket):
        await socket.wait_closed()

    async with websockets.serve(take, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"ws://127.0.0.1:{port}/talk"
        [found] = await agents([campaign(client_websocket_url=url)], HERE)
    assert found.verdict is Verdict.BEWARE, found


async def test_an_agent_that_is_not_there_is_wrong(campaign):
    """Who is called would hear nothing."""
    url = f"ws://127.0.0.1:{unused_port()}/talk"
    [found] = await agents([campaign(client_websocket_url=url)], HERE)
    assert found.verdict is Verdict.WRONG
    assert "/talk" not in found.saw + found.advice


async def test_a_wrong_path_of_an_agent_is_wrong(campaign):
    """A web server that knows no such path is no agent."""
    async with answering(404) as port:
        url = f"ws://127.0.0.1:{port}/tlak"
        [found] = await agents([campaign(client_websocket_url=url)], HERE)
    assert (found.verdict, "404" in found.saw) == (Verdict.WRONG, True)


async def test_inkbox_cannot_reach_an_agent_by_loopback(campaign):
    """An address of this machine works with the sandbox only."""
    there = HERE.model_copy(update={"base_url": "https://calls.example.com/api"})
    url = f"wss://127.0.0.1:{unused_port()}/talk"
    [found] = await agents([campaign(client_websocket_url=url)], there)
    assert (found.verdict, "this machine" in found.saw) == (Verdict.WRONG, True)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(401, Verdict.FINE), (403, Verdict.FINE), (200, Verdict.BEWARE), (404, Verdict.BEWARE)],
)
async def test_webhooks_must_refuse_what_is_not_signed(campaign, status, verdict):
    """An endpoint that takes anything, or is not ours, is told."""
    async with answering(status) as port:
        url = f"http://127.0.0.1:{port}/webhooks/inkbox"
        [found] = await webhooks([campaign(webhook_url=url)], HERE)
    assert found.verdict is verdict, found


async def test_webhooks_without_a_key_to_check_them_are_told(campaign):
    """Without one every event would be refused."""
    there = HERE.model_copy(update={"webhook_signing_keys": None})
    url = f"http://127.0.0.1:{unused_port()}/webhooks/inkbox"
    reached, key = await webhooks([campaign(webhook_url=url)], there)
    assert (reached.verdict, key.verdict) == (Verdict.BEWARE, Verdict.BEWARE)


async def test_prefect_is_asked_for_its_version_with_our_credentials():
    """The server answers with its version as JSON; the password goes nowhere else."""
    asked = []
    async with answering(200, json.dumps("3.8.8").encode(), asked=asked) as port:
        environment = {
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_API_AUTH_STRING": "admin:secret",
        }
        found = await prefect(environment)
    assert found.verdict is Verdict.FINE, found
    assert asked[0].startswith("GET /api/admin/version ")
    assert "Basic YWRtaW46c2VjcmV0" in asked[0]


@pytest.mark.parametrize(("status", "body"), [(401, b""), (404, b""), (200, b"<html>")])
async def test_what_is_no_prefect_server_for_us_is_wrong(status, body):
    """Wrong credentials, a wrong path, or another program on that port."""
    async with answering(status, body) as port:
        found = await prefect({"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"})
    assert found.verdict is Verdict.WRONG


async def test_no_prefect_server_at_all_is_wrong_only_where_one_is_named():
    """Without PREFECT_API_URL nothing is missing."""
    named = await prefect({"PREFECT_API_URL": f"http://127.0.0.1:{unused_port()}/api"})
    assert named.verdict is Verdict.WRONG
    assert (await prefect({})).verdict is Verdict.FINE
