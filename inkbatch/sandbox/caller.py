"""Who asks, and for which of its phone numbers: what routes take as parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.openapi.models import APIKey, APIKeyIn
from fastapi.security.base import SecurityBase

from inkbatch.sandbox.accounts import Account
from inkbatch.sandbox.exchange import Exchange
from inkbatch.sandbox.media.transcript import Entry
from inkbatch.sandbox.organisations import PhoneNumber


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
        return Caller(exchange, exchange.accounts.by_key(request.headers.get("X-API-Key")))


TheCaller = Annotated[Caller, Security(_ByApiKey())]


async def own_number(caller: TheCaller, phone_number_id: UUID) -> PhoneNumber:
    """Return the number of the path; raises the 403 and the 404."""
    return caller.exchange.accounts.number(caller.account, phone_number_id)


SaidIn = Callable[[UUID], Sequence[Entry]]
"""Returns the turns of a call by its id, none where no agent was talked with."""


async def _said_in(request: Request) -> SaidIn:
    said_in: SaidIn = request.app.state.said_in
    return said_in


TheTranscripts = Annotated[SaidIn, Depends(_said_in)]
