"""The sandbox as a server process."""

import uvicorn

from inkbatch.sandbox.options import SandboxOptions
from inkbatch.sandbox.pretend_inkbox import Sandbox


def serve(options: SandboxOptions, *, host: str = "127.0.0.1", port: int = 8765) -> None:
    """Serve a fresh sandbox by the machine's clock until Ctrl-C; logs nothing but warnings."""
    uvicorn.run(
        Sandbox(options).app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
    )
