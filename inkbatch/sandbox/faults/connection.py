"""The TCP connection under a request, for faults that no HTTP answer can tell.

uvicorn hands an app no connection, so its protocol is extended by one ASGI extension.
"""

import socket
import struct
from asyncio import Transport
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION = "inkbatch.connection"
_LINGER_NOT_AT_ALL = struct.pack("ii", 1, 0)


class ReachableProtocol(HttpToolsProtocol):
    """Speaks HTTP as uvicorn does, and lets the app reach the connection of a request."""

    def on_message_begin(self) -> None:
        """Begin a request, with its connection in the scope."""
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"transport": self.transport}}


def reset(scope: MutableMapping[str, Any]) -> None:
    """Cut the connection by a TCP RST, which loses what was not sent yet.

    Raises ConnectionResetError where there is no connection: in the client's own process.
    """
    transport = _transport(scope)
    if transport is None:
        raise ConnectionResetError("the sandbox was told to reset the connection")
    connection = transport.get_extra_info("socket")
    # Closing a socket that must not linger drops what is unsent and sends RST instead of FIN.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT_AT_ALL)
    transport.abort()


def close(scope: MutableMapping[str, Any]) -> bool:
    """Close the connection once everything sent is out; tell whether there was one."""
    transport = _transport(scope)
    if transport is not None:
        transport.close()
    return transport is not None


def _transport(scope: MutableMapping[str, Any]) -> Transport | None:
    told: Transport | None = scope.get("extensions", {}).get(EXTENSION, {}).get("transport")
    return told
