"""The sandbox as a server process."""

import uvicorn

from inkbatch.sandbox.faults.connection import ReachableProtocol
from inkbatch.sandbox.options import SandboxOptions
from inkbatch.sandbox.pretend_inkbox import Sandbox
from inkbatch.sandbox.webhooks.sender import WebhookOptions

LAST_ANSWERS_SECONDS = 1
"""How long requests under way have once the server is to end; hung ones would never end."""


def serve(
    options: SandboxOptions,
    *,
    webhooks: WebhookOptions | None = None,
    host: str = "127.0.0.1",
    port: int = 8765,
) -> None:
    """Serve a fresh sandbox by the machine's clock until Ctrl-C; logs nothing but warnings."""
    uvicorn.run(
        Sandbox(options, webhooks=webhooks).app,
        host=host,
        port=port,
        http=ReachableProtocol,
        timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
    )
