"""`POST /webhooks/inkbox`: call events, stored as they came before anything is made of them.

Nothing of a body is believed but which call it is about; a shift fetches that call by id. So an
event that comes twice, late, out of order or for a call of somebody else does no harm, and one
that never comes is made up for by polling.
"""

import hashlib
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import SecretStr
from pydantic_core import from_json

from inkbatch.ports import CallEvent, Clock, Store
from inkbatch.web.body import read_body
from inkbatch.web.signature import NotSigned, check_form, check_signature, usable_keys

EVENT_ID = re.compile(r"[!-~]{1,200}")
CALL_EVENTS = "call."
UUID_LENGTHS = (32, 36)


def webhook_routes(*, store: Store, clock: Clock, signing_keys: Sequence[SecretStr]) -> APIRouter:
    """Return the endpoint; without a usable key it answers 503 and stores nothing.

    200 says that the event is stored, or was before, or is of a kind that is of no use here: the
    sender need not send it again. 401 is for what is not signed as it should be, 400 for what
    tells of no call.
    """
    router = APIRouter()

    @router.post("/webhooks/inkbox")
    async def receive(request: Request) -> dict[str, Any]:
        if not usable_keys(signing_keys):
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "no signing key is set here, so no webhook can be believed. Set "
                "INKBATCH_WEBHOOK_SIGNING_KEYS.",
            )
        try:
            check_form(request.headers)
            body = await read_body(request)
            now = clock.now()
            check_signature(request.headers, body, keys=signing_keys, now=now)
        except NotSigned as error:
            raise HTTPException(HTTPStatus.UNAUTHORIZED, str(error)) from None
        told = _told(body)
        if not _is_of_a_call(told):
            return {"stored": False, "why": "it is no event of a call"}
        event = CallEvent(
            id=_event_id(told, body),
            call_id=_call_id(told),
            received_at=now,
            body=body.decode(),
        )
        is_new = await run_in_threadpool(_keep, store, event)
        return {"stored": is_new, "why": "new" if is_new else "it was stored before"}

    return router


def _keep(store: Store, event: CallEvent) -> bool:
    with store.transaction() as tx:
        return tx.keep_event(event)


def _told(body: bytes) -> dict[str, Any]:
    try:
        body.decode()
        told = from_json(body, allow_inf_nan=False)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body is no JSON object")
    return told


def _is_of_a_call(told: dict[str, Any]) -> bool:
    """An envelope says so by its type; a bare call object has none."""
    event_type = told.get("event_type")
    return event_type is None or str(event_type).startswith(CALL_EVENTS)


def _event_id(told: dict[str, Any], body: bytes) -> str:
    """Return the envelope's id; a bare call has none of its own, so its content is its id."""
    id_ = told.get("id")
    if "data" in told and isinstance(id_, str) and EVENT_ID.fullmatch(id_):
        return id_
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _call_id(told: dict[str, Any]) -> str:
    """Return the id of the call in its usual form: `data.call`, else `data`, else the body."""
    data = told.get("data", told)
    call = data.get("call", data) if isinstance(data, dict) else None
    id_ = call.get("id") if isinstance(call, dict) else None
    try:
        if isinstance(id_, str) and len(id_) in UUID_LENGTHS:
            return str(UUID(id_))
    except ValueError:
        pass
    raise HTTPException(HTTPStatus.BAD_REQUEST, "the event names no call by a UUID")
