"""Reaching a server that lives in this very process, such as the sandbox."""

from typing import Any

import httpx


def in_process(app: Any) -> httpx.AsyncBaseTransport:
    """Return a transport that calls an ASGI app directly: real HTTP semantics, no socket."""
    return httpx.ASGITransport(app=app)
