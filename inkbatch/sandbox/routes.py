"""The paths of the API under /api/v1/phone, as `inkbox-calls-api.txt` has them.

Answers are built as plain JSON: a response model would check every call a second time. What the
OpenAPI document says of them stands in `documented`.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from inkbatch.sandbox import documented, refusals
from inkbatch.sandbox.call import LedgerCall
from inkbatch.sandbox.caller import TheCaller, own_number
from inkbatch.sandbox.created_span import AskedSpan
from inkbatch.sandbox.documented import CALL_PROBLEMS, HANG_UP, NUMBER_PROBLEMS, responses
from inkbatch.sandbox.organisations import PhoneNumber
from inkbatch.sandbox.wire import (
    PlaceCallRequest,
    UpdateNumberRequest,
    call_json,
    number_json,
    rate_limit_json,
)

API_PREFIX = "/api/v1/phone"
PAGE_MAX = 200


Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="Number of results to return")]
Offset = Annotated[int, Query(ge=0, description="Pagination offset, from the newest")]
# A blocked destination is refused before there is a call, so no call is a blocked one.
IsBlocked = Annotated[bool | None, Query(description="Only calls that are blocked, or are not")]

router = APIRouter(prefix=API_PREFIX)


@router.post("/place-call", responses=documented.PLACE_CALL)
async def place_call(caller: TheCaller, wanted: PlaceCallRequest) -> JSONResponse:
    """Place an outbound call."""
    call, usage = caller.exchange.place(caller.account, wanted)
    return JSONResponse({**call_json(call), "rate_limit": rate_limit_json(usage)})


@router.get("/numbers", responses=responses(list[documented.Number]))
async def list_numbers(caller: TheCaller) -> JSONResponse:
    """List the organisation's phone numbers."""
    numbers = caller.exchange.accounts.numbers(caller.account)
    return JSONResponse([number_json(number) for number in numbers])


@router.get("/numbers/{phone_number_id}", responses=responses(documented.Number, **NUMBER_PROBLEMS))
async def get_number(number: Annotated[PhoneNumber, Depends(own_number)]) -> JSONResponse:
    """Get one phone number."""
    return JSONResponse(number_json(number))


@router.patch(
    "/numbers/{phone_number_id}", responses=responses(documented.Number, **NUMBER_PROBLEMS)
)
async def update_number(
    caller: TheCaller,
    number: Annotated[PhoneNumber, Depends(own_number)],
    wanted: UpdateNumberRequest,
) -> JSONResponse:
    """Set what is given of one phone number; calls placed from now on go by it."""
    settings = wanted.model_dump(exclude_unset=True)
    updated = caller.exchange.accounts.update(number, now=caller.exchange.now(), **settings)
    return JSONResponse(number_json(updated))


@router.get(
    "/numbers/{phone_number_id}/calls",
    responses=responses(list[documented.Call], **NUMBER_PROBLEMS),
)
async def list_calls_of_number(
    caller: TheCaller,
    number: Annotated[PhoneNumber, Depends(own_number)],
    *,
    limit: Limit = 50,
    offset: Offset = 0,
    is_blocked: IsBlocked = None,
) -> JSONResponse:
    """List calls for a phone number, newest first."""
    return _page(() if is_blocked else caller.exchange.calls(number, limit=limit, offset=offset))


@router.get(
    "/numbers/{phone_number_id}/calls/{call_id}",
    responses=responses(documented.Call, **CALL_PROBLEMS),
)
async def get_call_of_number(
    caller: TheCaller, number: Annotated[PhoneNumber, Depends(own_number)], call_id: UUID
) -> JSONResponse:
    """Get a single call of a phone number by id."""
    call = caller.exchange.call(caller.account, call_id)
    if call.from_number != number.number:
        raise refusals.no_such_call()
    return JSONResponse(call_json(call))


@router.get("/calls", responses=responses(list[documented.Call]))
async def list_calls(
    caller: TheCaller,
    created: AskedSpan,
    *,
    limit: Limit = 50,
    offset: Offset = 0,
    is_blocked: IsBlocked = None,
) -> JSONResponse:
    """List calls of all phone numbers of the organisation, newest first."""
    if is_blocked:
        return _page(())
    return _page(
        caller.exchange.calls_of_all_numbers(
            caller.account, created=created, limit=limit, offset=offset
        )
    )


@router.get("/calls/{call_id}", responses=responses(documented.Call, **CALL_PROBLEMS))
async def get_call(caller: TheCaller, call_id: UUID) -> JSONResponse:
    """Get a single call of the organisation by id."""
    return JSONResponse(call_json(caller.exchange.call(caller.account, call_id)))


@router.get(
    "/calls/{call_id}/tool-invocations",
    responses=responses(documented.ToolInvocations, **CALL_PROBLEMS),
)
async def list_tool_invocations(
    caller: TheCaller, call_id: UUID, *, limit: Limit = 50, offset: Offset = 0
) -> JSONResponse:
    """List what Inkbox's own voice agent did in a call: nothing, the sandbox has none."""
    caller.exchange.call(caller.account, call_id)
    return JSONResponse({"items": [], "limit": limit, "offset": offset, "has_more": False})


@router.post("/calls/{call_id}/hangup", responses=responses(documented.Call, **HANG_UP))
async def hang_up(caller: TheCaller, call_id: UUID) -> JSONResponse:
    """End a live call from our side: canceled before an answer, completed after it."""
    return JSONResponse(call_json(caller.exchange.hang_up(caller.account, call_id)))


def _page(calls: tuple[LedgerCall, ...]) -> JSONResponse:
    return JSONResponse([call_json(call) for call in calls])
