"""The application as a server process."""

import uvicorn
from fastapi import FastAPI

CONNECTIONS_MAX = 200
KEEP_ALIVE_SECONDS = 30
HEADER_BYTES_MAX = 32 * 1024
ENDS_WITHIN_SECONDS = 10


def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM; logs warnings alone, since requests hold what is private."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        http="h11",
        h11_max_incomplete_event_size=HEADER_BYTES_MAX,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=ENDS_WITHIN_SECONDS,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
    )
