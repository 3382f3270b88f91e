"""Reading a request's body without trusting its length, its speed or its form."""

import asyncio
from http import HTTPStatus

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

BODY_BYTES_MAX = 1024 * 1024
BODY_SECONDS_MAX = 15.0
"""A body that drips more slowly holds a connection for no good reason."""


async def read_body(request: Request) -> bytes:
    """Return the raw body; answers 413 as soon as it is too long, and 408 when it is too slow."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > BODY_BYTES_MAX:
        raise _too_long()
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_BYTES_MAX:
                    raise _too_long()
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "the body came too slowly") from None
    except ClientDisconnect:  # nobody is there to read it; but it is no fault of ours to log
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body broke off") from None
    return bytes(body)


def _too_long() -> HTTPException:
    return HTTPException(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the body is longer than {BODY_BYTES_MAX // 1024} KiB",
        headers={"Connection": "close"},
    )
