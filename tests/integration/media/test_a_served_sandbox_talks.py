"""`inkbatch sandbox` as a process, an agent as another party, and a script between them."""

import asyncio
import socket
import sys
from contextlib import asynccontextmanager

import httpx

CALLEE = "+442079460123"
SCRIPT = f"""
[callees]
"{CALLEE}" = [{{outcome = "answer", ring_seconds = 0, dialogue = "polite"}}]
[[dialogues.polite]]
say = "Good morning."
[[dialogues.polite]]
hears = "come tomorrow"
say = "With pleasure, goodbye."
hangs_up = true
"""


@asynccontextmanager
async def served(folder):
    """Run the command with the script, at a hundredth of the time."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = folder / "callees.toml"
    script.write_text(SCRIPT)
    options = ["--port", str(port), "--script", str(script), "--durations", "0.01"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "inkbatch", "sandbox", *options, stdout=asyncio.subprocess.DEVNULL
    )
    key = {"X-API-Key": "sandbox"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=key) as client:
            await knock(client, process)
            yield client
    finally:
        process.terminate()
        await process.wait()


async def knock(client, process):
    """Ask until somebody answers; the process is alive for as long as that takes."""
    while process.returncode is None:
        try:
            return await client.get("/sandbox/ledger")
        except httpx.ConnectError:
            continue
    raise AssertionError("the sandbox has ended")


async def test_the_command_talks_with_an_agent_by_the_script(start_agent, tmp_path):
    """A call placed over HTTP is talked to its end, and both sides' words can be read."""

    async def invite(agent, message):
        if message["event"] == "transcript" and message["text"] == "Good morning.":
            await agent.say("Will you come tomorrow?")

    agent, url = await start_agent(invite)
    async with served(tmp_path) as client:
        body = {"from_number": "+14155550100", "to_number": CALLEE, "client_websocket_url": url}
        placed = (await client.post("/api/v1/phone/place-call", json=body)).json()
        await agent.hung_up.wait()
        told = (await client.get(f"/sandbox/calls/{placed['id']}/transcript")).json()
        call = (await client.get(f"/api/v1/phone/calls/{placed['id']}")).json()
    assert [(entry["party"], entry["text"]) for entry in told["entries"]] == [
        ("remote", "Good morning."),
        ("local", "Will you come tomorrow?"),
        ("remote", "With pleasure, goodbye."),
    ]
    assert (call["status"], call["hangup_reason"]) == ("completed", "remote")
    assert (call["use_inkbox_tts"], call["use_inkbox_stt"]) == (True, True)
