"""Whether something answers at an address that a person wrote down; nothing is said to it.

Used to look, never to dial: no key goes along, no redirect is followed, no proxy is asked.
"""

import ssl
from http import HTTPStatus

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

SECONDS_MAX = 10.0
ANSWER_BYTES_MAX = 64 * 1024


class Unreachable(Exception):
    """Nothing that could be used answered; the text says why, without the address."""


async def opens_websocket(url: str) -> int:
    """Return the HTTP status with which a WebSocket handshake without signature is answered.

    101 is one that was taken; it is closed at once. Raises Unreachable.
    """
    try:
        async with connect(url, open_timeout=SECONDS_MAX, close_timeout=1.0, proxy=None):
            return int(HTTPStatus.SWITCHING_PROTOCOLS)
    except InvalidStatus as refused:
        return refused.response.status_code
    except (InvalidHandshake, InvalidURI, OSError, TimeoutError, ValueError) as error:
        raise Unreachable(_reason(error)) from error


async def answer_to(
    url: str, *, method: str = "GET", credentials: str | None = None
) -> tuple[int, str]:
    """Return the status and the text with which an address answers. Raises Unreachable.

    `credentials` is a whole Authorization header.
    """
    headers = {} if credentials is None else {"Authorization": credentials}
    try:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=SECONDS_MAX, headers=headers) as client,
            client.stream(method, url) as response,
        ):
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk[: ANSWER_BYTES_MAX - len(body)]
                if len(body) >= ANSWER_BYTES_MAX:
                    break
            return response.status_code, body.decode(errors="replace")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Unreachable(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return f"no answer within {SECONDS_MAX:.0f} s"
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return "its certificate is not accepted"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
