"""`/api/v1/attempts/{attempt_id}`: whom the agent is talking to, and what came of it."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import SecretStr, ValidationError

from inkbatch.dialer.results import attempt_card, record_result
from inkbatch.domain.errors import UnknownAttempt
from inkbatch.ports import Clock, Store
from inkbatch.web.body import read_body
from inkbatch.web.posted import PostedResult

ATTEMPT_ID = re.compile(r"[0-9a-fA-F-]{32,36}")
SCHEME = "Bearer "


def agent_routes(*, store: Store, clock: Clock, tokens: Sequence[SecretStr]) -> APIRouter:
    """Return the endpoints for agents; without a token they answer 503 and tell nothing."""
    router = APIRouter(prefix="/api/v1/attempts", dependencies=[Depends(_only(tokens))])

    @router.get("/{attempt_id}")
    async def whom(attempt_id: Annotated[str, Depends(_attempt_id)]) -> dict[str, Any]:
        try:
            card = await run_in_threadpool(attempt_card, store, attempt_id)
        except UnknownAttempt as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from None
        contact = card.contact
        return {
            "attempt_id": card.attempt.id,
            "campaign": card.campaign.name,
            "ordinal": card.attempt.ordinal,
            "state": card.attempt.state,
            "contact": {
                "number": card.attempt.number,
                "zones": list(contact.zones),
                "fields": dict(contact.fields),
            },
        }

    @router.post("/{attempt_id}/result")
    async def result(
        request: Request, attempt_id: Annotated[str, Depends(_attempt_id)]
    ) -> dict[str, Any]:
        body = await read_body(request)
        try:
            told, default_id = _told(body)
            posted = PostedResult.model_validate(told).as_posted(default_id=default_id)
            recorded = await run_in_threadpool(
                record_result, store, attempt_id, posted, now=clock.now()
            )
        except ValidationError as error:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, _faults(error)) from None
        except UnknownAttempt as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from None
        except ValueError as error:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        at = recorded.result.call_back_at
        return {
            "attempt_id": attempt_id,
            "result": recorded.result.word,
            "effect": recorded.result.effect,
            "effective": recorded.effective,
            "why": recorded.why,
            "call_back_at": None if at is None else at.isoformat(),
        }

    return router


def _only(tokens: Sequence[SecretStr]) -> Callable[[Request], None]:
    """Let only those pass who carry one of the tokens; each is compared in constant time."""
    digests = [_digest(token.get_secret_value()) for token in tokens if token.get_secret_value()]

    def check(request: Request) -> None:
        if not digests:
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "no agent token is set here, so nobody is let in. Set INKBATCH_AGENT_TOKEN.",
            )
        given = request.headers.getlist("authorization")
        said = given[0] if len(given) == 1 else ""
        token = said[len(SCHEME) :].strip() if said[: len(SCHEME)].lower() == SCHEME.lower() else ""
        fits = [hmac.compare_digest(_digest(token), digest) for digest in digests]
        if not any(fits):
            raise HTTPException(
                HTTPStatus.UNAUTHORIZED,
                "send the header Authorization: Bearer with the token of INKBATCH_AGENT_TOKEN",
                headers={"WWW-Authenticate": "Bearer"},
            )

    return check


def _digest(token: str) -> bytes:
    """Tokens are compared as digests, so that neither length nor form tells anything."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _attempt_id(attempt_id: str) -> str:
    if not ATTEMPT_ID.fullmatch(attempt_id):
        raise HTTPException(HTTPStatus.NOT_FOUND, "there is no attempt of this id in the database")
    return attempt_id.lower()


def _told(body: bytes) -> tuple[Any, str]:
    """Return what the JSON says, and an id made of that for a result that has none of its own.

    It is read by the standard library, which takes the halves of characters that are met.
    """
    try:
        told = json.loads(body.decode())
        content = json.dumps(told, sort_keys=True).encode()
    except (ValueError, RecursionError):
        raise ValueError("the body is no JSON that can be read") from None
    return told, f"sha256:{hashlib.sha256(content).hexdigest()}"


def _faults(error: ValidationError) -> str:
    """Say where and what, without the values: they may be a transcript."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'the body'}: {fault['msg']}" for fault in faults[:10]
    )
