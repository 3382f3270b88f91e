"""The sandbox as a server process."""

import gc
import logging
from collections.abc import Sequence

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from inkbatch.sandbox.clock import Clock
from inkbatch.sandbox.faults.connection import ReachableProtocol
from inkbatch.sandbox.options import SandboxOptions
from inkbatch.sandbox.pretend_inkbox import Sandbox
from inkbatch.sandbox.switchboard import ListenerFactory
from inkbatch.sandbox.webhooks.sender import WebhookOptions

LOOPBACK = "127.0.0.1"
LAST_ANSWERS_SECONDS = 1
"""How long requests under way have once the server is to end; hung ones would never end."""


def serve(
    options: SandboxOptions,
    *,
    host: str = LOOPBACK,
    port: int = 8765,
    clock: Clock | None = None,
    listeners: Sequence[ListenerFactory] = (),
    webhooks: WebhookOptions | None = None,
) -> None:
    """Serve a fresh sandbox until Ctrl-C, by the machine's clock unless another is given.

    Logs nothing but warnings.
    """
    # What is loaded by now stays; collecting garbage in it, too, would make voices a tenth of a
    # second late.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        Sandbox(options, clock=clock, listeners=listeners, webhooks=webhooks).app,
        host=host,
        port=port,
        http=ReachableProtocol,
        timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        lifespan="on",
        log_config=None if logging.getLogger().handlers else LOGGING_CONFIG,
    )
