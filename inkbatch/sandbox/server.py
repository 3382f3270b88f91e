"""The sandbox as a server process."""

from collections.abc import Sequence

import uvicorn

from inkbatch.sandbox.clock import Clock
from inkbatch.sandbox.options import SandboxOptions
from inkbatch.sandbox.pretend_inkbox import Sandbox
from inkbatch.sandbox.switchboard import ListenerFactory

LOOPBACK = "127.0.0.1"


def serve(
    options: SandboxOptions,
    *,
    host: str = LOOPBACK,
    port: int = 8765,
    clock: Clock | None = None,
    listeners: Sequence[ListenerFactory] = (),
) -> None:
    """Serve a fresh sandbox until Ctrl-C, by the machine's clock unless another is given.

    Logs nothing but warnings.
    """
    uvicorn.run(
        Sandbox(options, clock=clock, listeners=listeners).app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        lifespan="on",
    )
