"""`inkbatch agent` and the README's agent as processes, with a plain WebSocket as Inkbox."""

import re
import signal
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import websockets

from tests.acceptance.terminal import SECONDS_MAX
from tests.as_inkbox import START, handshake, hear, receive, rest, send, spoken
from tests.results_server import TOKEN, results_server

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "campaigns" / "appointment_reminder" / "agent.toml"
EXAMPLE = re.search(
    r"<!-- agent -->\s+```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
)
KEY = "whsec_sandbox"


@pytest.fixture
def agent_terminal(terminal_in, tmp_path):
    """A terminal whose environment has a proxy that must not be used."""
    terminal = terminal_in(tmp_path)
    terminal.environment.update(
        INKBATCH_WEBHOOK_SIGNING_KEYS=f"whsec_old, {KEY}",
        HTTP_PROXY="http://127.0.0.1:1",
        ALL_PROXY="http://127.0.0.1:1",
    )
    return terminal


@asynccontextmanager
async def calling(port, process, path="/?inkbatch_attempt=a1"):
    """Connect as Inkbox, knocking until the agent listens."""
    while True:
        assert process.poll() is None, process.communicate()
        headers = handshake(key=KEY, timestamp=int(time.time()))
        try:
            async with websockets.connect(
                f"ws://127.0.0.1:{port}{path}", additional_headers=headers, proxy=None
            ) as socket:
                yield socket
                return
        except ConnectionRefusedError:
            continue


async def test_the_sample_script_reminds_posts_and_prints_one_masked_line(
    agent_terminal, free_port
):
    """As the README says; Ctrl-C ends it without a word of complaint."""
    port = free_port()
    words = ("agent", "--script", SAMPLE, "--port", port)
    async with results_server() as (server, url):
        with agent_terminal.started(
            *words, INKBATCH_RESULTS_URL=url, INKBATCH_AGENT_TOKEN=TOKEN
        ) as process:
            async with calling(port, process) as socket:
                await send(socket, **START)
                assert (await spoken(socket)).startswith("Hello Dagny, ")
                await hear(socket, "please never call me again")
                assert await receive(socket) == {"event": "clear"}
                assert "not be called again" in await spoken(socket)
                await server.arrived.wait()
                await send(socket, event="stop")
                await rest(socket)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=SECONDS_MAX)
    assert [each["effect"] for each in server.results] == ["do_not_call"]
    [line] = [line for line in out.splitlines() if "•" in line]
    assert "+1•••••••0132  do not call (do_not_call)" in line
    assert line.endswith("posted")
    assert "Dagny" not in out + err
    assert TOKEN not in out + err
    assert err == ""


async def test_ctrl_c_hangs_up_the_calls_there_are(agent_terminal, free_port):
    """The callee is not left in silence; the refused stranger before leaves no error behind."""
    port = free_port()
    with agent_terminal.started("agent", "--script", SAMPLE, "--port", port) as process:
        async with calling(port, process, "/?first_name=Ragnar") as socket:
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(f"ws://127.0.0.1:{port}/", proxy=None)
            await send(socket, **START)
            assert (await spoken(socket)).startswith("Hello Ragnar, ")
            process.send_signal(signal.SIGINT)
            assert await rest(socket) == [{"event": "stop"}]
        out, err = process.communicate(timeout=SECONDS_MAX)
    assert "no result is posted" in out
    assert "hung up" in out
    assert err.count("\n") == 1
    assert "agent_handshake_refused status=401" in err
    assert "Ragnar" not in out + err


async def test_a_handshake_that_cannot_be_read_is_refused_and_not_kept_open(
    agent_terminal, free_port
):
    """A header line beyond 8 KiB is answered at once, so that strangers fill no process."""
    port = free_port()
    with agent_terminal.started("agent", "--script", SAMPLE, "--port", port) as process:
        async with calling(port, process):
            refused = websockets.connect(
                f"ws://127.0.0.1:{port}/",
                additional_headers={"X-Long": "a" * 9_000},
                open_timeout=SECONDS_MAX,
                proxy=None,
            )
            with pytest.raises(websockets.InvalidStatus) as told:
                await refused
    assert told.value.response.status_code == 431


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (("--script", "none.toml"), {}, "none.toml cannot be opened"),
        (("--script", "bad.toml"), {}, "bad.toml: steps is missing"),
        (("--script", SAMPLE, "--pipeline", "tv"), {}, "one of text, audio"),
        (("--script", SAMPLE, "--pipeline", "audio"), {}, "steps.greeting.audio is missing"),
        (
            ("--script", SAMPLE),
            {"INKBATCH_WEBHOOK_SIGNING_KEYS": ""},
            "INKBATCH_WEBHOOK_SIGNING_KEYS",
        ),
        (("--script", SAMPLE, "--host", "192.0.2.1", "--no-verify"), {}, "--no-verify"),
        (
            ("--script", SAMPLE),
            {"INKBATCH_AGENT_TOKEN": "x", "INKBATCH_RESULTS_URL": "http://example.com"},
            "Use https",
        ),
    ],
)
def test_a_mistake_at_the_start_is_one_sentence(agent_terminal, words, environment, told):
    """And exit code 2, as for every other verb."""
    (agent_terminal.folder / "bad.toml").write_text('name = "x"\n', "utf-8")
    said = agent_terminal.run("agent", *words, **environment)
    assert said.code == 2
    assert told in said.err
    assert "Traceback" not in said.err


async def test_the_readmes_agent_talks_and_posts(agent_terminal, free_port, tmp_path):
    """Word for word, with the README's own command."""
    port = free_port()
    (tmp_path / "reminder.py").write_text(EXAMPLE[1], "utf-8")
    words = ("reminder:app", "--port", port, "--log-level", "warning")
    async with results_server() as (server, url):
        told = {"INKBATCH_RESULTS_URL": url, "INKBATCH_AGENT_TOKEN": TOKEN}
        with agent_terminal.started(*words, module="uvicorn", **told) as process:
            async with calling(port, process, "/?inkbatch_attempt=a2") as socket:
                await send(socket, **START)
                assert await spoken(socket) == "Hello Dagny, will you come tomorrow?"
                await hear(socket, "What?")
                assert await spoken(socket) == "Sorry, was that a yes?"
                await hear(socket, "Oh yes")
                assert await spoken(socket) == "Wonderful. Good-bye!"
                await server.arrived.wait()
                await rest(socket)
    [posted] = server.results
    assert (posted["attempt_id"], posted["result"]) == ("a2", "confirmed")
    assert posted["effect"] == "success"
