"""The answers with which Inkbox refuses: status, body and headers as its API page has them."""

import json
from http import HTTPStatus
from uuid import NAMESPACE_URL, uuid5

from fastapi import HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError

from inkbatch.sandbox.rolling_limits import Hold, Usage


def no_such_key() -> HTTPException:
    """Refuse a request without an API key, or with one that nobody has."""
    return HTTPException(HTTPStatus.UNAUTHORIZED, "Missing or invalid API key")


def number_not_active() -> HTTPException:
    """Refuse a from_number that is the organisation's own but may not place calls."""
    return HTTPException(HTTPStatus.BAD_REQUEST, "from_number is not active")


def not_your_from_number() -> HTTPException:
    """Refuse a from_number of another organisation, or of nobody."""
    return HTTPException(HTTPStatus.FORBIDDEN, "from_number does not belong to your organization")


def not_your_number() -> HTTPException:
    """Refuse a look at another organisation's phone number."""
    return HTTPException(HTTPStatus.FORBIDDEN, "Phone number does not belong to your organization")


def not_your_call() -> HTTPException:
    """Refuse a look at another organisation's call."""
    return HTTPException(HTTPStatus.FORBIDDEN, "Call does not belong to your organization")


def no_such_number() -> HTTPException:
    """Refuse the id of a phone number that nobody has."""
    return HTTPException(HTTPStatus.NOT_FOUND, "Phone number not found")


def no_such_call() -> HTTPException:
    """Refuse the id of a call that the phone number never placed."""
    return HTTPException(HTTPStatus.NOT_FOUND, "Call not found")


def call_has_ended() -> HTTPException:
    """Refuse to hang up a call that is over."""
    return HTTPException(HTTPStatus.CONFLICT, "Call has already ended")


def recipient_blocked(to_number: str) -> HTTPException:
    """Refuse a destination that a contact rule blocks, in the form of the official client."""
    detail = {
        "error": "recipient_blocked",
        "matched_rule_id": str(uuid5(NAMESPACE_URL, f"rule:{to_number}")),
        "address": to_number,
        "reason": "The destination is blocked by a contact rule",
    }
    return HTTPException(HTTPStatus.FORBIDDEN, detail)


def limit_exceeded(usage: Usage, hold: Hold) -> HTTPException:
    """Refuse a call beyond the limits; the headers speak of the limit that is used up."""
    calls_bind = usage.calls_remaining == 0
    return HTTPException(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"Organization has exceeded {usage.calls_limit} calls or {usage.minutes_limit:g} minutes "
        "in the last 24 hours",
        headers={
            "Retry-After": str(hold.retry_after_seconds),
            "X-RateLimit-Limit": f"{usage.calls_limit if calls_bind else usage.minutes_limit:.0f}",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(hold.reset_epoch_seconds),
        },
    )


def dial_failed() -> HTTPException:
    """Tell that the carrier did not dial; a failed call may be on the list all the same."""
    return HTTPException(HTTPStatus.BAD_GATEWAY, "Telnyx dial failed")


async def not_valid(_: Request, error: Exception) -> Response:
    """Answer 422 with FastAPI's list, also where it repeats what JSON or UTF-8 cannot carry.

    Python's parser takes NaN and halves of surrogate pairs; FastAPI's own answer fails on them.
    """
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    told = json.loads(json.dumps(jsonable_encoder(errors)), parse_constant=str)
    return Response(
        json.dumps({"detail": told}),
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY,
        media_type="application/json",
    )
