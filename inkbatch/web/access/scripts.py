"""What a script's request meets: its token, and what that may do. No cookie counts here."""

from datetime import datetime
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from inkbatch.domain.errors import StoreError
from inkbatch.web.access.tokens import Tokens
from inkbatch.web.problems import problem

API_FOLDER, METRICS_PATH = "/api/", "/metrics"
SAFE_METHODS = frozenset({"GET", "HEAD"})
NOT_LET_IN = (
    "Send the header Authorization: Bearer with a token that is good; "
    "`inkbatch token create` makes one."
)
CLOSED = {"Connection": "close"}
ASKED = {"WWW-Authenticate": "Bearer", **CLOSED}


def is_for_scripts(path: str) -> bool:
    """Return whether a path is where scripts are known by a token, and people are not."""
    return path == METRICS_PATH or path.startswith(API_FOLDER)


async def script_refusal(scope: Scope, tokens: Tokens, *, now: datetime) -> Response | None:
    """Return the answer to a request that goes no further; else write down who sent it."""
    token = _bearer(Headers(scope=scope))
    try:
        person = await run_in_threadpool(tokens.person, token, now=now)
    except StoreError:
        said = "The database cannot be used now; ask again."
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, said, headers=CLOSED)
    if person is None:
        return problem(HTTPStatus.UNAUTHORIZED, NOT_LET_IN, headers=ASKED)
    if scope["method"] not in SAFE_METHODS and not person.may_change:
        said = "The token of a viewer changes nothing."
        return problem(HTTPStatus.FORBIDDEN, said, headers=CLOSED)
    scope["state"]["person"] = person
    return None


def _bearer(headers: Headers) -> str:
    """Return the token that was sent; the empty text for none, or several."""
    given = headers.getlist("authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
