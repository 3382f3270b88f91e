"""What goes wrong, told to scripts: problem+json (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


class ProblemResponse(JSONResponse):
    """A problem; `detail` is a sentence that says what to do now."""

    media_type = MEDIA_TYPE


def problem(
    status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None
) -> ProblemResponse:
    """Return the answer to a request that came to nothing."""
    told = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
    }
    return ProblemResponse(told, status, headers=headers)
