"""The demo's agent: some calls are really talked, over a WebSocket, and results come of them."""

import contextlib
import re
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

from inkbatch.adapters.clock import VirtualClock
from inkbatch.agent import AgentApp, ResultsClient, agent_app, agent_on_loopback
from inkbatch.agent.script import load_script, scripted_handler
from inkbatch.cli.output import say
from inkbatch.domain.errors import InkbatchError
from inkbatch.ports import Store
from inkbatch.sandbox import ORGANISATION_A
from inkbatch.wiring import Workplace, in_process

CALLS_TALKED = 8
"""The first so many that are answered; each takes a moment of the demo's minute."""

PATIENCE = timedelta(seconds=30)
"""Callees wait so long of real time for the agent, which is slow on a busy machine."""

SPOKEN_AT_ONCE = 1e6
"""Characters a second: where nights pass at once, nobody waits for words to be heard."""

AGENT_URL = re.compile(r'^(client_websocket_url = ")wss://[^/"]+/', re.MULTILINE)


class TalkClock(VirtualClock):
    """Time stands still while the agent talks, or has something left to post."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.agent: AgentApp | None = None

    async def sleep_until(self, when: datetime) -> None:
        """Jump forward to `when` once the agent is quiet."""
        if self.agent is not None:
            await self.agent.wait_until_quiet()
        await super().sleep_until(when)


@contextlib.asynccontextmanager
async def talking(
    sample: Path, *, workplace: Workplace, store: Store, clock: TalkClock, out: Path
) -> AsyncIterator[Path]:
    """Let the sample's own agent listen on loopback; yields the campaign that leads to it."""
    token = workplace.settings.agent_tokens[0]
    transport = in_process(workplace.web_app(store))
    async with ResultsClient("http://127.0.0.1", token, transport=transport) as results:
        agent = agent_app(
            scripted_handler(
                load_script(sample / "agent.toml"), clock=clock, say_line=say, posts=True
            ),
            signing_keys=[ORGANISATION_A.signing_key],  # checked by the machine's own clock
            results=results,
            characters_per_second=SPOKEN_AT_ONCE,
        )
        async with agent_on_loopback(agent) as port:
            clock.agent = agent
            yield _leading_to(port, sample=sample, out=out)


def _leading_to(port: int, *, sample: Path, out: Path) -> Path:
    """Return a copy of the campaign whose calls lead to this machine."""
    folder = out / sample.name
    shutil.copytree(sample, folder, dirs_exist_ok=True)
    file = folder / "campaign.toml"
    text, changed = AGENT_URL.subn(rf"\1ws://127.0.0.1:{port}/", file.read_text("utf-8"))
    if not changed:
        raise InkbatchError(f"{file} has no client_websocket_url, so its calls lead to no agent")
    file.write_text(text, "utf-8")
    return folder
