"""The paths of the API under /api/v1/phone, as `inkbox-calls-api.txt` has them."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Security
from fastapi.openapi.models import APIKey, APIKeyIn
from fastapi.responses import JSONResponse
from fastapi.security.base import SecurityBase

from inkbatch.sandbox.exchange import Account, Exchange
from inkbatch.sandbox.organisations import PhoneNumber
from inkbatch.sandbox.wire import PlaceCallRequest, call_json, number_json, rate_limit_json

API_PREFIX = "/api/v1/phone"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by its API key, and the exchange that it asks."""

    exchange: Exchange
    account: Account


class _ByApiKey(SecurityBase):
    """Finds the caller in one step: solving nested dependencies costs more than placing a call."""

    def __init__(self) -> None:
        self.model = APIKey.model_validate({"in": APIKeyIn.header, "name": "X-API-Key"})
        self.scheme_name = "ApiKey"

    async def __call__(self, request: Request) -> Caller:
        exchange: Exchange = request.app.state.exchange
        return Caller(exchange, exchange.account(request.headers.get("X-API-Key")))


TheCaller = Annotated[Caller, Security(_ByApiKey())]


async def _own_number(caller: TheCaller, phone_number_id: UUID) -> PhoneNumber:
    return caller.exchange.number(caller.account, phone_number_id)


# Answers are built as plain JSON: a response model would check every call a second time.
router = APIRouter(prefix=API_PREFIX)


@router.post("/place-call")
async def place_call(caller: TheCaller, wanted: PlaceCallRequest) -> JSONResponse:
    """Place an outbound call."""
    call, usage = caller.exchange.place(caller.account, wanted)
    return JSONResponse({**call_json(call), "rate_limit": rate_limit_json(usage)})


@router.get("/numbers")
async def list_numbers(caller: TheCaller) -> JSONResponse:
    """List the organisation's phone numbers."""
    numbers = caller.account.organisation.phone_numbers
    return JSONResponse([number_json(number) for number in numbers])


@router.get("/numbers/{phone_number_id}")
async def get_number(number: Annotated[PhoneNumber, Depends(_own_number)]) -> JSONResponse:
    """Get one phone number."""
    return JSONResponse(number_json(number))


@router.get("/numbers/{phone_number_id}/calls")
async def list_calls(
    caller: TheCaller,
    number: Annotated[PhoneNumber, Depends(_own_number)],
    *,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
    is_blocked: bool | None = None,
) -> JSONResponse:
    """List calls for a phone number, newest first."""
    # A blocked destination is refused before there is a call, so no call is a blocked one.
    page = () if is_blocked else caller.exchange.calls(number, limit=limit, offset=offset)
    return JSONResponse([call_json(call) for call in page])


@router.get("/numbers/{phone_number_id}/calls/{call_id}")
async def get_call(
    caller: TheCaller, number: Annotated[PhoneNumber, Depends(_own_number)], call_id: UUID
) -> JSONResponse:
    """Get a single call by id."""
    return JSONResponse(call_json(caller.exchange.call(number, call_id)))
